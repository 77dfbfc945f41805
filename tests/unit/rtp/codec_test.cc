// Codec names.
#include "rtp/codec.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(CodecTest, NamesInAnyCase) {
  EXPECT_EQ(CodecIdFromName("VP8"), CodecId::kVp8);
  EXPECT_EQ(CodecIdFromName("vp9"), CodecId::kVp9);
  EXPECT_EQ(CodecIdFromName("h264"), CodecId::kH264);
  EXPECT_EQ(CodecIdFromName("H265"), CodecId::kH265);
  EXPECT_EQ(CodecIdFromName("Av1"), CodecId::kAv1);
  EXPECT_EQ(CodecIdFromName("opus"), CodecId::kOpus);
  EXPECT_EQ(CodecIdFromName("OPUS"), CodecId::kOpus);
}

TEST(CodecTest, OthersAreOther) {
  for (const char* name : {"", "VP", "VP80", " VP8", "rtx", "H264-SVC", "PCMU", "multiopus"}) {
    EXPECT_EQ(CodecIdFromName(name), CodecId::kOther) << name;
  }
}

}  // namespace
}  // namespace sfu
