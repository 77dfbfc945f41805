// AV1 payloads (AOMedia's RTP Payload Format For AV1).
#include "rtp/codecs/av1.h"

#include <gtest/gtest.h>

#include "payload_test_util.h"

namespace sfu {
namespace {

PayloadInfo Parse(std::string_view text) { return ParseHex(CodecId::kAv1, text); }

TEST(Av1Test, KeyFrame) {
  const PayloadInfo info =
      Parse("280f0800210700818040410f3fb3006802340010477008208204821100c1bbdb");
  ASSERT_TRUE(info.valid);
  EXPECT_TRUE(info.key_frame);
  EXPECT_TRUE(info.frame_start);
  EXPECT_TRUE(info.has_spatial && info.has_temporal);  // from the frame behind the sequence header
  EXPECT_EQ(info.spatial_layer, 0);
  EXPECT_EQ(info.temporal_layer, 0);
}

TEST(Av1Test, LayersOfAFrame) {
  const PayloadInfo t1 = Parse("103420300040000001238034");
  ASSERT_TRUE(t1.valid);
  EXPECT_TRUE(t1.frame_start);
  EXPECT_FALSE(t1.key_frame);
  EXPECT_TRUE(t1.has_temporal && t1.has_spatial);
  EXPECT_EQ(t1.temporal_layer, 1);
  EXPECT_EQ(t1.spatial_layer, 0);
  const PayloadInfo s1t2 = Parse("5034483400040000026801ff");
  EXPECT_EQ(s1t2.temporal_layer, 2);
  EXPECT_EQ(s1t2.spatial_layer, 1);
  EXPECT_TRUE(s1t2.frame_start);
}

TEST(Av1Test, ContinuationTellsNothing) {
  const PayloadInfo info = Parse("9095a14feac2ae6a");
  ASSERT_TRUE(info.valid);
  EXPECT_FALSE(info.frame_start);
  EXPECT_FALSE(info.key_frame);
  EXPECT_FALSE(info.has_temporal);
}

TEST(Av1Test, KeyFrameNeedsFlagAndSequenceHeader) {
  EXPECT_TRUE(Parse("18 0a0b00").key_frame);
  EXPECT_FALSE(Parse("10 0a0b00").key_frame);  // no N
  EXPECT_FALSE(Parse("18 320b00").key_frame);  // a frame, no sequence header
  EXPECT_FALSE(Parse("98 0a0b00").key_frame);  // continued
}

TEST(Av1Test, SizesOfAllElements) {
  // W = 0: sequence header of 3 bytes, frame of 2, each with its size.
  const PayloadInfo info = Parse("08 03 080000 02 3000");
  EXPECT_TRUE(info.valid && info.key_frame && info.frame_start);
  EXPECT_FALSE(Parse("08 03 080000 03 3000").valid);
  EXPECT_FALSE(Parse("08").valid);
  EXPECT_TRUE(Parse("00 00 02 3000").valid);  // an empty element is skipped
}

TEST(Av1Test, CountedElements) {
  EXPECT_TRUE(Parse("20 02 0800 3000").valid);
  EXPECT_TRUE(Parse("30 02 0800 02 2800 3000").valid);
  EXPECT_FALSE(Parse("20 02 0800").valid);       // the second is missing
  EXPECT_FALSE(Parse("30 02 0800 3000").valid);  // the second is longer than the payload
  EXPECT_FALSE(Parse("10").valid);
}

TEST(Av1Test, HostileLeb128) {
  EXPECT_TRUE(Parse("00 8280808000 3000").valid);           // padded, allowed
  EXPECT_FALSE(Parse("00 ffffffffffffffffff 3000").valid);  // never ends
  EXPECT_FALSE(Parse("00 ffffffffffffff7f 3000").valid);    // 2^56 - 1
  EXPECT_FALSE(Parse("00 ffffffff0f 3000").valid);          // 2^32 - 1
  EXPECT_FALSE(Parse("00 80").valid);                       // cut
  EXPECT_FALSE(Parse("00 8280808080808080 003000").valid);  // nine octets
}

TEST(Av1Test, BrokenObuHeaders) {
  EXPECT_FALSE(Parse("10 b000").valid);  // forbidden bit
  EXPECT_FALSE(Parse("10 34").valid);    // extension is missing
  EXPECT_TRUE(Parse("90 b000").valid);   // the same bytes inside an OBU are not a header
}

TEST(Av1Test, TileGroupsDoNotStartAFrame) {
  EXPECT_FALSE(Parse("10 2000").frame_start);
  EXPECT_TRUE(Parse("10 1800").frame_start);
}

}  // namespace
}  // namespace sfu
