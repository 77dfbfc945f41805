// The windowed rate counter.
#include "stream/rate_counter.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(RateCounterTest, MeasuresASteadyRate) {
  RateCounter rate;
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(5)).bps(), 0);
  for (int ms = 0; ms < 3000; ms += 10) rate.Add(1250, Timestamp::FromMillis(ms));
  EXPECT_NEAR(static_cast<double>(rate.Rate(Timestamp::FromMillis(2999)).bps()), 1e6, 1e4);
  EXPECT_NEAR(rate.PacketsPerSecond(Timestamp::FromMillis(2999)), 100.0, 1.0);
}

TEST(RateCounterTest, OnePacketMakesNoHugeRate) {
  RateCounter rate;
  rate.Add(1000, Timestamp::FromMillis(7));
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(7)).bps(), 40'000);
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(507)).bps(), 16'000);
}

TEST(RateCounterTest, ForgetsAfterTheWindow) {
  RateCounter rate;
  rate.Add(1000, Timestamp::FromMillis(0));
  rate.Add(500, Timestamp::FromMillis(600));
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(990)).bps(), 1500 * 8 * 1000 / 990);
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(1100)).bps(), 4000);
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(1700)).bps(), 0);
  rate.Add(250, Timestamp::FromMillis(100'000'000));
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(100'000'000)).bps(), 2000);
}

TEST(RateCounterTest, TimeThatGoesBackCountsAsNow) {
  RateCounter rate;
  rate.Add(1000, Timestamp::FromMillis(5000));
  rate.Add(1000, Timestamp::FromMillis(10));
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(6000)).bps(), 0);
  EXPECT_EQ(rate.Rate(Timestamp::FromMillis(5900)).bps(), 2000 * 8 * 10 / 9);
}

}  // namespace
}  // namespace sfu
