// VP9 payload descriptors (RFC 9628).
#include "rtp/codecs/vp9.h"

#include <gtest/gtest.h>

#include "payload_test_util.h"

namespace sfu {
namespace {

TEST(Vp9Test, KeyFrameOfAScalableStream) {
  const PayloadInfo info = ParseHex(CodecId::kVp9, "be8e1a1010014000b4834983420013f00b30");
  ASSERT_TRUE(info.valid);
  EXPECT_TRUE(info.key_frame);
  EXPECT_TRUE(info.frame_start);
  EXPECT_TRUE(info.end_of_frame);
  EXPECT_EQ(info.picture_id, 0x0e1a);
  EXPECT_TRUE(info.picture_id_is_15_bit);
  EXPECT_TRUE(info.has_spatial);
  EXPECT_TRUE(info.has_temporal);
  EXPECT_EQ(info.spatial_layer, 0);
  EXPECT_EQ(info.temporal_layer, 0);
  EXPECT_TRUE(info.layer_sync);
  EXPECT_FALSE(info.inter_picture);
  EXPECT_FALSE(info.inter_layer);
  EXPECT_FALSE(info.not_ref_upper);
  EXPECT_EQ(info.picture_id_offset, 0);  // VP9 is not rewritten
}

TEST(Vp9Test, UpperSpatialLayer) {
  const PayloadInfo info = ParseHex(CodecId::kVp9, "fd8e1f53028700280004fe02ce33a1c1");
  ASSERT_TRUE(info.valid);
  EXPECT_FALSE(info.key_frame);
  EXPECT_EQ(info.spatial_layer, 1);
  EXPECT_EQ(info.temporal_layer, 2);
  EXPECT_TRUE(info.layer_sync);
  EXPECT_TRUE(info.inter_layer);
  EXPECT_TRUE(info.inter_picture);
  EXPECT_TRUE(info.not_ref_upper);
}

TEST(Vp9Test, UpperLayerWithoutEarlierPicturesIsASwitchPointButNoKeyFrame) {
  const PayloadInfo info = ParseHex(CodecId::kVp9, "bd8e1e138702020004fe02ceb201c120");
  ASSERT_TRUE(info.valid);
  EXPECT_EQ(info.spatial_layer, 1);
  EXPECT_TRUE(info.inter_layer);
  EXPECT_FALSE(info.inter_picture);
  EXPECT_FALSE(info.key_frame);
}

TEST(Vp9Test, FrameBounds) {
  const PayloadInfo first = ParseHex(CodecId::kVp9, "f98e2033048708246004fe02");
  EXPECT_TRUE(first.frame_start);
  EXPECT_FALSE(first.end_of_frame);
  const PayloadInfo middle = ParseHex(CodecId::kVp9, "f18e203304a8ce126552b13a");
  EXPECT_FALSE(middle.frame_start);
  EXPECT_FALSE(middle.end_of_frame);
  const PayloadInfo last = ParseHex(CodecId::kVp9, "f58e2033049436a8ce1286d5");
  EXPECT_FALSE(last.frame_start);
  EXPECT_TRUE(last.end_of_frame);
  EXPECT_TRUE(middle.valid && first.valid && last.valid);
}

TEST(Vp9Test, StructureWithPictureGroup) {
  // GStreamer: no layers, sizes of one layer, one picture with one reference.
  const PayloadInfo info = ParseHex(CodecId::kVp9, "8e955a18014000f0010401b124c1a148");
  ASSERT_TRUE(info.valid);
  EXPECT_TRUE(info.key_frame);
  EXPECT_FALSE(info.has_spatial);
  EXPECT_EQ(info.picture_id, 0x155a);
}

TEST(Vp9Test, NonFlexibleModeCarriesTl0) {
  // I, P, L, B, E; 7-bit picture id; layer octet: temporal 3, spatial 2; TL0PICIDX 0x5a.
  const PayloadInfo info = ParseHex(CodecId::kVp9, "ec 05 64 5a 87");
  ASSERT_TRUE(info.valid);
  EXPECT_EQ(info.picture_id, 5);
  EXPECT_FALSE(info.picture_id_is_15_bit);
  EXPECT_EQ(info.temporal_layer, 3);
  EXPECT_EQ(info.spatial_layer, 2);
  EXPECT_EQ(info.tl0_pic_idx, 0x5a);
}

TEST(Vp9Test, FourReferencesAreInvalid) {
  EXPECT_TRUE(ParseHex(CodecId::kVp9, "dc 05 030504 87").valid);
  EXPECT_FALSE(ParseHex(CodecId::kVp9, "dc 05 03050704 87").valid);
}

// pjsip read past the end here (CVE-2026-34235).
TEST(Vp9Test, StructureOfEightLayersIsBounded) {
  // V; eight layers with sizes: 32 bytes of them.
  std::vector<uint8_t> payload = FromHex("0af0");
  payload.resize(2 + 32 + 1);
  EXPECT_TRUE(ParseVp9(payload).valid);
  ForEachTruncation(payload, [](const std::vector<uint8_t>& shorter) {
    EXPECT_FALSE(ParseVp9(shorter).valid) << shorter.size();
  });
}

TEST(Vp9Test, PictureGroupIsBounded) {
  // V; one layer without size; 255 pictures of three references each: 4 bytes a picture.
  std::vector<uint8_t> payload = FromHex("0a08ff");
  for (int i = 0; i < 255; ++i) payload.insert(payload.end(), {0x0c, 1, 2, 3});
  EXPECT_FALSE(ParseVp9(payload).valid);  // no frame data
  payload.push_back(0x87);
  EXPECT_TRUE(ParseVp9(payload).valid);
  ForEachTruncation(payload, [](const std::vector<uint8_t>& shorter) {
    EXPECT_FALSE(ParseVp9(shorter).valid) << shorter.size();
  });
}

}  // namespace
}  // namespace sfu
