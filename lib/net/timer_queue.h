// Timers of one Worker: a heap ordered by deadline, in which every timer knows its place. Arming,
// re-arming and cancelling cost O(log n) and allocate nothing.
//
// The queue has no clock; it is told the time. Everything here belongs to the Worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "base/time.h"

namespace sfu {

class Timer;

class TimerQueue {
 public:
  // The earliest deadline, or Never().
  Timestamp next_deadline() const {
    return heap_.empty() ? Timestamp::Never() : heap_.front().deadline;
  }

  // Calls every timer whose deadline is not after `now`, earliest first, equal ones in the order in
  // which they were armed. A timer that is armed for the past meanwhile waits for the next call, so
  // that a timer which always does so cannot hold the thread.
  void RunDue(Timestamp now);

 private:
  friend class Timer;
  struct Entry {
    Timestamp deadline;
    uint64_t order;
    Timer* timer;
    bool Before(const Entry& other) const {
      return deadline != other.deadline ? deadline < other.deadline : order < other.order;
    }
  };

  void Register();
  void Unregister(Timer* timer);
  void Arm(Timer* timer, Timestamp deadline);
  void Remove(size_t index);
  void SiftUp(size_t index, const Entry& entry);
  void SiftDown(size_t index, const Entry& entry);
  void Place(size_t index, const Entry& entry);

  std::vector<Entry> heap_;
  size_t timers_ = 0;
  uint64_t next_order_ = 0;
  // While RunDue() runs: its `now`, and the timer whose function is being called.
  Timestamp running_at_ = Timestamp::FromNanos(std::numeric_limits<int64_t>::min());
  Timer* running_ = nullptr;
};

class Timer {
 public:
  using Function = std::function<void(Timestamp now)>;

  // `function` is called on the Worker's thread with the time of the wake-up; it may arm, cancel
  // and destroy any timer, this one too. The queue must outlive the timer.
  Timer(TimerQueue& queue, Function function);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Fires once at `deadline`, instead of at an earlier armed one. Never() cancels.
  void Arm(Timestamp deadline);
  void Cancel();
  bool armed() const { return index_ != kNotArmed; }
  // Never() when not armed.
  Timestamp deadline() const;

 private:
  friend class TimerQueue;
  static constexpr size_t kNotArmed = SIZE_MAX;

  TimerQueue& queue_;
  Function function_;
  size_t index_ = kNotArmed;
};

}  // namespace sfu
