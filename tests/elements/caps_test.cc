// Caps and codecs.
#include <gtest/gtest.h>

#include "rtp_caps.h"

namespace sfu::gst {
namespace {

CapsRef Caps(const char* text) {
  gst_init(nullptr, nullptr);
  return CapsRef::Adopt(gst_caps_from_string(text));
}

std::string ErrorField(const char* text) {
  const auto info = ReadCaps(Caps(text).get());
  return info ? "" : info.error().field;
}

TEST(CapsTest, ReadsVideo) {
  const auto info =
      ReadCaps(Caps("application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000,"
                    "ssrc=(uint)77,rtcp-fb-nack-pli=true")
                   .get());
  ASSERT_TRUE(info);
  EXPECT_EQ(info.value().codec.id, CodecId::kVp8);
  EXPECT_EQ(info.value().codec.kind, MediaKind::kVideo);
  EXPECT_EQ(info.value().codec.payload_type, 96);
  EXPECT_EQ(info.value().ssrc, 77U);
  EXPECT_TRUE(info.value().codec.feedback.nack_pli);
  EXPECT_FALSE(info.value().codec.feedback.nack);
}

TEST(CapsTest, ReadsAudioChannelsAndStaticPayloadTypes) {
  const auto opus =
      ReadCaps(Caps("application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,"
                    "encoding-params=(string)2")
                   .get());
  ASSERT_TRUE(opus);
  EXPECT_EQ(opus.value().codec.channels, 2);
  const auto pcmu = ReadCaps(Caps("application/x-rtp,media=audio,payload=0").get());
  ASSERT_TRUE(pcmu);
  EXPECT_EQ(pcmu.value().codec.encoding_name, "PCMU");
  EXPECT_EQ(pcmu.value().codec.clock_rate, 8000U);
}

TEST(CapsTest, ErrorsNameTheField) {
  EXPECT_EQ(ErrorField("video/x-raw"), "caps");
  EXPECT_EQ(ErrorField("application/x-rtp,payload=96"), "media");
  EXPECT_EQ(ErrorField("application/x-rtp,media=film,payload=96"), "media");
  EXPECT_EQ(ErrorField("application/x-rtp,media=video"), "payload");
  EXPECT_EQ(ErrorField("application/x-rtp,media=video,payload=128"), "payload");
  EXPECT_EQ(ErrorField("application/x-rtp,media=video,payload=96"), "encoding-name");
  EXPECT_EQ(ErrorField("application/x-rtp,media=video,payload=96,encoding-name=VP8"), "clock-rate");
  EXPECT_EQ(ErrorField("application/x-rtp,media=video,payload=96,encoding-name=VP8,clock-rate=-1"),
            "clock-rate");
  EXPECT_EQ(ReadCaps(nullptr).error().field, "caps");
}

TEST(CapsTest, OutputCapsAskForFeedbackAndNameTheStream) {
  const CapsRef in = Caps(
      "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000,"
      "ssrc=(uint)77,seqnum-offset=(uint)5");
  const CapsRef out = OutputCaps(in.get(), ReadCaps(in.get()).value().codec, 99);
  EXPECT_TRUE(gst_caps_is_fixed(out.get()));
  const GstStructure* s = gst_caps_get_structure(out.get(), 0);
  guint ssrc = 0;
  gst_structure_get_uint(s, "ssrc", &ssrc);
  EXPECT_EQ(ssrc, 99U);
  EXPECT_FALSE(gst_structure_has_field(s, "seqnum-offset"));
  EXPECT_TRUE(gst_structure_has_field(s, "rtcp-fb-nack-pli"));
  EXPECT_TRUE(gst_structure_has_field(s, "rtcp-fb-ccm-fir"));
}

TEST(CapsTest, TheFeatureIsAddedAndTakenAway) {
  const CapsRef plain = Caps("application/x-rtp,media=video");
  const CapsRef batch = WithBatchFeature(plain.get(), true);
  EXPECT_TRUE(HasBatchFeature(batch.get()));
  EXPECT_FALSE(HasBatchFeature(plain.get()));
  EXPECT_FALSE(gst_caps_can_intersect(plain.get(), batch.get()));
  EXPECT_TRUE(CapsMeet(plain.get(), batch.get()));
  EXPECT_FALSE(CapsMeet(Caps("application/x-rtp,media=audio").get(), batch.get()));
}

TEST(CapsTest, HeaderExtensionsAreReadAndAnnounced) {
  const CapsRef in = Caps(
      "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,"
      "extmap-1=urn:ietf:params:rtp-hdrext:ssrc-audio-level,"
      "extmap-14=(string)<sendonly,\"urn:ietf:params:rtp-hdrext:sdes:mid\",\"\">,"
      "extmap-3=urn:nobody:knows,extmap-x=urn:ietf:params:rtp-hdrext:toffset,"
      "extmap-300=urn:ietf:params:rtp-hdrext:toffset");
  const RtpCodec codec = ReadCaps(in.get()).value().codec;
  EXPECT_EQ(codec.extension_id(ExtensionType::kAudioLevel), 1);
  EXPECT_EQ(codec.extension_id(ExtensionType::kMid), 14);
  EXPECT_EQ(codec.extension_id(ExtensionType::kTimeOffset), 0);
  const CapsRef out = OutputCaps(in.get(), codec, 99);
  const GstStructure* s = gst_caps_get_structure(out.get(), 0);
  for (const char* field : {"extmap-1", "extmap-3", "extmap-14"}) {
    EXPECT_TRUE(gst_structure_has_field(s, field)) << field;
  }
}

TEST(CapsTest, StaticPayloadTypesDescribeThemselves) {
  const auto info = ReadCaps(StaticCaps(9).get());
  ASSERT_TRUE(info);
  EXPECT_EQ(info.value().codec.encoding_name, "G722");
  EXPECT_EQ(info.value().codec.clock_rate, 8000U);
  EXPECT_EQ(ReadCaps(StaticCaps(26).get()).value().codec.kind, MediaKind::kVideo);
  EXPECT_FALSE(StaticCaps(96));
}

}  // namespace
}  // namespace sfu::gst
