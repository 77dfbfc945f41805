// The NACK generator: what is asked for, when, and its bounds.
#include "stream/nack_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace sfu {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kStart = 1'000'000;  // 16960 as a sequence number

class NackGeneratorTest : public testing::Test {
 protected:
  static Timestamp At(int64_t ms) { return Timestamp::FromMillis(ms); }
  void Receive(int64_t offset, int64_t ms) { nack_.OnReceived(kStart + offset, At(ms)); }
  // Offsets from kStart.
  std::vector<int> Poll(int64_t ms) {
    std::vector<int> offsets;
    for (const SeqNum sequence : nack_.Poll(At(ms))) {
      offsets.push_back(sequence.DistanceFrom(SeqNum(static_cast<uint16_t>(kStart))));
    }
    return offsets;
  }
  // When something is asked for in the 3 s from `from` on, in ms.
  std::vector<int64_t> Asked(int64_t from) {
    std::vector<int64_t> asked;
    for (int64_t ms = 0; ms < 3000; ++ms) {
      if (!nack_.Poll(At(from + ms)).empty()) asked.push_back(ms);
    }
    return asked;
  }
  NackGenerator nack_;
};

TEST_F(NackGeneratorTest, HasNothingToDoWithoutAGap) {
  for (int i = 0; i < 100; ++i) Receive(i, i);
  EXPECT_TRUE(nack_.NextDeadline().is_never());
  EXPECT_THAT(Poll(1000), IsEmpty());
}

TEST_F(NackGeneratorTest, AsksAfterTwoNewerPackets) {
  Receive(0, 0);
  Receive(2, 1);
  EXPECT_THAT(Poll(1), IsEmpty());
  Receive(3, 2);
  EXPECT_EQ(nack_.NextDeadline(), At(2));
  EXPECT_THAT(Poll(2), ElementsAre(1));
}

TEST_F(NackGeneratorTest, AsksAfterTenMilliseconds) {
  Receive(0, 0);
  Receive(2, 20);
  EXPECT_EQ(nack_.NextDeadline(), At(30));
  EXPECT_THAT(Poll(29), IsEmpty());
  EXPECT_THAT(Poll(30), ElementsAre(1));
}

TEST_F(NackGeneratorTest, AGapOfManyIsAskedForInOneGo) {
  Receive(0, 0);
  Receive(6, 0);
  EXPECT_EQ(nack_.NextDeadline(), At(0));
  EXPECT_THAT(Poll(0), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Poll(10), ElementsAre(5));
  EXPECT_EQ(nack_.nack_messages(), 2u);
  EXPECT_EQ(nack_.requested_packets(), 5u);
}

TEST_F(NackGeneratorTest, ReorderingAsksForNothing) {
  Receive(0, 0);
  Receive(2, 1);
  Receive(1, 2);
  EXPECT_TRUE(nack_.NextDeadline().is_never());
  EXPECT_THAT(Poll(100), IsEmpty());
  EXPECT_EQ(nack_.missing_count(), 0u);
}

TEST_F(NackGeneratorTest, WaitsLongerWhereReorderingIsCommon) {
  int offset = 0;
  const auto reorder = [&](int64_t ms) {  // a packet overtaken by 4
    for (const int step : {0, 2, 3, 4, 5}) Receive(offset + step, ms);
    const bool asked = !Poll(ms).empty();
    Receive(offset + 1, ms);
    offset += 6;
    return asked;
  };
  EXPECT_TRUE(reorder(0));
  EXPECT_FALSE(reorder(100));
  EXPECT_FALSE(reorder(200));
  for (int i = 0; i < 4000; ++i) Receive(offset++, 300);
  EXPECT_TRUE(reorder(400));
}

TEST_F(NackGeneratorTest, RepeatsAfterTheRoundTripHurriedThenGrowing) {
  nack_.SetRtt(TimeDelta::Millis(50));
  Receive(0, 0);
  Receive(2, 0);
  EXPECT_THAT(Asked(0), ElementsAre(10, 65, 91, 117, 143, 169, 252, 376, 501, 626, 751, 876));
}

