// PictureID and TL0PICIDX across pauses and source changes.
#include "rtp/codecs/vp8_rewriter.h"

#include <gtest/gtest.h>

#include "payload_test_util.h"

namespace sfu {
namespace {

PayloadInfo Wide(int picture_id, int tl0) {
  PayloadInfo info;
  info.valid = true;
  info.picture_id_offset = 2;
  info.picture_id_is_15_bit = true;
  info.picture_id = static_cast<uint16_t>(picture_id & 0x7fff);
  info.tl0_pic_idx_offset = 4;
  info.tl0_pic_idx = static_cast<uint8_t>(tl0);
  return info;
}

PayloadInfo Narrow(int picture_id, int tl0) {
  PayloadInfo info = Wide(picture_id & 0x7f, tl0);
  info.picture_id_is_15_bit = false;
  info.tl0_pic_idx_offset = 3;
  return info;
}

struct Out {
  uint16_t picture_id;
  uint8_t tl0;
  bool operator==(const Out&) const = default;
};

Out Send(Vp8Rewriter& rewriter, const PayloadInfo& info, bool sync = false) {
  const Vp8Offsets offsets = rewriter.OnPacket(info, sync);
  return {offsets.PictureId(info), offsets.Tl0PicIdx(info)};
}

TEST(Vp8RewriterTest, FirstSourceGoesThroughAsItIs) {
  Vp8Rewriter rewriter;
  EXPECT_EQ(Send(rewriter, Wide(500, 7), true), (Out{500, 7}));
  EXPECT_EQ(Send(rewriter, Wide(501, 7)), (Out{501, 7}));
  EXPECT_EQ(rewriter.offsets(), Vp8Offsets());
}

TEST(Vp8RewriterTest, ContinuesAfterAPause) {
  Vp8Rewriter rewriter;
  Send(rewriter, Wide(500, 7), true);
  Send(rewriter, Wide(501, 8));
  EXPECT_EQ(Send(rewriter, Wide(2000, 90), true), (Out{502, 9}));
  EXPECT_EQ(Send(rewriter, Wide(2000, 90)), (Out{502, 9}));  // second packet of the frame
  EXPECT_EQ(Send(rewriter, Wide(2001, 91)), (Out{503, 10}));
}

TEST(Vp8RewriterTest, OffsetsHoldUntilTheNextSync) {
  Vp8Rewriter rewriter;
  Send(rewriter, Wide(500, 7), true);
  const Vp8Offsets joined = rewriter.OnPacket(Wide(30000, 200), true);
  for (int i = 1; i < 40000; ++i) {
    ASSERT_EQ(rewriter.OnPacket(Wide(30000 + i, 200 + i / 4), false), joined);
  }
  // A retransmission can be computed again at any time.
  EXPECT_EQ(joined.PictureId(Wide(30001, 200)), 502);
  EXPECT_EQ(joined.Tl0PicIdx(Wide(30001, 200)), 8);
}

TEST(Vp8RewriterTest, WrapsInBothWidths) {
  Vp8Rewriter rewriter;
  Send(rewriter, Wide(0x7fff, 255), true);
  EXPECT_EQ(Send(rewriter, Wide(5, 5), true), (Out{0, 0}));
  Vp8Rewriter narrow;
  Send(narrow, Narrow(0x7f, 255), true);
  EXPECT_EQ(Send(narrow, Narrow(5, 5), true), (Out{0, 0}));
}

TEST(Vp8RewriterTest, LatePacketsDoNotMoveTheNewestBack) {
  Vp8Rewriter rewriter;
  Send(rewriter, Wide(100, 10), true);
  Send(rewriter, Wide(105, 12));
  EXPECT_EQ(Send(rewriter, Wide(103, 11)), (Out{103, 11}));
  EXPECT_EQ(Send(rewriter, Wide(9000, 99), true), (Out{106, 13}));
}

TEST(Vp8RewriterTest, BetweenSourcesOfDifferentWidths) {
  Vp8Rewriter rewriter;
  Send(rewriter, Wide(1000, 1), true);
  EXPECT_EQ(Send(rewriter, Narrow(3, 50), true), (Out{1001 & 0x7f, 2}));
  for (int i = 1; i < 300; ++i) {
    EXPECT_EQ(Send(rewriter, Narrow(3 + i, 50)).picture_id, (1001 + i) & 0x7f);
  }
  EXPECT_EQ(Send(rewriter, Wide(7, 0), true), (Out{1301, 3}));
}

TEST(Vp8RewriterTest, FieldThatAppearsLaterIsJoinedOnThere) {
  Vp8Rewriter rewriter;
  Send(rewriter, Wide(1000, 10), true);
  PayloadInfo bare;
  bare.valid = true;
  rewriter.OnPacket(bare, true);
  rewriter.OnPacket(bare, false);
  EXPECT_EQ(Send(rewriter, Wide(77, 200)), (Out{1001, 11}));
  EXPECT_EQ(Send(rewriter, Wide(78, 201)), (Out{1002, 12}));
}

// The sender lies: its PictureIDs and TL0PICIDXs are random. What follows a sync point must still
// be newer, by the shorter way round, than the newest of all that went before.
TEST(Vp8RewriterTest, RandomClaimsStayMonotonicAcrossSyncPoints) {
  Random random(4711);
  Vp8Rewriter rewriter;
  int newest_id = -1;
  int newest_tl0 = -1;
  for (int i = 0; i < 20000; ++i) {
    const bool sync = i % 50 == 0;
    const Out out = Send(rewriter, Wide(random.U16(), random.U16() & 0xff), sync);
    if (sync && newest_id >= 0) {
      ASSERT_EQ(out.picture_id, (newest_id + 1) & 0x7fff);
      ASSERT_EQ(out.tl0, (newest_tl0 + 1) & 0xff);
    }
    if (newest_id < 0 || ((out.picture_id - newest_id) & 0x7fff) < 0x4000)
      newest_id = out.picture_id;
    if (newest_tl0 < 0 || ((out.tl0 - newest_tl0) & 0xff) < 0x80) newest_tl0 = out.tl0;
  }
}

TEST(PatchVp8DescriptorTest, PatchesWideFields) {
  std::vector<uint8_t> payload = FromHex("90e0ac8ced203013009d012a4001b4003961");
  const PayloadInfo info = ParsePayload(CodecId::kVp8, payload);
  PatchVp8Descriptor(payload, info, 0x1234, 0x56);
  EXPECT_EQ(payload, FromHex("90e0923456203013009d012a4001b4003961"));
  const PayloadInfo again = ParsePayload(CodecId::kVp8, payload);
  EXPECT_EQ(again.picture_id, 0x1234);
  EXPECT_EQ(again.tl0_pic_idx, 0x56);
  EXPECT_TRUE(again.key_frame);
}

TEST(PatchVp8DescriptorTest, PatchesNarrowPictureId) {
  std::vector<uint8_t> payload = FromHex("9080273021009d012a4001f00000");
  const PayloadInfo info = ParsePayload(CodecId::kVp8, payload);
  PatchVp8Descriptor(payload, info, 0x1ff, 0x56);
  EXPECT_EQ(payload, FromHex("90807f3021009d012a4001f00000"));
}

TEST(PatchVp8DescriptorTest, LeavesAbsentFieldsAndForeignPayloadsAlone) {
  std::vector<uint8_t> bare = FromHex("10f011009d012a4001b400396100");
  const std::vector<uint8_t> before = bare;
  PatchVp8Descriptor(bare, ParsePayload(CodecId::kVp8, bare), 0x1234, 0x56);
  EXPECT_EQ(bare, before);
  for (size_t size = 0; size < 4; ++size) {
    std::vector<uint8_t> small(size, 0xaa);
    PatchVp8Descriptor(small, Wide(1, 1), 0x1234, 0x56);
    EXPECT_EQ(small, std::vector<uint8_t>(size, 0xaa));
  }
}

}  // namespace
}  // namespace sfu
