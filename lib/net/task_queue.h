// Tasks on their way to a Worker's thread.
//
// Writing to the eventfd costs a system call, so it is done only when the thread is (about to be)
// asleep. PrepareToSleep() and Push() take one lock, so no wake-up is lost: either the task is seen
// before the thread sleeps, or the pusher sees that it sleeps.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "net/task.h"

namespace sfu {

class TaskQueue {
 public:
  // `event_fd` stays the caller's. It is never read: the poller must watch it edge-triggered.
  explicit TaskQueue(int event_fd) : event_fd_(event_fd) {}

  // Any thread. False when the queue is closed; the task is then destroyed without being run. The
  // queue has no bound of its own: who posts per packet must bound what is under way.
  bool Push(Task task);

  // Any thread. No task is accepted from now on; the owner is woken.
  void Close();
  bool closed() const { return closed_.load(std::memory_order_acquire); }

  // Owner: true when there is nothing to run; from then until RunAll(), Push() wakes.
  bool PrepareToSleep();
  // Owner: runs what has been pushed so far; what is pushed meanwhile waits for the next call.
  void RunAll();

 private:
  void Wake();

  const int event_fd_;
  std::mutex mutex_;
  std::vector<Task> tasks_;  // guarded by mutex_
  bool sleeping_ = false;    // guarded by mutex_
  std::atomic<bool> closed_{false};
  std::vector<Task> running_;  // the owner's; swapped with tasks_ so that both keep their memory
};

}  // namespace sfu
