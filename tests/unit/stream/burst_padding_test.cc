// Padding for runs of equal size: that the runs are long, and that the price is bounded.
#include "stream/burst_padding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/random.h"

namespace sfu {
namespace {

std::vector<uint16_t> Padded(const std::vector<uint16_t>& sizes) {
  std::vector<uint8_t> padding(sizes.size(), 0xEE);
  ChooseBurstPadding(sizes, padding);
  std::vector<uint16_t> padded;
  for (size_t i = 0; i < sizes.size(); ++i) {
    padded.push_back(static_cast<uint16_t>(sizes[i] + padding[i]));
  }
  return padded;
}

// How many segmented sends a burst takes: equal sizes, the last may be shorter.
size_t Sends(const std::vector<uint16_t>& sizes) {
  size_t sends = 0;
  for (size_t i = 0; i < sizes.size(); ++sends) {
    const uint16_t first = sizes[i++];
    while (i < sizes.size() && sizes[i] == first) ++i;
    if (i < sizes.size() && sizes[i] < first) ++i;
  }
  return sends;
}

using Sizes = std::vector<uint16_t>;

TEST(BurstPaddingTest, NothingToDo) {
  EXPECT_EQ(Padded({}), Sizes({}));
  EXPECT_EQ(Padded({1200}), Sizes({1200}));
  EXPECT_EQ(Padded({1200, 1200, 1200, 700}), Sizes({1200, 1200, 1200, 700}));
}

TEST(BurstPaddingTest, AByteOfDifference) {
  EXPECT_EQ(Padded({1200, 1199, 1199, 1199}), Sizes({1200, 1200, 1200, 1199}));
  EXPECT_EQ(Padded({1199, 1200, 1199, 1200}), Sizes({1200, 1200, 1200, 1200}));
  EXPECT_EQ(Sends(Padded({1199, 1200, 1199, 1200, 1199, 640})), 1u);
}

TEST(BurstPaddingTest, LargeDifferencesAreLeftAlone) {
  EXPECT_EQ(Padded({1200, 1100, 1200, 1100}), Sizes({1200, 1100, 1200, 1100}));
  EXPECT_EQ(Padded({100, 1200, 100, 1200}), Sizes({100, 1200, 100, 1200}));
  // Small packets are not blown up: an eighth at most.
  EXPECT_EQ(Padded({160, 140, 160}), Sizes({160, 160, 160}));
  EXPECT_EQ(Padded({160, 139, 160}), Sizes({160, 139, 160}));
}

TEST(BurstPaddingTest, DriftDoesNotAddUp) {
  // Each is within the slack of the next, but the first is not within that of the last.
  const Sizes padded = Padded({1000, 1020, 1040, 1060, 1080});
  EXPECT_EQ(padded, Sizes({1020, 1020, 1060, 1060, 1080}));
}

TEST(BurstPaddingTest, HoldsItsPromisesAtRandom) {
  Random random(7);
  for (int round = 0; round < 5'000; ++round) {
    Sizes sizes;
    const size_t count = random.U32() % 40;
    for (size_t i = 0; i < count; ++i) {
      const uint32_t spread = round % 2 == 0 ? 30 : 1400;
      sizes.push_back(static_cast<uint16_t>(1450 - random.U32() % spread));
    }
    const Sizes padded = Padded(sizes);
    const uint16_t largest = sizes.empty() ? 0 : *std::max_element(sizes.begin(), sizes.end());
    for (size_t i = 0; i < count; ++i) {
      ASSERT_GE(padded[i], sizes[i]);
      ASSERT_LE(padded[i], largest);
      ASSERT_LE(padded[i] - sizes[i], 43);  // 3 % of 1450
    }
    ASSERT_LE(Sends(padded), Sends(sizes));
  }
}

// Frames as libvpx and x264 payloaders cut them: equal pieces, whose remainder is spread.
TEST(BurstPaddingTest, AnEncodersFramesBecomeOneSendForLessThanOnePercent) {
  Random random(3);
  size_t sends = 0;
  uint64_t before = 0;
  uint64_t after = 0;
  for (int frame = 0; frame < 1'000; ++frame) {
    const uint32_t bytes = 2'000 + random.U32() % 10'000;
    const uint32_t pieces = (bytes + 1'187) / 1'188;
    Sizes sizes;
    for (uint32_t i = 0; i < pieces; ++i) {
      sizes.push_back(static_cast<uint16_t>(12 + bytes / pieces + (i < bytes % pieces ? 1 : 0)));
    }
    std::reverse(sizes.begin(), sizes.end());
    const Sizes padded = Padded(sizes);
    sends += Sends(padded);
    before += std::accumulate(sizes.begin(), sizes.end(), uint64_t{0});
    after += std::accumulate(padded.begin(), padded.end(), uint64_t{0});
  }
  EXPECT_EQ(sends, 1'000u);
  EXPECT_LT(static_cast<double>(after), static_cast<double>(before) * 1.001);
}

}  // namespace
}  // namespace sfu
