// From parameters to streams and back.
#include "ortc/stream_mapping.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "ortc/consumer_parameters.h"
#include "ortc/producer_parameters.h"
#include "ortc/router_capabilities.h"

namespace sfu::ortc {
namespace {

StreamDescription Stream(const RtpParameters& parameters, size_t encoding) {
  auto stream = DescribeStream(parameters, encoding);
  if (stream) return std::move(stream).value();
  ADD_FAILURE() << stream.error().ToString();
  return {};
}

TEST(StreamMappingTest, SvcWithSsrcs) {
  const StreamDescription stream = Stream(GoldenParameters("chromium_produce_vp9"), 0);
  EXPECT_EQ(stream.codec.kind, MediaKind::kVideo);
  EXPECT_EQ(stream.codec.id, CodecId::kVp9);
  EXPECT_EQ(stream.codec.encoding_name, "VP9");
  EXPECT_EQ(stream.codec.payload_type, 98);
  EXPECT_EQ(stream.codec.rtx_payload_type, 99);
  EXPECT_EQ(stream.codec.clock_rate, 90000U);
  EXPECT_EQ(stream.codec.channels, 0);
  EXPECT_TRUE(stream.codec.feedback.nack);
  EXPECT_TRUE(stream.codec.feedback.nack_pli);
  EXPECT_TRUE(stream.codec.feedback.ccm_fir);
  EXPECT_TRUE(stream.codec.feedback.transport_cc);
  EXPECT_EQ(stream.ssrc, 3001U);
  EXPECT_EQ(stream.rtx_ssrc, 3002U);
  EXPECT_EQ(stream.rid, "");
}

TEST(StreamMappingTest, SimulcastWithRids) {
  const RtpParameters parameters = GoldenParameters("firefox_produce_vp8");
  const std::vector<std::string> rids = {"r0", "r1", "r2"};
  for (size_t i = 0; i < 3; ++i) {
    const StreamDescription stream = Stream(parameters, i);
    EXPECT_EQ(stream.rid, rids[i]);
    EXPECT_EQ(stream.ssrc, 0U);
    EXPECT_EQ(stream.rtx_ssrc, 0U);
    EXPECT_EQ(stream.codec.payload_type, 120);
    EXPECT_EQ(stream.codec.rtx_payload_type, 124);
  }
}

TEST(StreamMappingTest, AudioWithoutRtx) {
  const StreamDescription stream = Stream(GoldenParameters("chromium_produce_opus"), 0);
  EXPECT_EQ(stream.codec.id, CodecId::kOpus);
  EXPECT_EQ(stream.codec.channels, 2);
  EXPECT_EQ(stream.codec.rtx_payload_type, -1);
  EXPECT_FALSE(stream.codec.feedback.nack);
}

TEST(StreamMappingTest, Errors) {
  EXPECT_EQ(DescribeStream(GoldenParameters("chromium_produce_opus"), 1).error().ToString(),
            "rtpParameters.encodings[1]: is missing");
  RtpParameters nothing;
  nothing.encodings.resize(1);
  EXPECT_EQ(DescribeStream(nothing, 0).error().ToString(),
            "rtpParameters.encodings[0]: has no media codec");
}

TEST(StreamMappingTest, BackAgain) {
  for (const char* name : {"chromium_produce_vp9", "chromium_produce_opus"}) {
    const StreamDescription stream = Stream(GoldenParameters(name), 0);
    const RtpParameters parameters = ParametersOf(stream);
    EXPECT_TRUE(CheckRtpParameters(parameters).ok());
    const StreamDescription again = Stream(parameters, 0);
    EXPECT_EQ(again.codec.encoding_name, stream.codec.encoding_name);
    EXPECT_EQ(again.codec.payload_type, stream.codec.payload_type);
    EXPECT_EQ(again.codec.rtx_payload_type, stream.codec.rtx_payload_type);
    EXPECT_EQ(again.codec.channels, stream.codec.channels);
    EXPECT_EQ(again.ssrc, stream.ssrc);
    EXPECT_EQ(again.rtx_ssrc, stream.rtx_ssrc);
    EXPECT_EQ(FromFeedbackFlags(again.codec.feedback), FromFeedbackFlags(stream.codec.feedback));
  }
}

// What a GStreamer pad knows of its stream is enough for a browser to consume it.
TEST(StreamMappingTest, PadWithoutParametersCanBeConsumed) {
  StreamDescription stream;
  stream.codec.id = CodecId::kVp8;
  stream.codec.encoding_name = "VP8";
  stream.codec.payload_type = 96;
  Random random(1);
  const auto producer = DescribeProducer(MediaKind::kVideo, ParametersOf(stream), GoldenRouter(),
                                         {"cname", true}, &random);
  ASSERT_TRUE(producer.ok()) << producer.error().ToString();
  EXPECT_TRUE(
      CanConsume(producer.value().consumable, GoldenCapabilities("firefox_recv_capabilities")));
}

TEST(StreamMappingTest, ExtensionIds) {
  const ExtensionIds ids =
      ExtensionIdsOf(GoldenParameters("chromium_produce_vp8").header_extensions);
  EXPECT_EQ(ids[static_cast<size_t>(ExtensionType::kMid)], 4);
  EXPECT_EQ(ids[static_cast<size_t>(ExtensionType::kRid)], 10);
  EXPECT_EQ(ids[static_cast<size_t>(ExtensionType::kRepairedRid)], 11);
  EXPECT_EQ(ids[static_cast<size_t>(ExtensionType::kTransportSequence)], 3);
  EXPECT_EQ(ids[static_cast<size_t>(ExtensionType::kAudioLevel)], 0);
  EXPECT_EQ(ExtensionIdsOf({{"urn:unknown", 5, false, {}}}), ExtensionIds{});
}

TEST(StreamMappingTest, EveryFlagOfFeedback) {
  const std::vector<RtcpFeedback> all = {
      {"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"goog-remb", ""}, {"transport-cc", ""}};
  EXPECT_EQ(FromFeedbackFlags(ToFeedbackFlags(all)), all);
  for (const RtcpFeedback& one : all) {
    EXPECT_EQ(FromFeedbackFlags(ToFeedbackFlags({one})), std::vector<RtcpFeedback>{one});
  }
  EXPECT_TRUE(FromFeedbackFlags(ToFeedbackFlags({{"ack", ""}, {"nack", "sli"}})).empty());
}

}  // namespace
}  // namespace sfu::ortc
