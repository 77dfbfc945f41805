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
  explicit OrderedCalls(GstElement* element) : element_(element) {}
  OrderedCalls(const OrderedCalls&) = delete;
  OrderedCalls& operator=(const OrderedCalls&) = delete;

  // Any thread; never waits.
  void Add(std::function<void()> call);

 private:
  void Run();

  GstElement* const element_;
  std::mutex mutex_;  // guards what follows
  std::deque<std::function<void()>> waiting_;
  bool running_ = false;
};

}  // namespace sfu::gst
