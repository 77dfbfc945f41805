// A pipeline with another face of a room's router, so that what hangs on it comes and goes apart
// from the room and from its other recordings.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <string>

#include "../server/pipeline.h"

namespace room {

class RecorderPipeline {
 public:
  // What running time counts from: the clock's own zero, so that nothing is before it, or now, for
  // elements that make something of their own from zero on.
  enum class Zero { kClock, kNow };

  // `room`: the room's own face. Throws std::runtime_error.
  RecorderPipeline(GstElement* room, Zero zero);
  RecorderPipeline(const RecorderPipeline&) = delete;
  RecorderPipeline& operator=(const RecorderPipeline&) = delete;
  ~RecorderPipeline();

  GstElement* get() const { return pipeline_.get(); }
  GstElement* router() const { return router_; }
  // Ends the streams, and waits until `done`, but not for ever.
  void End(const std::function<bool()>& done) const;
  // What an element complained of since the last call; empty: nothing.
  std::string TakeError() const;

 private:
  const GstPtr<GstElement> pipeline_;
  GstElement* router_ = nullptr;  // the pipeline's
};

}  // namespace room
