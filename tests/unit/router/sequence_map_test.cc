// One Consumer's sequence numbers: continuous over starts and drops, right for late packets.
#include "router/sequence_map.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace sfu {
namespace {

TEST(SequenceMap, FirstStartKeepsTheNumbers) {
  SequenceMap map;
  EXPECT_FALSE(map.Map(5));
  map.StartAt(100);
  EXPECT_EQ(map.Map(100), 100);
  EXPECT_EQ(map.Map(102), 102);
  EXPECT_EQ(map.Map(101), 101);
  EXPECT_FALSE(map.Map(99));
}

TEST(SequenceMap, AnotherStartGoesOnWithoutAGap) {
  SequenceMap map;
  map.StartAt(100);
  map.Map(100);
  map.Map(110);
  map.StartAt(5000);
  EXPECT_EQ(map.Map(5000), 111);
  EXPECT_EQ(map.Map(5001), 112);
  EXPECT_FALSE(map.Map(4999));
  EXPECT_FALSE(map.Map(111));
}

TEST(SequenceMap, DroppedLeavesNoGapAndLateOnesFit) {
  SequenceMap map;
  map.StartAt(10);
  EXPECT_EQ(map.Map(10), 10);
  map.Drop(13);  // 11 and 12 are still on their way
  EXPECT_EQ(map.Map(14), 13);
  EXPECT_EQ(map.Map(11), 11);
  EXPECT_EQ(map.Map(12), 12);
  EXPECT_FALSE(map.Map(13));
  EXPECT_EQ(map.Map(15), 14);
}

TEST(SequenceMap, RandomOrderNeverGivesANumberTwice) {
  std::mt19937 random(42);
  SequenceMap map;
  map.StartAt(0);
  std::set<int64_t> outputs;
  int kept = 0;
  for (int64_t base = 0; base < 20'000; base += 4) {
    int64_t order[4] = {base, base + 1, base + 2, base + 3};
    std::shuffle(std::begin(order), std::end(order), random);
    for (const int64_t input : order) {
      if (input % 5 == 4) {
        map.Drop(input);
      } else if (const auto output = map.Map(input)) {
        EXPECT_TRUE(outputs.insert(*output).second) << input;
        ++kept;
      }
    }
  }
  EXPECT_GT(kept, 15'000);
}

}  // namespace
}  // namespace sfu
