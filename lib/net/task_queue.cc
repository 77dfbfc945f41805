// See the header for why no wake-up is lost.
#include "net/task_queue.h"

#include <unistd.h>

#include <cstdint>
#include <utility>

namespace sfu {

void TaskQueue::Wake() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the poller has an event anyway.
  [[maybe_unused]] const ssize_t written = write(event_fd_, &one, sizeof(one));
}

bool TaskQueue::Push(Task task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed()) return false;
    tasks_.push_back(std::move(task));
    wake = std::exchange(sleeping_, false);
  }
  if (wake) Wake();
  return true;
}

void TaskQueue::Close() {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    closed_.store(true, std::memory_order_release);
    wake = std::exchange(sleeping_, false);
  }
  if (wake) Wake();
}

bool TaskQueue::PrepareToSleep() {
  const std::lock_guard lock(mutex_);
  sleeping_ = tasks_.empty() && !closed();
  return sleeping_;
}

void TaskQueue::RunAll() {
  {
    const std::lock_guard lock(mutex_);
    sleeping_ = false;
    running_.swap(tasks_);
  }
  for (Task& task : running_) {
    task();
    // What the task owns goes now, not when its neighbours are done.
    task = Task();
  }
  running_.clear();
}

}  // namespace sfu
