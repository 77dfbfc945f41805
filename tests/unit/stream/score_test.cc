// The score: values of its formula, its memory, and senseless input.
#include "stream/score.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(ScoreTest, StartsPerfectAndStaysSoWithoutLoss) {
  Score score;
  EXPECT_EQ(score.value(), 10);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(score.AddInterval(100, 0, 0));
  EXPECT_EQ(score.value(), 10);
}

TEST(ScoreTest, SteadyLossGivesTheFormula) {
  const auto steady = [](uint32_t lost, uint32_t repaired) {
    Score score;
    for (int i = 0; i < 30; ++i) score.AddInterval(1000, lost, repaired);
    return int{score.value()};
  };
  EXPECT_EQ(steady(20, 0), 9);
  EXPECT_EQ(steady(100, 0), 7);
  EXPECT_EQ(steady(200, 0), 4);
  EXPECT_EQ(steady(500, 0), 1);
  EXPECT_EQ(steady(1000, 0), 0);
  EXPECT_EQ(steady(50, 50), 10);
  EXPECT_EQ(steady(200, 200), 9);
  EXPECT_EQ(steady(200, 100), 6);
}

TEST(ScoreTest, ABadSecondShowsAtOnceAndIsForgotten) {
  Score score;
  for (int i = 0; i < 24; ++i) score.AddInterval(100, 0, 0);
  EXPECT_TRUE(score.AddInterval(100, 100, 0));
  EXPECT_EQ(score.value(), 9);
  for (int i = 0; i < 24; ++i) score.AddInterval(100, 0, 0);
  EXPECT_EQ(score.value(), 10);
}

TEST(ScoreTest, NothingExpectedSaysNothing) {
  Score score;
  score.AddInterval(100, 100, 0);
  EXPECT_EQ(score.value(), 0);
  EXPECT_FALSE(score.AddInterval(0, 0, 0));
  EXPECT_EQ(score.value(), 0);
}

TEST(ScoreTest, ContradictionsAreClamped) {
  Score score;
  score.AddInterval(10, 4'000'000'000, 0);
  EXPECT_EQ(score.value(), 0);
  Score other;
  other.AddInterval(10, 0, 4'000'000'000);
  EXPECT_EQ(other.value(), 10);
}

TEST(ScoreTest, SilenceIsZeroUntilPacketsComeAgain) {
  Score score;
  for (int i = 0; i < 10; ++i) score.AddInterval(100, 50, 0);
  EXPECT_TRUE(score.SetInactive());
  EXPECT_FALSE(score.SetInactive());
  EXPECT_EQ(score.value(), 0);
  EXPECT_TRUE(score.AddInterval(100, 0, 0));
  EXPECT_EQ(score.value(), 10);
}

}  // namespace
}  // namespace sfu
