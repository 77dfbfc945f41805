// A called hook stays in the list until the run is over, so that a second request within one run
// is noticed; two hooks that request each other cannot keep the thread.
#include "net/batch_end_queue.h"

#include <algorithm>

namespace sfu {

void BatchEndQueue::Run(Timestamp now) {
  // By index: handlers may append.
  for (size_t i = 0; i < requested_.size(); ++i) {
    BatchEndHook* const hook = requested_[i];
    if (hook == nullptr) continue;
    hook->state_ = BatchEndHook::State::kCalled;
    hook->handler_.OnBatchEnd(now);
  }
  for (BatchEndHook* hook : requested_) {
    if (hook != nullptr && hook->state_ == BatchEndHook::State::kCalled) {
      hook->state_ = BatchEndHook::State::kIdle;
    }
  }
  requested_.clear();
  requested_.swap(again_);
  for (BatchEndHook* hook : requested_) {
    if (hook != nullptr) hook->state_ = BatchEndHook::State::kRequested;
  }
}

void BatchEndQueue::Forget(BatchEndHook* hook) {
  BatchEndHook* const none = nullptr;
  std::replace(requested_.begin(), requested_.end(), hook, none);
  std::replace(again_.begin(), again_.end(), hook, none);
}

BatchEndHook::~BatchEndHook() {
  if (state_ != State::kIdle) queue_.Forget(this);
}

void BatchEndHook::Request() {
  if (state_ == State::kIdle) {
    state_ = State::kRequested;
    queue_.requested_.push_back(this);
  } else if (state_ == State::kCalled) {
    state_ = State::kAgain;
    queue_.again_.push_back(this);
  }
}

}  // namespace sfu
