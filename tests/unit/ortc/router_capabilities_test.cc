// Payload types of a router, and its errors.
#include "ortc/router_capabilities.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "ortc/codec_match.h"
#include "ortc/supported_capabilities.h"

namespace sfu::ortc {
namespace {

RtpCodecCapability Codec(MediaKind kind, const char* name, uint32_t clock_rate, uint8_t channels,
                         std::optional<uint8_t> payload_type = std::nullopt) {
  RtpCodecCapability codec;
  codec.kind = kind;
  codec.name = name;
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  codec.preferred_payload_type = payload_type;
  return codec;
}

RtpCodecCapability Opus(std::optional<uint8_t> payload_type = std::nullopt) {
  return Codec(MediaKind::kAudio, "OPUS", 48000, 2, payload_type);
}
RtpCodecCapability Vp8(std::optional<uint8_t> payload_type = std::nullopt) {
  return Codec(MediaKind::kVideo, "vp8", 90000, 0, payload_type);
}

std::vector<int> PayloadTypes(const std::vector<RtpCodecCapability>& media_codecs) {
  const Result<RtpCapabilities> made = MakeRouterCapabilities(media_codecs);
  EXPECT_TRUE(made.ok()) << made.error().ToString();
  std::vector<int> types;
  if (!made) return types;
  for (const auto& codec : made.value().codecs) types.push_back(*codec.preferred_payload_type);
  return types;
}

std::string ErrorOf(const std::vector<RtpCodecCapability>& media_codecs) {
  const Result<RtpCapabilities> made = MakeRouterCapabilities(media_codecs);
  return made ? "none" : made.error().ToString();
}

TEST(RouterCapabilitiesTest, DynamicPayloadTypesInOrder) {
  EXPECT_EQ(PayloadTypes({Opus(), Vp8()}), (std::vector<int>{100, 101, 102}));
}

TEST(RouterCapabilitiesTest, PreferredIsKeptAndTaken) {
  EXPECT_EQ(PayloadTypes({Opus(111), Vp8(100), Codec(MediaKind::kVideo, "AV1", 90000, 0)}),
            (std::vector<int>{111, 100, 101, 102, 103}));
  EXPECT_EQ(PayloadTypes({Opus(35)}), (std::vector<int>{35}));
}

TEST(RouterCapabilitiesTest, StaticIsKept) {
  EXPECT_EQ(PayloadTypes({Codec(MediaKind::kAudio, "pcma", 8000, 1), Opus()}),
            (std::vector<int>{8, 100}));
  EXPECT_EQ(PayloadTypes({Codec(MediaKind::kAudio, "pcma", 8000, 1, 120)}),
            (std::vector<int>{120}));
}

TEST(RouterCapabilitiesTest, NamesAndFeedbackAreOurs) {
  RtpCodecCapability vp8 = Vp8();
  vp8.rtcp_feedback = {{"nack", ""}, {"invented", ""}};
  vp8.parameters = {{"x-google-start-bitrate", 1000}};
  const Result<RtpCapabilities> made = MakeRouterCapabilities({vp8});
  ASSERT_TRUE(made.ok());
  const RtpCodecCapability& codec = made.value().codecs[0];
  EXPECT_EQ(codec.MimeType(), "video/VP8");
  EXPECT_EQ(codec.rtcp_feedback.size(), 5U);
  EXPECT_EQ(codec.parameters, vp8.parameters);
  const RtpCodecCapability& rtx = made.value().codecs[1];
  EXPECT_EQ(rtx.MimeType(), "video/rtx");
  EXPECT_EQ(rtx.Apt(), codec.preferred_payload_type);
  EXPECT_TRUE(rtx.rtcp_feedback.empty());
}

TEST(RouterCapabilitiesTest, ParametersAreAddedToOurs) {
  RtpCodecCapability h264 = Codec(MediaKind::kVideo, "H264", 90000, 0);
  h264.parameters = {{"packetization-mode", 1}};
  const Result<RtpCapabilities> made = MakeRouterCapabilities({h264});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made.value().codecs[0].parameters,
            (FormatParameters{{"level-asymmetry-allowed", 1}, {"packetization-mode", 1}}));
}

TEST(RouterCapabilitiesTest, IsValidForEveryOrderOfCodecs) {
  std::vector<RtpCodecCapability> codecs = GoldenMediaCodecs();
  for (RtpCodecCapability& codec : codecs) codec.preferred_payload_type.reset();
  for (size_t round = 0; round < codecs.size(); ++round) {
    std::rotate(codecs.begin(), codecs.begin() + 1, codecs.end());
    const Result<RtpCapabilities> made = MakeRouterCapabilities(codecs);
    ASSERT_TRUE(made.ok()) << made.error().ToString();
    const Status status = CheckRtpCapabilities(made.value());
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    EXPECT_TRUE(CodecsMatch(made.value().codecs[0], codecs[0], CodecMatch::kFormat));
  }
}

TEST(RouterCapabilitiesTest, Conflicts) {
  EXPECT_EQ(ErrorOf({Opus(), Vp8(100)}),
            "mediaCodecs[1].preferredPayloadType: 100 is that of audio/opus/48000/2 already");
  EXPECT_EQ(ErrorOf({Vp8(), Opus(101)}),
            "mediaCodecs[1].preferredPayloadType: 101 is that of video/rtx/90000 already");
  EXPECT_EQ(
      ErrorOf({Codec(MediaKind::kAudio, "CN", 8000, 1), Codec(MediaKind::kAudio, "CN", 16000, 1)}),
      "mediaCodecs[1].preferredPayloadType: 13 is that of audio/CN/8000/1 already");
}

TEST(RouterCapabilitiesTest, WrongPayloadTypes) {
  EXPECT_EQ(ErrorOf({Opus(128)}), "mediaCodecs[0].preferredPayloadType: must be 0..127");
  for (const uint8_t type : {64, 72, 95}) {
    EXPECT_EQ(ErrorOf({Opus(type)}),
              "mediaCodecs[0].preferredPayloadType: must not be 64..95, which cannot be told from "
              "RTCP");
  }
  EXPECT_EQ(ErrorOf({Opus(63)}), "none");
}

TEST(RouterCapabilitiesTest, UnsupportedCodecs) {
  EXPECT_EQ(ErrorOf({Codec(MediaKind::kVideo, "rtx", 90000, 0)}),
            "mediaCodecs[0].mimeType: video/rtx/90000 is not supported");
  EXPECT_EQ(ErrorOf({Opus(), Codec(MediaKind::kAudio, "opus", 48000, 1)}),
            "mediaCodecs[1].mimeType: audio/opus/48000/1 is not supported");
  EXPECT_EQ(ErrorOf({Codec(MediaKind::kAudio, "SILK", 16000, 1)}),
            "mediaCodecs[0].mimeType: audio/SILK/16000/1 is not supported");
  EXPECT_EQ(ErrorOf({Codec(MediaKind::kAudio, "VP8", 90000, 1)}),
            "mediaCodecs[0].mimeType: audio/VP8/90000/1 is not supported");
  EXPECT_EQ(ErrorOf({Codec(MediaKind::kAudio, "", 90000, 1)}),
            "mediaCodecs[0].mimeType: names no codec");
  RtpCodecCapability h264 = Codec(MediaKind::kVideo, "H264", 90000, 0);
  h264.parameters = {{"profile-level-id", "42e0zz"}};
  EXPECT_EQ(ErrorOf({h264}),
            "mediaCodecs[0].parameters.profile-level-id: is no profile and level of H264");
}

TEST(RouterCapabilitiesTest, PayloadTypesRunOut) {
  // 32 dynamic ones: 16 video codecs with RTX.
  std::vector<RtpCodecCapability> codecs(16, Vp8());
  EXPECT_EQ(PayloadTypes(codecs).size(), 32U);
  codecs.push_back(Vp8());
  EXPECT_EQ(ErrorOf(codecs), "mediaCodecs[16]: no payload type is left for it");
  codecs.back() = Vp8(34);
  EXPECT_EQ(ErrorOf(codecs), "mediaCodecs[16]: no payload type is left for its RTX");
}

TEST(RouterCapabilitiesTest, UpdateKeepsWhatWasAfterAnError) {
  RouterCapabilities router;
  EXPECT_TRUE(router.current().codecs.empty());
  EXPECT_EQ(router.current().header_extensions, SupportedRtpCapabilities().header_extensions);
  ASSERT_TRUE(router.Update({Opus()}).ok());
  const RtpCapabilities before = router.current();
  const Status status = router.Update({Vp8(), Vp8(101)});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().field, "mediaCodecs[1].preferredPayloadType");
  EXPECT_EQ(router.current(), before);
  ASSERT_TRUE(router.Update({Opus(), Vp8()}).ok());
  EXPECT_EQ(router.current().codecs.size(), 3U);
}

}  // namespace
}  // namespace sfu::ortc
