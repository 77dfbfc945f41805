// That our answers to real browsers are mediasoup's: from the router's capabilities over a Producer
// to its Consumers, in the other browser as well.
#include "golden.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ortc/consumer_parameters.h"
#include "ortc/producer_parameters.h"
#include "ortc/router_capabilities.h"
#include "ortc/rtp_capabilities_json.h"
#include "ortc/rtp_parameters_json.h"

namespace sfu::ortc {
namespace {

using nlohmann::json;

RtpParameters ParametersIn(const json& parent, const char* name) {
  Result<RtpParameters> parameters = ParseRtpParameters(parent.at(name).dump(), name);
  if (parameters) return parameters.value();
  ADD_FAILURE() << parameters.error().ToString();
  return {};
}

// SSRCs are drawn, so only their pattern can be compared.
void CopySsrcs(const RtpParameters& from, RtpParameters* to) {
  ASSERT_EQ(from.encodings.size(), to->encodings.size());
  for (size_t i = 0; i < from.encodings.size(); ++i) {
    ASSERT_EQ(from.encodings[i].rtx_ssrc.has_value(), to->encodings[i].rtx_ssrc.has_value());
    to->encodings[i].ssrc = from.encodings[i].ssrc;
    to->encodings[i].rtx_ssrc = from.encodings[i].rtx_ssrc;
  }
}

void ExpectSame(const RtpParameters& ours, RtpParameters theirs, const std::string& what) {
  SCOPED_TRACE(what);
  CopySsrcs(ours, &theirs);
  EXPECT_EQ(ToJson(ours), ToJson(theirs));
}

TEST(GoldenTest, RouterCapabilities) {
  const Result<RtpCapabilities> made = MakeRouterCapabilities(GoldenMediaCodecs());
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  EXPECT_EQ(ToJson(made.value()), ToJson(GoldenRouter()));
}

class GoldenProducerTest : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  std::string browser() const { return std::get<0>(GetParam()); }
  std::string codec() const { return std::get<1>(GetParam()); }
};

TEST_P(GoldenProducerTest, MatchesMediasoup) {
  const RtpParameters sent = GoldenParameters(browser() + "_produce_" + codec());
  const json expected = json::parse(GoldenText("expected_" + browser() + "_" + codec()));
  Random random(7);
  const MediaKind kind = codec() == "opus" ? MediaKind::kAudio : MediaKind::kVideo;
  const Result<ProducerDescription> producer =
      DescribeProducer(kind, sent, GoldenRouter(), {}, &random);
  ASSERT_TRUE(producer.ok()) << producer.error().ToString();
  EXPECT_EQ(ToJson(producer.value().parameters), ToJson(ParametersIn(expected, "parameters")));
  std::vector<RtpMapping::Codec> codecs;
  for (const json& entry : expected.at("codecMapping")) {
    codecs.push_back({entry.at("payloadType"), entry.at("mappedPayloadType")});
  }
  EXPECT_EQ(producer.value().mapping.codecs, codecs);
  const RtpParameters& consumable = producer.value().consumable;
  ExpectSame(consumable, ParametersIn(expected, "consumable"), "consumable");

  for (const std::string viewer : {"chromium", "firefox"}) {
    const RtpCapabilities receiver = GoldenCapabilities(viewer + "_recv_capabilities");
    EXPECT_TRUE(CanConsume(consumable, receiver));
    for (const bool rtx : {true, false}) {
      ConsumerOptions options;
      options.enable_rtx = rtx;
      const Result<RtpParameters> consumer =
          MakeConsumerParameters(consumable, receiver, options, &random);
      ASSERT_TRUE(consumer.ok()) << consumer.error().ToString();
      const std::string key = viewer + (rtx ? "_rtx" : "");
      ExpectSame(consumer.value(), ParametersIn(expected.at("consumers"), key.c_str()), key);
    }
  }
  // mediasoup announces RTX SSRCs to pipes even of codecs that have no RTX; we do not.
  RtpParameters pipe = ParametersIn(expected, "pipe");
  if (codec() == "opus") pipe.encodings.front().rtx_ssrc.reset();
  ExpectSame(MakePipeConsumerParameters(consumable, true, &random), pipe, "pipe");
  ExpectSame(MakePipeConsumerParameters(consumable, false, &random),
             ParametersIn(expected, "pipe_no_rtx"), "pipe without RTX");
}

INSTANTIATE_TEST_SUITE_P(Browsers, GoldenProducerTest,
                         testing::Combine(testing::Values("chromium", "firefox"),
                                          testing::Values("opus", "vp8", "vp9", "h264", "av1")),
                         [](const auto& test) {
                           return std::get<0>(test.param) + "_" + std::get<1>(test.param);
                         });

TEST(GoldenTest, NativeCapabilitiesOfBrowsersAreValid) {
  for (const char* browser : {"chromium", "firefox"}) {
    const RtpCapabilities native =
        GoldenCapabilities(std::string(browser) + "_native_capabilities");
    EXPECT_GE(native.codecs.size(), 15U) << browser;
    EXPECT_GE(native.header_extensions.size(), 7U) << browser;
  }
}

}  // namespace
}  // namespace sfu::ortc