TEST_F(NackGeneratorTest, DoesNotHurryAPeerThatAnswersTwice) {
  nack_.SetRtt(TimeDelta::Millis(50));
  Receive(0, 0);
  int64_t next = 1;
  int64_t now = 0;
  // Loses a packet, gets it at the second request, and once more.
  const auto lose = [&](bool twice) {
    Receive(next + 1, now);
    for (int64_t ms = 0; ms < 120; ++ms) Poll(now + ms);
    Receive(next, now + 120);
    if (twice) nack_.OnDuplicate(kStart + next, At(now + 130));
    next += 2;
    now += 200;
  };
  // One in eight is no reason.
  for (int i = 0; i < 80; ++i) lose(i % 8 == 0);
  Receive(next + 1, now);
  EXPECT_THAT(Asked(now), testing::Contains(91));
  next += 2;
  now += 5000;
  for (int i = 0; i < 4; ++i) lose(true);
  Receive(next + 1, now);
  EXPECT_THAT(Asked(now), ElementsAre(10, 65, 120, 203, 327, 452, 577, 702, 827, 952));
  next += 2;
  // Later it is tried again.
  now += 10'000;
  Receive(next + 1, now);
  EXPECT_THAT(Asked(now), testing::Contains(91));
}

TEST_F(NackGeneratorTest, DuplicatesOfTheNetworkTeachNothing) {
  nack_.SetRtt(TimeDelta::Millis(50));
  for (int i = 0; i < 100; ++i) {
    Receive(i, 0);
    nack_.OnDuplicate(kStart + i, At(1));
  }
  Receive(101, 10);
  EXPECT_THAT(Asked(10), testing::Contains(91));
}

// A browser probes the path with RTX of packets that nobody misses.
TEST_F(NackGeneratorTest, ProbesTeachNothing) {
  nack_.SetRtt(TimeDelta::Millis(5));
  for (int i = 0; i < 100; ++i) {
    Receive(2 * i, i * 100);
    Receive(2 * i + 2, i * 100);
    EXPECT_THAT(Poll(i * 100 + 10), ElementsAre(2 * i + 1));
    Receive(2 * i + 1, i * 100 + 15);
    for (int n = 0; n < 10; ++n) nack_.OnDuplicate(kStart + 2 * i, At(i * 100 + 20 + n));
    for (int n = 0; n < 10; ++n) nack_.OnDuplicate(kStart + 2 * i + 1, At(i * 100 + 30 + n));
  }
  EXPECT_EQ(nack_.repeat_interval().ms(), 20);
}

TEST_F(NackGeneratorTest, ManyDuplicatesAtOnceAreOneLesson) {
  nack_.SetRtt(TimeDelta::Millis(50));
  Receive(0, 0);
  Receive(2, 0);
  for (int64_t ms = 0; ms < 80; ++ms) Poll(ms);
  Receive(1, 80);
  for (int i = 0; i < 1000; ++i) nack_.OnDuplicate(kStart + 1, At(80 + i / 100));
  for (int i = 0; i < 1000; ++i) nack_.OnDuplicate(kStart + 1, At(180 + i / 100));
  EXPECT_GE(nack_.repeat_interval().ms(), 57);
  EXPECT_LE(nack_.repeat_interval().ms(), 63);
}

TEST_F(NackGeneratorTest, NeverRepeatsWithin20Ms) {
  nack_.SetRtt(TimeDelta::Zero());
  Receive(0, 0);
  Receive(2, 0);
  EXPECT_THAT(Poll(10), ElementsAre(1));
  EXPECT_EQ(nack_.NextDeadline(), At(30));
}

TEST_F(NackGeneratorTest, LearnsHowLongAnswersTake) {
  for (int i = 0; i < 40; ++i) {
    const int64_t ms = i * 200;
    Receive(3 * i, ms);
    Receive(3 * i + 2, ms);
    ASSERT_THAT(Poll(ms + 10), ElementsAre(3 * i + 1));
    EXPECT_TRUE(nack_.WasRequested(kStart + 3 * i + 1));
    Receive(3 * i + 1, ms + 10 + 70);
    EXPECT_FALSE(nack_.WasRequested(kStart + 3 * i + 1));
  }
  EXPECT_NEAR(static_cast<double>(nack_.repeat_interval().ms()), 77.0, 1.0);
}

TEST_F(NackGeneratorTest, LearnsThatThePathBecameLonger) {
  nack_.SetRtt(TimeDelta::Millis(20));
  int64_t last_tries = 0;
  for (int i = 0; i < 60; ++i) {
    const int64_t start = i * 1000;
    Receive(3 * i, start);
    Receive(3 * i + 2, start);
    int64_t first = -1;
    last_tries = 0;
    const int64_t answer = i < 20 ? 20 : 90;
    for (int64_t ms = start; first < 0 || ms < first + answer; ++ms) {
      if (!Poll(ms).empty()) {
        if (first < 0) first = ms;
        ++last_tries;
      }
    }
    Receive(3 * i + 1, first + answer);
    for (int64_t n = 1; n < last_tries; ++n) {
      nack_.OnDuplicate(kStart + 3 * i + 1, At(first + answer + n * 40));
    }
  }
  EXPECT_EQ(last_tries, 1);
  EXPECT_GT(nack_.repeat_interval().ms(), 90);
}

