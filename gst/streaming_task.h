// The thread of a source pad that has one of its own.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>

namespace sfu::gst {

class StreamingTask {
 public:
  StreamingTask() = default;
  ~StreamingTask() { Stop(); }
  StreamingTask(const StreamingTask&) = delete;
  StreamingTask& operator=(const StreamingTask&) = delete;

  // Runs `iterate` over and over on a thread that is named after `pad`, until Stop(). The function
  // must keep alive what it needs: a task that stops itself outlives whoever started it.
  void Start(GstPad* pad, std::function<void()> iterate);
  // Ends the thread and waits for it; on that thread itself it does not wait: it ends when the
  // function comes back. What the function waits for must be ended before.
  void Stop();
  bool running() const { return task_ != nullptr; }

 private:
  struct State;
  std::shared_ptr<State> state_;
  GstTask* task_ = nullptr;
};

}  // namespace sfu::gst
