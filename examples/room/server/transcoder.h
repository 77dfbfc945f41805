// Pictures in another codec, for those who cannot decode what somebody sends: a branch of the
// pipeline that decodes and encodes. Its result comes back into the room as a Producer, on a face
// of the room's router that is its own. For the thread of the main loop.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <string>

#include "../recording/router_branch.h"
#include "protocol.h"

namespace room {

// What is to be made of pictures of `mime_type` for who can receive `rtp_capabilities`: a MIME
// type; empty: there is nothing.
std::string TranscodingTarget(const std::string& mime_type, const Json& rtp_capabilities);

class Transcoder {
 public:
  // `worker`: that of `router`. `target`: as TranscodingTarget() says. Throws std::runtime_error.
  Transcoder(GstElement* router, const std::string& worker, const std::string& producer,
             const std::string& mime_type, const std::string& target);

  // The id of the Producer that it makes.
  const std::string& producer() const { return producer_; }
  // Something has come of it, and the Producer is there.
  bool is_ready() const { return made() > 0; }
  // Whether nothing comes of it any more, though packets are there; to be asked every few seconds.
  // `paused`: the stream is, by who sends it.
  bool IsInVain(bool paused);

 private:
  // For how long (µs), and of how many packets, nothing may come.
  static constexpr int64_t kPatience = 10'000'000;
  static constexpr uint64_t kPatiencePackets = 200;

  uint64_t made() const;  // packets

  const std::string producer_;
  // Packets in and out when something last came of it, and when the next one was there (µs).
  uint64_t taken_ = 0;
  uint64_t made_ = 0;
  int64_t since_ = g_get_monotonic_time();
  RouterBranch branch_;
  const GstPtr<GstPad> result_;
};

}  // namespace room
