// A heap with four children per node: flatter than a binary one, and four entries of 24 bytes lie
// in two cache lines.
#include "net/timer_queue.h"

#include <algorithm>
#include <utility>

namespace sfu {
namespace {

constexpr size_t kChildren = 4;

}  // namespace

void TimerQueue::Register() {
  ++timers_;
  // Room for all timers at once, so that Arm() never allocates; doubled, so that making many timers
  // stays linear.
  if (heap_.capacity() < timers_) heap_.reserve(std::max<size_t>(64, timers_ * 2));
}

void TimerQueue::Unregister(Timer* timer) {
  timer->Cancel();
  --timers_;
  if (running_ == timer) running_ = nullptr;
}

void TimerQueue::Place(size_t index, const Entry& entry) {
  heap_[index] = entry;
  entry.timer->index_ = index;
}

void TimerQueue::SiftUp(size_t index, const Entry& entry) {
  while (index > 0) {
    const size_t parent = (index - 1) / kChildren;
    if (!entry.Before(heap_[parent])) break;
    Place(index, heap_[parent]);
    index = parent;
  }
  Place(index, entry);
}

void TimerQueue::SiftDown(size_t index, const Entry& entry) {
  for (;;) {
    const size_t first = index * kChildren + 1;
    if (first >= heap_.size()) break;
    const size_t end = std::min(first + kChildren, heap_.size());
    size_t least = first;
    for (size_t child = first + 1; child < end; ++child) {
      if (heap_[child].Before(heap_[least])) least = child;
    }
    if (!heap_[least].Before(entry)) break;
    Place(index, heap_[least]);
    index = least;
  }
  Place(index, entry);
}

void TimerQueue::Arm(Timer* timer, Timestamp deadline) {
  if (deadline <= running_at_) deadline = running_at_ + TimeDelta::Nanos(1);
  const Entry entry{deadline, next_order_++, timer};
  if (!timer->armed()) {
    heap_.push_back(entry);
    SiftUp(heap_.size() - 1, entry);
  } else if (entry.Before(heap_[timer->index_])) {
    SiftUp(timer->index_, entry);
  } else {
    SiftDown(timer->index_, entry);
  }
}

void TimerQueue::Remove(size_t index) {
  heap_[index].timer->index_ = Timer::kNotArmed;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && last.Before(heap_[(index - 1) / kChildren])) {
    SiftUp(index, last);
  } else {
    SiftDown(index, last);
  }
}

void TimerQueue::RunDue(Timestamp now) {
  running_at_ = now;
  while (!heap_.empty() && heap_.front().deadline <= now) {
    Timer* const timer = heap_.front().timer;
    Remove(0);
    running_ = timer;
    // The function lives outside of the timer during the call, so that it may destroy the timer.
    Timer::Function function = std::move(timer->function_);
    function(now);
    if (running_ == timer) timer->function_ = std::move(function);
  }
  running_ = nullptr;
  running_at_ = Timestamp::FromNanos(std::numeric_limits<int64_t>::min());
}

Timer::Timer(TimerQueue& queue, Function function) : queue_(queue), function_(std::move(function)) {
  queue_.Register();
}

Timer::~Timer() { queue_.Unregister(this); }

void Timer::Arm(Timestamp deadline) {
  if (deadline.is_never()) {
    Cancel();
  } else {
    queue_.Arm(this, deadline);
  }
}

void Timer::Cancel() {
  if (armed()) queue_.Remove(index_);
}

Timestamp Timer::deadline() const {
  return armed() ? queue_.heap_[index_].deadline : Timestamp::Never();
}

}  // namespace sfu
