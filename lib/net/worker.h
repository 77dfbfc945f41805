// A Worker: one thread with one event loop, and everything that lives on it: sockets, timers, the
// send arena. What is placed on a Worker is touched by its thread only and needs no locks; other
// threads Post().
//
// One round of the loop: wait for descriptors, timers or tasks; hand out what is ready; run tasks;
// run due timers; run the end-of-batch hooks; send what has gathered in the arena.
//
// Workers know nothing of each other and are in no registry; naming them is the caller's business.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/time.h"
#include "net/batch_end_queue.h"
#include "net/datagram_reader.h"
#include "net/features.h"
#include "net/poller.h"
#include "net/send_arena.h"
#include "net/task_queue.h"
#include "net/timer_queue.h"

namespace sfu {

struct WorkerOptions {
  std::string thread_name = "sfu-worker";  // the kernel keeps 15 bytes of it
  int cpu = -1;                            // core to stay on; -1: where the scheduler likes
  NetFeatures allowed_features;            // switches single fast calls off
  size_t send_arena_size = SendArena::kDefaultCapacity;  // bytes
};

class Worker {
 public:
  // Fails when file descriptors have run out. The Worker has no thread yet.
  static Result<std::unique_ptr<Worker>> Create(const WorkerOptions& options = {});
  // Stops. Everything placed on the Worker (sockets, timers, hooks) must be gone. Not on the
  // Worker's own thread.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Gives the Worker a thread. Once; not after Stop().
  Status Start();
  // Accepts no more tasks, runs those accepted, ends the thread and waits for it. Any thread, any
  // number of times. On the Worker's own thread it does not wait: the loop ends after this round.
  void Stop();

  // Has `task` run on the Worker's thread. Any thread. False when the Worker is stopped: the task
  // is then destroyed without being run. Tasks of one thread keep their order. A task that is
  // accepted while there is no thread runs in RunOnce(), or is destroyed with the Worker.
  bool Post(Task task);
  // As Post(), and waits until the task has run; on the Worker's thread it runs at once. False when
  // it did not run. Hold no lock that the Worker may want.
  bool PostAndWait(Task task);

  // True on the thread that owns the Worker: its own; without one, that which created it or last
  // called RunOnce().
  bool IsWorkerThread() const;

  // For use without a thread of its own: one round of the loop on the caller's thread, which waits
  // at most `max_wait`. Never while the Worker has a thread.
  void RunOnce(TimeDelta max_wait);

  // CLOCK_MONOTONIC, read now. Any thread.
  static Timestamp Now();
  // The time of this wake-up: what handlers are told as `now`. Worker's thread.
  Timestamp batch_time() const { return batch_time_; }

  const NetFeatures& features() const { return features_; }

  // Worker's thread only:
  TimerQueue& timers() { return timers_; }
  Poller& poller() { return poller_; }
  BatchEndQueue& batch_end() { return batch_end_; }
  SendArena& send_arena() { return arena_; }
  DatagramReader& reader() { return reader_; }

 private:
  Worker(const WorkerOptions& options, const NetFeatures& features);

  void ThreadMain();
  TimeDelta WaitTime(TimeDelta max_wait);

  const WorkerOptions options_;
  const NetFeatures features_;
  Poller poller_;
  TaskQueue tasks_;
  TimerQueue timers_;
  BatchEndQueue batch_end_;
  SendArena arena_;
  DatagramReader reader_;
  Timestamp batch_time_;
  std::atomic<std::thread::id> owner_;
  std::mutex thread_mutex_;  // guards thread_
  std::thread thread_;
};

}  // namespace sfu
