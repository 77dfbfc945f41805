// Producers: mapping and its errors. That the results are mediasoup's is tested by golden_test.cc.
#include "ortc/producer_parameters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "golden.h"
#include "ortc/router_capabilities.h"
#include "rtp/extension_values.h"

namespace sfu::ortc {
namespace {

Result<ProducerDescription> Describe(MediaKind kind, const RtpParameters& parameters,
                                     const ProducerOptions& options = {}) {
  Random random(1);
  return DescribeProducer(kind, parameters, GoldenRouter(), options, &random);
}

ProducerDescription Described(MediaKind kind, const RtpParameters& parameters,
                              const ProducerOptions& options = {}) {
  Result<ProducerDescription> producer = Describe(kind, parameters, options);
  if (producer) return std::move(producer).value();
  ADD_FAILURE() << producer.error().ToString();
  return {};
}

std::string ErrorOf(MediaKind kind, const RtpParameters& parameters) {
  const Result<ProducerDescription> producer = Describe(kind, parameters);
  return producer ? "none" : producer.error().ToString();
}

RtpParameters Video() { return GoldenParameters("chromium_produce_vp8"); }
RtpParameters Audio() { return GoldenParameters("chromium_produce_opus"); }

TEST(ProducerParametersTest, MapsPayloadTypesAndExtensionIds) {
  const ProducerDescription producer = Described(MediaKind::kVideo, Video());
  EXPECT_EQ(producer.mapping.MapPayloadType(96), 101);
  EXPECT_EQ(producer.mapping.MapPayloadType(97), 102);
  EXPECT_EQ(producer.mapping.MapPayloadType(98), std::nullopt);
  // Chromium's mid, rid and transport-wide-cc.
  EXPECT_EQ(producer.mapping.MapExtensionId(4), 1);
  EXPECT_EQ(producer.mapping.MapExtensionId(10), 2);
  EXPECT_EQ(producer.mapping.MapExtensionId(3), 5);
  EXPECT_EQ(producer.mapping.MapExtensionId(200), std::nullopt);
}

TEST(ProducerParametersTest, UnknownExtensionsAreNotMapped) {
  RtpParameters parameters = Video();
  parameters.header_extensions.push_back({"urn:unknown", 200, false, {}});
  const ProducerDescription producer = Described(MediaKind::kVideo, parameters);
  EXPECT_EQ(producer.mapping.MapExtensionId(200), std::nullopt);
  EXPECT_EQ(producer.mapping.extensions.size(), parameters.header_extensions.size() - 1);
}

TEST(ProducerParametersTest, MapsEncodingsToSsrcsInARow) {
  const ProducerDescription producer = Described(MediaKind::kVideo, Video());
  ASSERT_EQ(producer.mapping.encodings.size(), 3U);
  const Ssrc first = producer.mapping.encodings[0].mapped_ssrc;
  EXPECT_NE(first, 0U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(producer.mapping.encodings[i].rid, "r" + std::to_string(i));
    EXPECT_EQ(producer.mapping.encodings[i].mapped_ssrc, first + i);
    EXPECT_EQ(producer.consumable.encodings[i].ssrc, first + i);
    EXPECT_EQ(producer.consumable.encodings[i].rid, "");
  }
}

TEST(ProducerParametersTest, SsrcsComeFromTheRandomSource) {
  Random a(1);
  Random b(1);
  std::set<Ssrc> drawn;
  for (int i = 0; i < 20; ++i) {
    const auto x = DescribeProducer(MediaKind::kAudio, Audio(), GoldenRouter(), {}, &a);
    const auto y = DescribeProducer(MediaKind::kAudio, Audio(), GoldenRouter(), {}, &b);
    EXPECT_EQ(x.value().mapping.encodings, y.value().mapping.encodings);
    drawn.insert(x.value().mapping.encodings[0].mapped_ssrc);
  }
  EXPECT_EQ(drawn.size(), 20U);
}

TEST(ProducerParametersTest, Types) {
  EXPECT_EQ(Described(MediaKind::kAudio, Audio()).type, ProducerType::kSimple);
  EXPECT_EQ(Described(MediaKind::kVideo, Video()).type, ProducerType::kSimulcast);
  EXPECT_EQ(Described(MediaKind::kVideo, GoldenParameters("chromium_produce_vp9")).type,
            ProducerType::kSvc);
  EXPECT_EQ(Described(MediaKind::kVideo, GoldenParameters("chromium_produce_h264")).type,
            ProducerType::kSimple);
  RtpParameters one = Video();
  one.encodings.resize(1);
  one.encodings[0].scalability_mode = "L1T1";
  EXPECT_EQ(Described(MediaKind::kVideo, one).type, ProducerType::kSimple);
  EXPECT_EQ(ProducerTypeName(ProducerType::kSimple), "simple");
  EXPECT_EQ(ProducerTypeName(ProducerType::kSimulcast), "simulcast");
  EXPECT_EQ(ProducerTypeName(ProducerType::kSvc), "svc");
}

TEST(ProducerParametersTest, OneEncodingWhenNoneIsGiven) {
  RtpParameters parameters = Audio();
  parameters.encodings.clear();
  const ProducerDescription producer = Described(MediaKind::kAudio, parameters);
  EXPECT_EQ(producer.parameters.encodings.size(), 1U);
  EXPECT_EQ(producer.consumable.encodings.size(), 1U);
}

TEST(ProducerParametersTest, CnameOfTheTransport) {
  EXPECT_EQ(Described(MediaKind::kAudio, Audio()).consumable.rtcp.cname, "9f2c8f6e");
  const ProducerDescription producer = Described(MediaKind::kAudio, Audio(), {"transport", false});
  EXPECT_EQ(producer.parameters.rtcp.cname, "transport");
  EXPECT_EQ(producer.consumable.rtcp.cname, "transport");
}

TEST(ProducerParametersTest, LevelOfH264IsAgreedOn) {
  RtpParameters parameters = GoldenParameters("chromium_produce_h264");
  parameters.codecs[0].parameters.Set("profile-level-id", "42e034");
  EXPECT_EQ(Described(MediaKind::kVideo, parameters)
                .parameters.codecs[0]
                .parameters.Text("profile-level-id"),
            "42e034");
  parameters.codecs[0].parameters.Set("level-asymmetry-allowed", 0);
  const ProducerDescription lower = Described(MediaKind::kVideo, parameters);
  EXPECT_EQ(lower.parameters.codecs[0].parameters.Text("profile-level-id"), "42e01f");
  EXPECT_EQ(lower.consumable.codecs[0].parameters.Text("profile-level-id"), "42e01f");
}

TEST(ProducerParametersTest, ConsumersHaveRtxEvenIfTheProducerHasNot) {
  RtpParameters parameters = Video();
  parameters.codecs.resize(1);
  const ProducerDescription producer = Described(MediaKind::kVideo, parameters);
  ASSERT_EQ(producer.mapping.codecs.size(), 1U);
  ASSERT_EQ(producer.consumable.codecs.size(), 2U);
  EXPECT_TRUE(producer.consumable.codecs[1].IsRtx());
}

TEST(ProducerParametersTest, TwoCodecsThatAreOneToTheRouter) {
  RtpParameters parameters = Video();
  parameters.codecs.push_back(parameters.codecs[0]);
  parameters.codecs.back().payload_type = 50;
  const ProducerDescription producer = Described(MediaKind::kVideo, parameters);
  EXPECT_EQ(producer.mapping.MapPayloadType(96), 101);
  EXPECT_EQ(producer.mapping.MapPayloadType(50), 101);
  EXPECT_EQ(producer.consumable.codecs.size(), 2U);
}

TEST(ProducerParametersTest, CaptureTimeIsOfferedIfItIsSent) {
  const auto offers = [](const RtpParameters& parameters) {
    const ProducerDescription producer = Described(MediaKind::kVideo, parameters);
    return std::any_of(producer.consumable.header_extensions.begin(),
                       producer.consumable.header_extensions.end(),
                       [](const auto& e) { return e.uri == AbsCaptureTime::kUri; });
  };
  RtpParameters parameters = Video();
  std::erase_if(parameters.header_extensions,
                [](const auto& e) { return e.uri == AbsCaptureTime::kUri; });
  EXPECT_FALSE(offers(parameters));
  parameters.header_extensions.push_back({std::string(AbsCaptureTime::kUri), 77, false, {}});
  EXPECT_TRUE(offers(parameters));
}

// The result does not depend on the order in which codecs and extensions are named.
TEST(ProducerParametersTest, AnyOrderOfCodecsAndExtensions) {
  RtpParameters parameters = Video();
  const ProducerDescription before = Described(MediaKind::kVideo, parameters);
  for (size_t round = 0; round < parameters.header_extensions.size(); ++round) {
    std::rotate(parameters.header_extensions.begin(), parameters.header_extensions.begin() + 1,
                parameters.header_extensions.end());
    std::rotate(parameters.codecs.begin(), parameters.codecs.begin() + 1, parameters.codecs.end());
    const ProducerDescription after = Described(MediaKind::kVideo, parameters);
    EXPECT_EQ(after.consumable, before.consumable);
    EXPECT_EQ(after.mapping.codecs, before.mapping.codecs);
    for (const auto& extension : before.mapping.extensions) {
      EXPECT_EQ(after.mapping.MapExtensionId(extension.id), extension.mapped_id);
    }
  }
}

TEST(ProducerParametersTest, Errors) {
  EXPECT_EQ(ErrorOf(MediaKind::kAudio, Video()),
            "rtpParameters.codecs[0].mimeType: must be of kind audio");
  EXPECT_EQ(ErrorOf(MediaKind::kVideo, Audio()),
            "rtpParameters.codecs[0].mimeType: must be of kind video");
  EXPECT_EQ(ErrorOf(MediaKind::kAudio, {}), "rtpParameters.codecs: must have a media codec");

  RtpParameters parameters = Video();
  parameters.codecs[0].name = "H265";
  EXPECT_EQ(ErrorOf(MediaKind::kVideo, parameters),
            "rtpParameters.codecs[0]: video/H265 is not among the router's codecs");
  parameters = GoldenParameters("chromium_produce_h264");
  parameters.codecs[0].parameters.Set("profile-level-id", "64001f");
  EXPECT_EQ(ErrorOf(MediaKind::kVideo, parameters),
            "rtpParameters.codecs[0]: video/H264 is not among the router's codecs");

  parameters = Audio();
  parameters.encodings.push_back(parameters.encodings[0]);
  parameters.encodings[1].ssrc = 5;
  EXPECT_EQ(ErrorOf(MediaKind::kAudio, parameters),
            "rtpParameters.encodings: must be one, for audio has no simulcast");
}

TEST(ProducerParametersTest, RtxThatTheRouterHasNot) {
  RtpParameters parameters = Audio();
  RtpCodecParameters rtx = parameters.codecs[0];
  rtx.name = "rtx";
  rtx.payload_type = 60;
  rtx.parameters = {{"apt", int64_t{parameters.codecs[0].payload_type}}};
  parameters.codecs.push_back(rtx);
  EXPECT_EQ(ErrorOf(MediaKind::kAudio, parameters),
            "rtpParameters.codecs[1]: the router has no RTX for its codec");
}

TEST(ProducerParametersTest, SourceMustBeKnown) {
  RtpParameters parameters = Audio();
  parameters.mid.clear();
  EXPECT_EQ(ErrorOf(MediaKind::kAudio, parameters), "none");
  parameters.encodings[0].ssrc.reset();
  EXPECT_EQ(ErrorOf(MediaKind::kAudio, parameters),
            "rtpParameters.encodings[0]: must have an ssrc or a rid, for there is no mid");
  EXPECT_TRUE(Describe(MediaKind::kAudio, parameters, {"", true}).ok());
  parameters.encodings[0].rid = "a";
  EXPECT_EQ(ErrorOf(MediaKind::kAudio, parameters), "none");
}

}  // namespace
}  // namespace sfu::ortc
