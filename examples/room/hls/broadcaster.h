// What makes live streams of a room: one kind or the other (composed_broadcaster.h).
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../recording/frame_sink.h"
#include "../recording/router_branch.h"
#include "live_stream.h"

namespace room {

using LiveStreams = std::vector<std::shared_ptr<LiveStream>>;

class Broadcaster {
 public:
  // How late mixed streams are: who waits longer for repairs is longer behind.
  static constexpr int64_t kLatency = 1'000'000'000;  // ns

  virtual ~Broadcaster() = default;
  // Somebody sends another stream, or no longer. What cannot be broadcast is thrown as
  // std::runtime_error.
  virtual void Add(const StreamInfo& stream) = 0;
  virtual void Remove(const std::string& producer) = 0;
  // Whether the picture is "mixed", "passed-through", "transcoded", or "none".
  virtual std::string picture() const = 0;
  // What an element complained of since the last call; empty: nothing.
  virtual std::string TakeError() const = 0;
};

// The encoder of sounds, as a gst-launch-1.0 line from `sound` to the appsink `sound-sink`.
std::string SoundEncoder();
// An encoder of pictures, up to a byte stream; `bitrate` in kbit/s.
std::string PictureEncoder(int bitrate);

// From an appsink into live streams.
class LiveSink {
 public:
  // `track`: LiveStream::kPicture or kSound. `shift`: as FrameSink's.
  LiveSink(GstElement* sink, unsigned track, int64_t shift, LiveStreams streams);

 private:
  void Write(Block block) const;

  const unsigned track_;
  const LiveStreams streams_;
  const FrameSink sink_;  // the last: it calls
};

}  // namespace room
