// The Worker's loop and its threads: posting, stopping, timers, descriptors.
#include "net/worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "net/entropy.h"
#include "net_test_util.h"

namespace sfu {
namespace {

TEST(Worker, RunsPostedTasksInOrderOnItsThread) {
  auto worker = MakeWorker();
  EXPECT_TRUE(worker->IsWorkerThread());
  ASSERT_TRUE(worker->Start().ok());
  EXPECT_FALSE(worker->IsWorkerThread());
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(worker->Post([&order, i] { order.push_back(i); }));
  }
  bool on_worker = false;
  EXPECT_TRUE(worker->PostAndWait([&] {
    on_worker = worker->IsWorkerThread();
    // Inline, or this would never return.
    EXPECT_TRUE(worker->PostAndWait([&order] { order.push_back(100); }));
  }));
  EXPECT_TRUE(on_worker);
  ASSERT_EQ(order.size(), 101u);
  for (int i = 0; i <= 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST(Worker, ManyThreadsPostAndNothingIsLost) {
  auto worker = MakeWorker();
  ASSERT_TRUE(worker->Start().ok());
  constexpr int kThreads = 8;
  constexpr int kPosts = 2000;
  int ran = 0;  // only touched on the Worker
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kPosts; ++i) {
        // Waiting now and then lets the Worker fall asleep, so that wake-ups are needed.
        if (i % 64 == 0) {
          EXPECT_TRUE(worker->PostAndWait([&ran] { ++ran; }));
        } else {
          EXPECT_TRUE(worker->Post([&ran] { ++ran; }));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  worker->Stop();
  EXPECT_EQ(ran, kThreads * kPosts);
}

TEST(Worker, AfterStopTasksAreDestroyedUnrun) {
  auto worker = MakeWorker();
  ASSERT_TRUE(worker->Start().ok());
  EXPECT_FALSE(worker->Start().ok());
  worker->Stop();
  worker->Stop();
  EXPECT_FALSE(worker->Start().ok());
  auto owned = std::make_shared<int>(1);
  bool ran = false;
  EXPECT_FALSE(worker->Post([owned, &ran] { ran = true; }));
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_FALSE(worker->PostAndWait([&ran] { ran = true; }));
  EXPECT_FALSE(ran);
}

TEST(Worker, StopRunsWhatWasAcceptedAndMayComeFromAnywhere) {
  for (int round = 0; round < 50; ++round) {
    auto worker = MakeWorker();
    ASSERT_TRUE(worker->Start().ok());
    int accepted = 0;
    int ran = 0;
    std::thread poster([&] {
      while (worker->Post([&ran] { ++ran; })) ++accepted;
    });
    worker->Post([&worker] { worker->Stop(); });
    std::thread stopper([&] { worker->Stop(); });
    worker->Stop();
    poster.join();
    stopper.join();
    EXPECT_EQ(ran, accepted);
  }
}

TEST(Worker, TasksLeftWithoutThreadAreDestroyedWithTheWorker) {
  auto owned = std::make_shared<int>(1);
  auto worker = MakeWorker();
  EXPECT_TRUE(worker->Post([owned] { *owned = 2; }));
  worker.reset();
  EXPECT_EQ(owned.use_count(), 1);
  EXPECT_EQ(*owned, 1);
}

TEST(Worker, TimersFireOnTime) {
  for (const bool precise : {true, false}) {
    NetFeatures allowed;
    allowed.epoll_pwait2 = precise;
    auto worker = MakeWorker(allowed);
    const Timestamp start = Worker::Now();
    Timestamp fired = Timestamp::Never();
    int rounds = 0;
    Timer timer(worker->timers(), [&](Timestamp now) { fired = now; });
    timer.Arm(start + TimeDelta::Micros(2500));
    for (; fired.is_never() && rounds < 100; ++rounds) worker->RunOnce(TimeDelta::Infinite());
    EXPECT_GE(fired, start + TimeDelta::Micros(2500));
    EXPECT_EQ(fired, worker->batch_time());
    // It slept, rather than going round and round.
    EXPECT_LE(rounds, 3);
  }
}

TEST(Worker, ATimerArmedByATaskShortensTheWait) {
  auto worker = MakeWorker();
  ASSERT_TRUE(worker->Start().ok());
  std::atomic<bool> fired = false;
  std::unique_ptr<Timer> timer;
  worker->PostAndWait([&] {
    timer = std::make_unique<Timer>(worker->timers(), [&](Timestamp) {
      fired = true;
      fired.notify_one();
    });
    timer->Arm(worker->batch_time() + TimeDelta::Millis(1));
  });
  fired.wait(false);
  worker->PostAndWait([&] { timer.reset(); });
}

class PipeHandler : public FdHandler {
 public:
  void OnFdReady(uint32_t events, Timestamp) override {
    ++calls;
    seen = events;
    if (remove != nullptr) {
      remove->poller().Remove(other_fd, other);
      remove->poller().Remove(own_fd, this);
    }
  }
  int calls = 0;
  uint32_t seen = 0;
  Worker* remove = nullptr;
  int own_fd = -1;
  int other_fd = -1;
  FdHandler* other = nullptr;
};

TEST(Worker, ARemovedDescriptorIsNotCalledEvenInTheSameRound) {
  auto worker = MakeWorker();
  int pipes[2][2];
  PipeHandler handlers[2];
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(pipe2(pipes[i], O_CLOEXEC | O_NONBLOCK), 0);
    ASSERT_TRUE(worker->poller().Add(pipes[i][0], EPOLLIN, &handlers[i]).ok());
    ASSERT_EQ(write(pipes[i][1], "x", 1), 1);
  }
  for (int i = 0; i < 2; ++i) {
    handlers[i].remove = worker.get();
    handlers[i].own_fd = pipes[i][0];
    handlers[i].other_fd = pipes[1 - i][0];
    handlers[i].other = &handlers[1 - i];
  }
  worker->RunOnce(TimeDelta::Zero());
  worker->RunOnce(TimeDelta::Zero());
  EXPECT_EQ(handlers[0].calls + handlers[1].calls, 1);
  EXPECT_EQ(handlers[0].seen | handlers[1].seen, uint32_t{EPOLLIN});
  EXPECT_FALSE(worker->poller().Add(-1, EPOLLIN, &handlers[0]).ok());
  for (auto& ends : pipes) {
    close(ends[0]);
    close(ends[1]);
  }
}

TEST(Worker, SaysSoWhenDescriptorsRunOut) {
  auto worker = MakeWorker();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  auto failed = Worker::Create();
  UdpSocketOptions options;
  options.local = Address("127.0.0.1");
  auto socket = UdpSocket::Create(*worker, options, nullptr);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().reason, "no file descriptor left for a worker");
  ASSERT_FALSE(socket.ok());
  EXPECT_EQ(socket.error().field, "local");
}

TEST(Entropy, SeedsDiffer) { EXPECT_NE(EntropySeed(), EntropySeed()); }

}  // namespace
}  // namespace sfu
