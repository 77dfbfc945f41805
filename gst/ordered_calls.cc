// One task makes all calls that wait.
#include "ordered_calls.h"

#include <utility>

#include "call_later.h"

namespace sfu::gst {

void OrderedCalls::Add(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= max_waiting_) waiting_.pop_front();
    waiting_.push_back(std::move(call));
    if (std::exchange(running_, true)) return;
  }
  CallLater(element_, [this] { Run(); });
}

void OrderedCalls::Run() {
  for (;;) {
    std::function<void()> call;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) {
        running_ = false;
        return;
      }
      call = std::move(waiting_.front());
      waiting_.pop_front();
    }
    call();
  }
}

}  // namespace sfu::gst
