// What hangs on a source pad of a router: a bin of elements that comes and goes while the pipeline
// plays.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <string>

#include "../server/pipeline.h"

namespace room {

// What a room tells of a stream that somebody sends.
struct StreamInfo {
  std::string producer;   // id
  std::string peer;       // name
  std::string source;     // mic, cam, screen or screen-audio
  std::string mime_type;  // of its codec
};

// Whether it is a picture, or else a sound.
bool IsPicture(const StreamInfo& stream);

// A bin of a gst-launch-1.0 line. Its open ends are ghost pads. Throws std::runtime_error.
GstPtr<GstElement> MakeBin(const std::string& line);

// What the statistics of a pad of ours have counted by that name.
uint64_t CountOf(GstPad* pad, const char* field);

class RouterBranch {
 public:
  // Adds `bin` to the pipeline of `router`. `latency`: how long (ms) repairs are waited for.
  RouterBranch(GstElement* router, GstPtr<GstElement> bin, int latency);
  RouterBranch(const RouterBranch&) = delete;
  RouterBranch& operator=(const RouterBranch&) = delete;
  // Takes it out of the pipeline. What is still under way is lost.
  ~RouterBranch();

  GstElement* bin() const { return bin_.get(); }
  // Lets the packets of that Producer in; what is behind the bin is linked by now.
  void Link(const std::string& producer);
  // Packets lost because the branch did not keep up.
  uint64_t dropped() const { return CountOf(pad_.get(), "packetsDropped"); }
  // Packets that it got.
  uint64_t packets() const { return CountOf(pad_.get(), "packetsSent"); }

 private:
  const GstPtr<GstElement> router_;
  const GstPtr<GstElement> bin_;
  GstPtr<GstPad> pad_;
  const int latency_;
};

}  // namespace room
