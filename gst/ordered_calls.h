// Calls into the application, one after the other, on threads that may wait.
#pragma once

#include <gst/gst.h>

#include <deque>
#include <functional>
#include <mutex>

namespace sfu::gst {

class OrderedCalls {
 public:
  // So many may wait while the application is slow; then the oldest are not made.
  static constexpr size_t kMaxWaiting = 64;

  // `element` keeps this as long as a call is under way.
  explicit OrderedCalls(GstElement* element, size_t max_waiting = kMaxWaiting)
      : element_(element), max_waiting_(max_waiting) {}
  OrderedCalls(const OrderedCalls&) = delete;
  OrderedCalls& operator=(const OrderedCalls&) = delete;

  // Any thread; never waits.
  void Add(std::function<void()> call);

 private:
  void Run();

  GstElement* const element_;
  const size_t max_waiting_;
  std::mutex mutex_;  // guards what follows
  std::deque<std::function<void()>> waiting_;
  bool running_ = false;
};

}  // namespace sfu::gst
