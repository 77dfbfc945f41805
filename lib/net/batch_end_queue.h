// Work that is done once at the end of a batch, however often it is asked for: a Consumer's packets
// are gathered while a batch goes through the stations, and sent when it has passed.
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"

namespace sfu {

class BatchEndHook;

class BatchEndHandler {
 public:
  virtual ~BatchEndHandler() = default;
  virtual void OnBatchEnd(Timestamp now) = 0;
};

// The hooks of one Worker; belongs to its thread.
class BatchEndQueue {
 public:
  bool empty() const { return requested_.empty(); }
  // Calls the hooks in the order of their requests. What is requested meanwhile is called in the
  // same run, but a hook that was called already waits for the next one.
  void Run(Timestamp now);

 private:
  friend class BatchEndHook;

  void Forget(BatchEndHook* hook);

  std::vector<BatchEndHook*> requested_;
  std::vector<BatchEndHook*> again_;
};

class BatchEndHook {
 public:
  // Both must outlive the hook. The handler may destroy the hook while it is called.
  BatchEndHook(BatchEndQueue& queue, BatchEndHandler& handler) : queue_(queue), handler_(handler) {}
  ~BatchEndHook();
  BatchEndHook(const BatchEndHook&) = delete;
  BatchEndHook& operator=(const BatchEndHook&) = delete;

  // Has the handler called at the end of this batch. Cheap when already requested.
  void Request();

 private:
  friend class BatchEndQueue;
  enum class State { kIdle, kRequested, kCalled, kAgain };

  BatchEndQueue& queue_;
  BatchEndHandler& handler_;
  State state_ = State::kIdle;
};

}  // namespace sfu
