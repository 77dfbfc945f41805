// Sequence arithmetic around the wrap.
#include "rtp/sequence.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(SeqNum, ComparesByTheShorterWay) {
  EXPECT_TRUE(SeqNum(0).IsNewerThan(SeqNum(65535)));
  EXPECT_FALSE(SeqNum(65535).IsNewerThan(SeqNum(0)));
  EXPECT_FALSE(SeqNum(5).IsNewerThan(SeqNum(5)));
  EXPECT_EQ(SeqNum(2).DistanceFrom(SeqNum(65534)), 4);
  EXPECT_EQ((SeqNum(65535) + 2).value(), 1);
}

TEST(Unwrapper, FollowsWrapsBothWays) {
  SeqUnwrapper unwrapper;
  const int64_t start = unwrapper.Unwrap(65000);
  EXPECT_EQ(unwrapper.Unwrap(65535), start + 535);
  EXPECT_EQ(unwrapper.Unwrap(3), start + 539);
  EXPECT_EQ(unwrapper.Peek(65534), start + 534);
  EXPECT_EQ(unwrapper.Unwrap(65534), start + 534);
  EXPECT_EQ(unwrapper.Unwrap(4), start + 540);
}

TEST(Unwrapper, Timestamps) {
  TimestampUnwrapper unwrapper;
  const int64_t start = unwrapper.Unwrap(0xffffff00u);
  EXPECT_EQ(unwrapper.Unwrap(0x100u), start + 0x200);
  EXPECT_EQ(unwrapper.Unwrap(0xfffffff0u), start + 0xf0);
}

}  // namespace
}  // namespace sfu
