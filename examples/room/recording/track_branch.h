// One stream on its way into a file, as it is.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <memory>

#include "file_sink.h"
#include "router_branch.h"

namespace room {

class TrackBranch {
 public:
  // `router`: in a pipeline that plays. `latency`: how long (ms) repairs are waited for. Throws
  // std::runtime_error.
  TrackBranch(GstElement* router, const StreamInfo& stream, std::shared_ptr<MediaFile> file,
              int latency);

  // The stream's end has come through.
  bool ended() const { return sink_->ended(); }
  // Packets lost because the disk did not keep up.
  uint64_t dropped() const { return branch_.dropped(); }

 private:
  std::unique_ptr<FileSink> sink_;  // before the branch that streams into it
  RouterBranch branch_;
};

}  // namespace room
