#include "examples/room/server/limits.h"

#include <gtest/gtest.h>

namespace room {
namespace {

TEST(MessageRate, LetsABurstThroughAndThenSoManyPerSecond) {
  MessageRate rate(10, 5);
  int64_t now = 1'000'000;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(rate.Take(now));
  EXPECT_FALSE(rate.Take(now));
  now += 100'000;
  EXPECT_TRUE(rate.Take(now));
  EXPECT_FALSE(rate.Take(now));
  int passed = 0;
  for (int i = 0; i < 1000; ++i) passed += static_cast<int>(rate.Take(now += 1'000));
  EXPECT_NEAR(passed, 10, 1);
}

TEST(MessageRate, SavesNoMoreThanABurst) {
  MessageRate rate(10, 5);
  EXPECT_TRUE(rate.Take(1));
  int passed = 0;
  for (int i = 0; i < 100; ++i) passed += static_cast<int>(rate.Take(3'600'000'000));
  EXPECT_EQ(passed, 5);
}

TEST(WorkerLoads, TheLeastLoadedIsTaken) {
  WorkerLoads loads(3);
  EXPECT_EQ(loads.LeastLoaded(), 0U);
  loads.Add(0);
  loads.Add(1);
  EXPECT_EQ(loads.LeastLoaded(), 2U);
  loads.Add(2);
  loads.Add(0);
  EXPECT_EQ(loads.LeastLoaded(), 1U);
  loads.Remove(2);
  EXPECT_EQ(loads.LeastLoaded(), 2U);
}

}  // namespace
}  // namespace room