TEST_F(NackGeneratorTest, GivesUpAtTheLiveDeadlineAndWantsAKeyFrame) {
  nack_.SetRtt(TimeDelta::Millis(300));
  Receive(0, 0);
  Receive(2, 0);
  for (int64_t ms = 0; ms < 1000; ++ms) Poll(ms);
  EXPECT_FALSE(nack_.TakeKeyFrameWanted());
  EXPECT_EQ(nack_.missing_count(), 1u);
  for (int64_t ms = 1000; ms < 1700; ++ms) Poll(ms);
  EXPECT_TRUE(nack_.TakeKeyFrameWanted());
  EXPECT_FALSE(nack_.TakeKeyFrameWanted());
  EXPECT_EQ(nack_.missing_count(), 0u);
  EXPECT_EQ(nack_.given_up_packets(), 1u);
  EXPECT_TRUE(nack_.NextDeadline().is_never());
}

TEST_F(NackGeneratorTest, WakesUpToGiveUpInTime) {
  Receive(0, 0);
  Receive(2, 0);
  int64_t wakeups = 0;
  Timestamp last;
  while (!nack_.NextDeadline().is_never() && ++wakeups < 100) {
    last = nack_.NextDeadline();
    nack_.Poll(last);
  }
  EXPECT_LE(last, At(1000));
  EXPECT_LE(wakeups, 12);
}

TEST_F(NackGeneratorTest, PatienceGoesOnPastTheLiveDeadline) {
  nack_.SetPatience(TimeDelta::Seconds(3));
  Receive(0, 0);
  Receive(2, 0);
  int64_t last = 0;
  int64_t wanted_at = 0;
  for (int64_t ms = 0; ms < 5000; ++ms) {
    if (!Poll(ms).empty()) last = ms;
    if (nack_.TakeKeyFrameWanted()) {
      EXPECT_EQ(wanted_at, 0);
      wanted_at = ms;
    }
  }
  EXPECT_GT(wanted_at, 800);
  EXPECT_LE(wanted_at, 1000);
  EXPECT_GT(last, 2700);
  EXPECT_LE(last, 3000);
  EXPECT_EQ(nack_.missing_count(), 0u);
}

TEST_F(NackGeneratorTest, TheListIsBoundedAndOverflowWantsAKeyFrame) {
  Receive(0, 0);
  Receive(2900, 0);
  EXPECT_EQ(nack_.missing_count(), NackGenerator::kMaxMissing);
  EXPECT_TRUE(nack_.TakeKeyFrameWanted());
  const std::vector<int> asked = Poll(10);
  ASSERT_EQ(asked.size(), NackGenerator::kMaxMissing);
  EXPECT_EQ(asked.front(), 1900);
  EXPECT_EQ(asked.back(), 2899);
  for (int i = 1; i < 100; ++i) Receive(2900 + 10 * i, 10);
  EXPECT_EQ(nack_.missing_count(), NackGenerator::kMaxMissing);
  EXPECT_TRUE(nack_.TakeKeyFrameWanted());
  EXPECT_EQ(nack_.given_up_packets(), 1899u + 99 * 9);
}

TEST_F(NackGeneratorTest, ARestartForgetsAndAsksForWhatWasKeptOut) {
  Receive(0, 0);
  Receive(100, 0);
  nack_.Restart(kStart + 30'000);
  EXPECT_EQ(nack_.missing_count(), 0u);
  EXPECT_TRUE(nack_.NextDeadline().is_never());
  Receive(30'001, 1);
  EXPECT_THAT(Poll(11), ElementsAre(30'000));
}

TEST_F(NackGeneratorTest, AnyOrderOfIndexesIsSafe) {
  Random random(3);
  int64_t now = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += random.U32() % 5;
    const uint32_t kind = random.U32() % 1000;
    if (kind == 0) nack_.Restart(kStart + random.U32());
    const int64_t index = kind < 3 ? random.U32() : int64_t{i} * 2 + random.U32() % 50;
    Receive(index, now);
    EXPECT_LE(Poll(now).size(), NackGenerator::kMaxMissing);
    ASSERT_LE(nack_.missing_count(), NackGenerator::kMaxMissing);
    ASSERT_EQ(nack_.NextDeadline().is_never(), nack_.missing_count() == 0);
  }
}

}  // namespace
}  // namespace sfu
