// One stream on its way into a file: a source pad of a router, and what makes frames of its
// packets.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "../server/pipeline.h"
#include "media_file.h"

namespace room {

// Nanoseconds of the clock that recordings count by: GStreamer's system clock.
int64_t Now();

// What a room tells of a stream that somebody sends.
struct StreamInfo {
  std::string producer;   // id
  std::string peer;       // name
  std::string source;     // mic, cam, screen or screen-audio
  std::string mime_type;  // of its codec
};

class TrackBranch {
 public:
  // `router`: in a pipeline that plays, with base time 0. `latency`: how long (ms) repairs are
  // waited for. Throws std::runtime_error.
  TrackBranch(GstElement* router, const StreamInfo& stream, std::shared_ptr<MediaFile> file,
              int latency);
  TrackBranch(const TrackBranch&) = delete;
  TrackBranch& operator=(const TrackBranch&) = delete;
  // Takes it out of the pipeline. What is still under way is lost, unless it has ended.
  ~TrackBranch();

  // The stream's end has come through.
  bool ended() const { return ended_; }
  // Packets lost because the disk did not keep up.
  uint64_t dropped() const;

 private:
  void Take(GstElement* sink);
  void Write(GstSample* sample);
  void End();

  const GstPtr<GstElement> router_;
  const std::string name_;
  const std::shared_ptr<MediaFile> file_;
  GstPtr<GstElement> bin_;
  GstPtr<GstPad> pad_;
  GstCaps* caps_ = nullptr;  // of the last frame; the streaming thread's, as the track is
  std::optional<unsigned> track_;
  std::atomic<bool> ended_{false};
};

}  // namespace room
