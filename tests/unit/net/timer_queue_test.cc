// TimerQueue in virtual time: order, re-arming, and what timers may do while they fire.
#include "net/timer_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"

namespace sfu {
namespace {

Timestamp At(int64_t ms) { return Timestamp::FromMillis(ms); }

TEST(TimerQueue, FiresInOrderOfDeadlines) {
  TimerQueue queue;
  std::string fired;
  Timer a(queue, [&](Timestamp) { fired += 'a'; });
  Timer b(queue, [&](Timestamp) { fired += 'b'; });
  Timer c(queue, [&](Timestamp now) {
    fired += 'c';
    EXPECT_EQ(now, At(25));
  });
  c.Arm(At(20));
  a.Arm(At(30));
  b.Arm(At(10));
  EXPECT_EQ(queue.next_deadline(), At(10));
  queue.RunDue(At(9));
  EXPECT_EQ(fired, "");
  queue.RunDue(At(10));
  EXPECT_EQ(fired, "b");
  EXPECT_FALSE(b.armed());
  queue.RunDue(At(25));
  EXPECT_EQ(fired, "bc");
  EXPECT_EQ(queue.next_deadline(), At(30));
  queue.RunDue(At(1000));
  EXPECT_EQ(fired, "bca");
  EXPECT_TRUE(queue.next_deadline().is_never());
}

TEST(TimerQueue, EqualDeadlinesFireAsArmed) {
  TimerQueue queue;
  std::vector<int> fired;
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < 100; ++i) {
    timers.push_back(
        std::make_unique<Timer>(queue, [&fired, i](Timestamp) { fired.push_back(i); }));
  }
  for (auto& timer : timers) timer->Arm(At(5));
  queue.RunDue(At(5));
  ASSERT_EQ(fired.size(), 100u);
  EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
}

TEST(TimerQueue, RearmingReplacesAndCancelForgets) {
  TimerQueue queue;
  int fired = 0;
  Timer timer(queue, [&](Timestamp) { ++fired; });
  timer.Arm(At(10));
  timer.Arm(At(50));
  EXPECT_EQ(timer.deadline(), At(50));
  queue.RunDue(At(20));
  EXPECT_EQ(fired, 0);
  timer.Arm(At(30));
  queue.RunDue(At(30));
  EXPECT_EQ(fired, 1);
  timer.Arm(At(40));
  timer.Cancel();
  timer.Cancel();
  timer.Arm(At(41));
  timer.Arm(Timestamp::Never());
  EXPECT_TRUE(timer.deadline().is_never());
  queue.RunDue(At(100));
  EXPECT_EQ(fired, 1);
}

TEST(TimerQueue, ATimerArmedForThePastWaitsForTheNextRound) {
  TimerQueue queue;
  int fired = 0;
  std::optional<Timer> timer;
  timer.emplace(queue, [&](Timestamp now) {
    ++fired;
    timer->Arm(now - TimeDelta::Seconds(1));
  });
  timer->Arm(At(10));
  queue.RunDue(At(20));
  EXPECT_EQ(fired, 1);
  EXPECT_GT(queue.next_deadline(), At(20));
  queue.RunDue(At(21));
  EXPECT_EQ(fired, 2);
}

TEST(TimerQueue, FunctionsMayDestroyTimersTheirOwnToo) {
  TimerQueue queue;
  std::string fired;
  std::optional<Timer> first;
  std::optional<Timer> second;
  // The capture is longer than std::function keeps inside, so a destroyed function would be
  // noticed.
  const std::string name(100, 'x');
  first.emplace(queue, [&, name](Timestamp) {
    first.reset();
    second.reset();
    fired += name;
  });
  second.emplace(queue, [&](Timestamp) { fired += "second"; });
  first->Arm(At(1));
  second->Arm(At(2));
  queue.RunDue(At(5));
  EXPECT_EQ(fired, name);
  EXPECT_TRUE(queue.next_deadline().is_never());
}

TEST(TimerQueue, ThousandsOfTimersAgreeWithASortedList) {
  TimerQueue queue;
  Random random(7);
  constexpr size_t kTimers = 5000;
  std::vector<Timestamp> expected(kTimers, Timestamp::Never());
  std::vector<std::unique_ptr<Timer>> timers;
  Timestamp last = At(0);
  size_t fired = 0;
  for (size_t i = 0; i < kTimers; ++i) {
    timers.push_back(std::make_unique<Timer>(queue, [&, i](Timestamp) {
      EXPECT_GE(expected[i], last);
      last = expected[i];
      expected[i] = Timestamp::Never();
      ++fired;
    }));
  }
  size_t armed = 0;
  for (int step = 0; step < 50'000; ++step) {
    const size_t i = random.U32() % kTimers;
    if (random.U32() % 4 == 0) {
      timers[i]->Cancel();
      expected[i] = Timestamp::Never();
    } else {
      expected[i] = At(1 + random.U32() % 1000);
      timers[i]->Arm(expected[i]);
    }
  }
  for (size_t i = 0; i < kTimers; ++i) {
    EXPECT_EQ(timers[i]->deadline(), expected[i]);
    if (!expected[i].is_never()) ++armed;
  }
  EXPECT_EQ(queue.next_deadline(), *std::min_element(expected.begin(), expected.end()));
  queue.RunDue(At(2000));
  EXPECT_EQ(fired, armed);
  EXPECT_GT(fired, kTimers / 2);
}

}  // namespace
}  // namespace sfu
