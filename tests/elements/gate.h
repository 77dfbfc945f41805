// Holds up whoever comes, until it is opened: a receiver that is slow for as long as a test likes.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <mutex>

namespace sfu::test {

class Gate {
 public:
  Gate() = default;
  ~Gate() { Open(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void Pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void WaitForVisitor() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0 || open_; });
  }
  // Every buffer that comes over `pad` has to pass. The gate must outlive the pad's last buffer.
  gulong Guard(GstPad* pad) {
    return gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        [](GstPad*, GstPadProbeInfo*, gpointer data) {
          static_cast<Gate*>(data)->Pass();
          return GST_PAD_PROBE_OK;
        },
        this, nullptr);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

}  // namespace sfu::test
