// Keeps a foreign-fed sink pad in time with the pipeline's clock, by waiting on the thread that
// feeds it: so a file is played at its own pace.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <mutex>

namespace sfu::gst {

class Pace {
 public:
  // If the first packet comes in PAUSED so much passes without waiting, counted from that packet:
  // enough for sinks behind a Router to preroll with.
  static constexpr GstClockTime kPreroll = 500 * GST_MSECOND;

  // Waits until the pipeline of `element` is PLAYING and has come to `running_time`. False when the
  // pad began to flush meanwhile.
  bool WaitFor(GstElement* element, GstClockTime running_time);
  void SetPlaying(bool playing);
  // Ends waiting, now and until it is set to false again.
  void SetFlushing(bool flushing);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool playing_ = false;
  bool flushing_ = false;
  GstClockTime preroll_end_ = GST_CLOCK_TIME_NONE;  // not known before the first packet
  GstClockID waiting_ = nullptr;                    // guarded by mutex_
};

}  // namespace sfu::gst
