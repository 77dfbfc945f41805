// The end of a branch: what comes to an appsink becomes blocks on GStreamer's system clock.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>

#include "../server/pipeline.h"
#include "interleaver.h"

namespace room {

// Nanoseconds of the clock that recordings count by: GStreamer's system clock.
int64_t Now();

class FrameSink {
 public:
  // Called by streaming threads.
  struct Callbacks {
    std::function<void(Block block, GstCaps* caps)> frame;  // the block is of track 0
    std::function<void()> end = [] {};
  };

  // `sink`: an appsink, in a pipeline with the system clock. Times are moved by `shift` (ns), for
  // what elements before it are early or late.
  FrameSink(GstElement* sink, int64_t shift, Callbacks callbacks);
  FrameSink(const FrameSink&) = delete;
  FrameSink& operator=(const FrameSink&) = delete;
  // Nothing streams any more.
  ~FrameSink() = default;

  GstElement* element() const { return sink_.get(); }

 private:
  void Take() const;

  const GstPtr<GstElement> sink_;
  const int64_t shift_;
  const Callbacks callbacks_;
};

}  // namespace room
