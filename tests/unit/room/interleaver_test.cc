#include "examples/room/recording/interleaver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace room {
namespace {

using testing::ElementsAre;

class InterleaverTest : public testing::Test {
 protected:
  static constexpr int64_t kPatience = 1000;

  void Push(unsigned track, int64_t time) {
    Block block;
    block.track = track;
    block.time = time;
    interleaver_.Push(std::move(block));
  }

  std::vector<int64_t> PopAll(int64_t now) {
    std::vector<int64_t> times;
    while (const auto block = interleaver_.Pop(now)) times.push_back(block->time);
    return times;
  }

  Interleaver interleaver_{kPatience};
};

TEST_F(InterleaverTest, OneTrackWaitsForNobody) {
  Push(1, 10);
  EXPECT_THAT(PopAll(10), ElementsAre(10));
}

TEST_F(InterleaverTest, TwoTracksAreInOrder) {
  Push(1, 0);
  Push(2, 5);
  Push(1, 20);
  Push(1, 40);
  EXPECT_THAT(PopAll(50), ElementsAre(0, 5));
  Push(2, 45);
  EXPECT_THAT(PopAll(50), ElementsAre(20, 40));
}

TEST_F(InterleaverTest, ASilentTrackIsWaitedForOnlySoLong) {
  Push(1, 0);
  Push(2, 0);
  Push(1, 500);
  EXPECT_THAT(PopAll(1499), ElementsAre(0, 0));
  EXPECT_THAT(PopAll(1500), ElementsAre(500));
}

TEST_F(InterleaverTest, AForgottenTrackIsNotWaitedFor) {
  Push(1, 0);
  Push(2, 0);
  Push(1, 500);
  interleaver_.Forget(2);
  EXPECT_THAT(PopAll(500), ElementsAre(0, 0, 500));
}

TEST_F(InterleaverTest, WhatWaitsIsBounded) {
  Push(2, 0);
  EXPECT_THAT(PopAll(0), ElementsAre(0));
  Block large;
  large.track = 1;
  large.time = 10;
  large.data.resize(Interleaver::kMaxBytes);
  interleaver_.Push(large);
  EXPECT_THAT(PopAll(20), ElementsAre());
  large.time = 20;
  interleaver_.Push(large);
  EXPECT_THAT(PopAll(20), ElementsAre(10));
}

TEST_F(InterleaverTest, AtTheEndNothingIsLeft) {
  Push(1, 0);
  Push(2, 5);
  Push(1, 20);
  EXPECT_EQ(interleaver_.PopAny()->time, 0);
  EXPECT_EQ(interleaver_.PopAny()->time, 5);
  EXPECT_EQ(interleaver_.PopAny()->time, 20);
  EXPECT_FALSE(interleaver_.PopAny());
}

}  // namespace
}  // namespace room
