// VP8 payload descriptors (RFC 7741).
#include "rtp/codecs/vp8.h"

#include <gtest/gtest.h>

#include "payload_test_util.h"

namespace sfu {
namespace {

TEST(Vp8Test, KeyFrameWithAllFields) {
  const PayloadInfo info = ParseHex(CodecId::kVp8, "90e0ac8ced203013009d012a4001b4003961");
  ASSERT_TRUE(info.valid);
  EXPECT_TRUE(info.key_frame);
  EXPECT_TRUE(info.frame_start);
  EXPECT_FALSE(info.discardable);
  EXPECT_EQ(info.picture_id, 0x2c8c);
  EXPECT_TRUE(info.picture_id_is_15_bit);
  EXPECT_EQ(info.picture_id_offset, 2);
  EXPECT_EQ(info.tl0_pic_idx, 0xed);
  EXPECT_EQ(info.tl0_pic_idx_offset, 4);
  EXPECT_TRUE(info.has_temporal);
  EXPECT_EQ(info.temporal_layer, 0);
  EXPECT_TRUE(info.layer_sync);
  EXPECT_FALSE(info.has_spatial);
}

TEST(Vp8Test, TemporalLayers) {
  const PayloadInfo sync2 = ParseHex(CodecId::kVp8, "b0e0ac8deda0910b000d1c24");
  EXPECT_TRUE(sync2.discardable);
  EXPECT_EQ(sync2.temporal_layer, 2);
  EXPECT_TRUE(sync2.layer_sync);
  EXPECT_FALSE(sync2.key_frame);
  const PayloadInfo sync1 = ParseHex(CodecId::kVp8, "90e0ac8eed60511000171c24");
  EXPECT_EQ(sync1.temporal_layer, 1);
  EXPECT_TRUE(sync1.layer_sync);
  EXPECT_FALSE(sync1.discardable);
  const PayloadInfo plain2 = ParseHex(CodecId::kVp8, "b0e0ac8fed80511000151c24");
  EXPECT_EQ(plain2.temporal_layer, 2);
  EXPECT_FALSE(plain2.layer_sync);
}

TEST(Vp8Test, SevenBitPictureId) {
  const PayloadInfo info = ParseHex(CodecId::kVp8, "9080273021009d012a4001f00000");
  ASSERT_TRUE(info.valid);
  EXPECT_TRUE(info.key_frame);
  EXPECT_FALSE(info.picture_id_is_15_bit);
  EXPECT_EQ(info.picture_id, 0x27);
  EXPECT_EQ(info.picture_id_offset, 2);
  EXPECT_EQ(info.tl0_pic_idx_offset, 0);
  EXPECT_FALSE(info.has_temporal);
}

TEST(Vp8Test, WithoutExtension) {
  const PayloadInfo info = ParseHex(CodecId::kVp8, "10f011009d012a4001b400396100");
  ASSERT_TRUE(info.valid);
  EXPECT_TRUE(info.key_frame);
  EXPECT_EQ(info.picture_id_offset, 0);
}

TEST(Vp8Test, KeyIndexWithoutTidIsNotALayer) {
  const PayloadInfo info = ParseHex(CodecId::kVp8, "9010ff 110500");
  ASSERT_TRUE(info.valid);
  EXPECT_FALSE(info.has_temporal);
  EXPECT_FALSE(info.layer_sync);
  EXPECT_EQ(info.temporal_layer, 0);
}

TEST(Vp8Test, LaterPacketsOfAFrameAreNoStart) {
  // S = 0; then S = 1 of the second partition. What follows would read as a key frame header.
  for (const char* text : {"80802730 21009d012a4001f00000", "91802730 21009d012a4001f00000"}) {
    const PayloadInfo info = ParseHex(CodecId::kVp8, text);
    ASSERT_TRUE(info.valid);
    EXPECT_FALSE(info.frame_start);
    EXPECT_FALSE(info.key_frame);
  }
}

TEST(Vp8Test, KeyFrameNeedsItsStartCode) {
  EXPECT_FALSE(ParseHex(CodecId::kVp8, "10f011009d012b4001b4003961").key_frame);
  EXPECT_FALSE(ParseHex(CodecId::kVp8, "10f011009d012a4001b4").key_frame);  // 9 bytes of 10
  EXPECT_TRUE(ParseHex(CodecId::kVp8, "10f011009d012a4001b400").key_frame);
}

TEST(Vp8Test, TruncatedDescriptorsAreInvalid) {
  // The descriptor is 6 bytes, and something must follow it.
  const std::vector<uint8_t> payload = FromHex("90e0ac8ced203013");
  ForEachTruncation(payload, [](const std::vector<uint8_t>& shorter) {
    EXPECT_EQ(ParseVp8(shorter).valid, shorter.size() > 6) << shorter.size();
  });
}

}  // namespace
}  // namespace sfu
