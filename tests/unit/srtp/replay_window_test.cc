// The replay window, also against a set that remembers everything.
#include "srtp/replay_window.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace sfu {
namespace {

using Window = ReplayWindow<128>;
using Verdict = Window::Verdict;

TEST(ReplayWindow, SeesDuplicatesAndLateOnes) {
  Window window(1000);
  EXPECT_EQ(window.Check(1000), Verdict::kSeen);
  EXPECT_EQ(window.Check(999), Verdict::kFresh);
  EXPECT_EQ(window.Check(1000 - 127), Verdict::kFresh);
  EXPECT_EQ(window.Check(1000 - 128), Verdict::kTooOld);
  window.Mark(999);
  EXPECT_EQ(window.Check(999), Verdict::kSeen);
  EXPECT_EQ(window.highest(), 1000);
}

TEST(ReplayWindow, JumpsForgetWhatFallsOut) {
  Window window(0);
  window.Mark(127);
  EXPECT_EQ(window.Check(0), Verdict::kSeen);
  window.Mark(128);
  EXPECT_EQ(window.Check(0), Verdict::kTooOld);
  EXPECT_EQ(window.Check(1), Verdict::kFresh);
  window.Mark(int64_t{1} << 40);
  EXPECT_EQ(window.Check((int64_t{1} << 40) - 1), Verdict::kFresh);
  EXPECT_EQ(window.Check(128), Verdict::kTooOld);
}

TEST(ReplayWindow, AgreesWithASetOnRandomOrder) {
  Random random(7);
  Window window(500);
  std::set<int64_t> seen = {500};
  for (int i = 0; i < 20000; ++i) {
    const int64_t step =
        static_cast<int64_t>(random.U32() % 200) - 140 + (random.U32() % 50 == 0 ? 150 : 0);
    const int64_t index = std::max<int64_t>(0, window.highest() + step);
    const Verdict wanted = index <= window.highest() - 128 ? Verdict::kTooOld
                           : seen.contains(index)          ? Verdict::kSeen
                                                           : Verdict::kFresh;
    ASSERT_EQ(window.Check(index), wanted) << index << " at " << window.highest();
    if (wanted != Verdict::kFresh) continue;
    window.Mark(index);
    seen.insert(index);
  }
}

}  // namespace
}  // namespace sfu
