// The end of a branch: what comes to an appsink becomes a track of a file.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "frame_sink.h"
#include "media_file.h"

namespace room {

class FileSink {
 public:
  // `sink`: an appsink, in a pipeline with the system clock; it outlives what streams into it.
  // `name`: of the track. Its times are moved by `shift` (ns), for what elements before it are
  // early or late.
  FileSink(GstElement* sink, std::string name, std::shared_ptr<MediaFile> file, int64_t shift = 0);
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;
  // Nothing streams any more.
  ~FileSink();

  // The stream's end has come.
  bool ended() const { return ended_; }

 private:
  void Write(Block block, GstCaps* caps);
  void End();

  const std::string name_;
  const std::shared_ptr<MediaFile> file_;
  GstCaps* caps_ = nullptr;  // of the last frame; the streaming thread's, as the track is
  std::optional<unsigned> track_;
  std::atomic<bool> ended_{false};
  const FrameSink sink_;  // the last: it calls
};

}  // namespace room
