// The loop itself; its parts have files of their own.
#include "net/worker.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <condition_variable>
#include <system_error>
#include <utility>

namespace sfu {
namespace {

// Lets one thread wait until another has run, or destroyed, a task.
class Completion {
 public:
  // Lives inside the task: tells the waiter when the task goes, run or not.
  class Signal {
   public:
    explicit Signal(Completion* completion) : completion_(completion) {}
    Signal(Signal&& other) noexcept : completion_(std::exchange(other.completion_, nullptr)) {}
    Signal& operator=(Signal&&) = delete;
    ~Signal() {
      if (completion_ != nullptr) completion_->Finish();
    }
    void SetRan() { completion_->ran_ = true; }

   private:
    Completion* completion_;
  };

  // True when the task ran.
  bool Wait() {
    std::unique_lock lock(mutex_);
    finished_changed_.wait(lock, [this] { return finished_; });
    return ran_;
  }

 private:
  void Finish() {
    // Notified under the lock: the waiter destroys this object as soon as it can take it.
    const std::lock_guard lock(mutex_);
    finished_ = true;
    finished_changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable finished_changed_;
  bool finished_ = false;
  bool ran_ = false;
};

// Signals are for the application's threads. A thread inherits the mask of the one that makes it.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

Result<std::unique_ptr<Worker>> Worker::Create(const WorkerOptions& options) {
  std::unique_ptr<Worker> worker(new Worker(options, ProbeNetFeatures(options.allowed_features)));
  if (!worker->poller_.is_open()) return Error{"", "no file descriptor left for a worker"};
  return worker;
}

Worker::Worker(const WorkerOptions& options, const NetFeatures& features)
    : options_(options),
      features_(features),
      poller_(features.epoll_pwait2),
      tasks_(poller_.wake_fd()),
      arena_(options.send_arena_size, features),
      reader_(features),
      batch_time_(Now()),
      owner_(std::this_thread::get_id()) {}

Worker::~Worker() { Stop(); }

Status Worker::Start() {
  const std::lock_guard lock(thread_mutex_);
  if (thread_.joinable() || tasks_.closed()) return Error{"", "the worker was started before"};
  const BlockedSignals blocked;
  // Until the new thread says that it is the owner, nobody is.
  owner_ = std::thread::id();
  try {
    thread_ = std::thread(&Worker::ThreadMain, this);
  } catch (const std::system_error& error) {
    owner_ = std::this_thread::get_id();
    return Error{"", std::string("cannot make a thread: ") + error.what()};
  }
  return OkStatus();
}

void Worker::ThreadMain() {
  owner_ = std::this_thread::get_id();
  pthread_setname_np(pthread_self(), options_.thread_name.substr(0, 15).c_str());
  if (options_.cpu >= 0 && options_.cpu < CPU_SETSIZE) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(options_.cpu, &cpus);
    pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
  }
  while (!tasks_.closed()) RunOnce(TimeDelta::Infinite());
  // Post() said yes to what is left, and whoever waits in PostAndWait() counts on it.
  tasks_.RunAll();
  arena_.Flush();
}

void Worker::Stop() {
  tasks_.Close();
  if (IsWorkerThread()) return;
  const std::lock_guard lock(thread_mutex_);
  if (thread_.joinable()) thread_.join();
}

bool Worker::Post(Task task) { return tasks_.Push(std::move(task)); }

bool Worker::PostAndWait(Task task) {
  if (IsWorkerThread()) {
    task();
    return true;
  }
  Completion completion;
  Post([task = std::move(task), signal = Completion::Signal(&completion)]() mutable {
    task();
    signal.SetRan();
  });
  return completion.Wait();
}

bool Worker::IsWorkerThread() const { return owner_.load() == std::this_thread::get_id(); }

TimeDelta Worker::WaitTime(TimeDelta max_wait) {
  // What was committed outside of a round, between two RunOnce(), must not wait either.
  if (!tasks_.PrepareToSleep() || !batch_end_.empty() || !arena_.empty()) return TimeDelta::Zero();
  const Timestamp deadline = timers_.next_deadline();
  return deadline.is_never() ? max_wait : std::min(max_wait, deadline - Now());
}

void Worker::RunOnce(TimeDelta max_wait) {
  owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  poller_.Wait(WaitTime(max_wait));
  batch_time_ = Now();
  poller_.Dispatch(batch_time_);
  tasks_.RunAll();
  timers_.RunDue(batch_time_);
  batch_end_.Run(batch_time_);
  arena_.Flush();
}

Timestamp Worker::Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Timestamp::FromNanos(now.tv_sec * 1'000'000'000 + now.tv_nsec);
}

}  // namespace sfu
