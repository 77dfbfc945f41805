// Time arithmetic: Never and Infinite absorb, everything else is plain nanoseconds.
#include "base/time.h"

#include <gtest/gtest.h>

#include "base/data_rate.h"

namespace sfu {
namespace {

TEST(Time, Arithmetic) {
  const Timestamp t = Timestamp::FromMillis(5) + TimeDelta::Micros(10);
  EXPECT_EQ(t.ns(), 5'010'000);
  EXPECT_EQ((t - Timestamp::FromMillis(7)).us(), -1990);
  EXPECT_LT(t, Timestamp::Never());
}

TEST(Time, NeverAndInfiniteAbsorb) {
  EXPECT_TRUE((Timestamp::Never() + TimeDelta::Seconds(1)).is_never());
  EXPECT_TRUE((Timestamp::Never() - TimeDelta::Seconds(1)).is_never());
  EXPECT_TRUE((Timestamp::FromMillis(1) + TimeDelta::Infinite()).is_never());
  EXPECT_TRUE((TimeDelta::Infinite() + TimeDelta::Millis(-1)).is_infinite());
}

TEST(DataRate, FromBytes) {
  EXPECT_EQ(DataRate::FromBytes(1250, TimeDelta::Millis(10)).bps(), 1'000'000);
  EXPECT_EQ(DataRate::FromBytes(1250, TimeDelta::Zero()).bps(), 0);
}

}  // namespace
}  // namespace sfu
