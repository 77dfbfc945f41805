// When a REMB is due.
#include "congestion/incoming_limit.h"

#include <gtest/gtest.h>

namespace sfu::test {
namespace {

constexpr Timestamp At(int64_t ms) { return Timestamp::FromMillis(ms); }
constexpr DataRate kLimit = DataRate::BitsPerSecond(500'000);

TEST(IncomingLimit, SaysNothingUntilOneIsSet) {
  IncomingLimit limit;
  EXPECT_TRUE(limit.NextDeadline().is_never());
  limit.Set(DataRate(), At(1000));
  limit.Repeat(At(1000));
  EXPECT_TRUE(limit.NextDeadline().is_never());
  EXPECT_FALSE(limit.Poll(At(5000)));
}

TEST(IncomingLimit, IsToldAtOnceAndEverySecond) {
  IncomingLimit limit;
  limit.Set(kLimit, At(1000));
  EXPECT_EQ(limit.Poll(At(1000)), kLimit);
  EXPECT_FALSE(limit.Poll(At(1999)));
  EXPECT_EQ(limit.NextDeadline(), At(2000));
  EXPECT_EQ(limit.Poll(At(2000)), kLimit);
  limit.Set(kLimit, At(2100));
  EXPECT_FALSE(limit.Poll(At(2100)));
  limit.Repeat(At(2200));
  EXPECT_EQ(limit.Poll(At(2200)), kLimit);
}

TEST(IncomingLimit, IsLiftedAFewTimes) {
  IncomingLimit limit;
  limit.Set(kLimit, At(1000));
  EXPECT_EQ(limit.Poll(At(1000)), kLimit);
  limit.Set(DataRate(), At(1500));
  for (int i = 0; i < IncomingLimit::kLiftedRepeats; ++i) {
    EXPECT_EQ(limit.Poll(At(1500 + 1000 * i)), DataRate());
  }
  EXPECT_TRUE(limit.NextDeadline().is_never());
  limit.Set(kLimit, At(9000));
  EXPECT_EQ(limit.Poll(At(9000)), kLimit);
}

}  // namespace
}  // namespace sfu::test
