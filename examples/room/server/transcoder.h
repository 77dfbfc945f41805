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
  // For how long packets may come, and no picture of them (µs).
  static constexpr int64_t kPatience = 10'000'000;

  // `worker`: that of `router`. `target`: as TranscodingTarget() says. Throws std::runtime_error.
  Transcoder(GstElement* router, const std::string& worker, const std::string& producer,
             const std::string& mime_type, const std::string& target);

  // The id of the Producer that it makes.
  const std::string& producer() const { return producer_; }
  // The first picture is encoded: the Producer is there, or will be at once.
  bool is_ready() const;
  // Whether nothing will come of it any more; to be asked all the while it is waited for.
  // `paused`: so that nothing can come now.
  bool IsInVain(bool paused);

 private:
  const std::string producer_;
  int64_t since_ = g_get_monotonic_time();
  RouterBranch branch_;
  const GstPtr<GstPad> result_;
};

}  // namespace room
