// Guests of rooms who send plain RTP, or get it: FFmpeg, a camera, another server. Others see and
// hear who sends like anybody else, and do not see who gets. For the thread of the main loop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "conferences.h"
#include "options.h"
#include "protocol.h"

namespace room {

class PlainGuests {
 public:
  // `conferences` outlives it.
  PlainGuests(Conferences* conferences, const Options& options);
  PlainGuests(const PlainGuests&) = delete;
  PlainGuests& operator=(const PlainGuests&) = delete;
  // All of them leave.
  ~PlainGuests();

  // How often key frames go to who gets RTP: FFmpeg asks for none.
  static constexpr int64_t kKeyFrameInterval = 2'000'000;  // µs
  // Without a packet for so long who sends leaves, if he does not say otherwise, in seconds.
  static constexpr int kTimeout = 60;
  static constexpr int kMaxTimeout = 86'400;

  // A guest of `room`, described: where it is to send what, or what it gets. `host`: by which it
  // reaches this server, if there is no announced address. Throws RequestError.
  Json Add(const std::string& room, const Fields& fields, const std::string& host);
  Json List(const std::string& room) const;
  void Remove(const std::string& room, const std::string& id);

 private:
  struct Guest;
  Json Receive(const Fields& fields, const std::string& host, Guest* guest) const;
  Json Send(const Fields& fields, Guest* guest) const;
  // Who has fallen silent, and who gets nothing any more, leaves.
  void Sweep();
  Guest& Find(const std::string& room, const std::string& id) const;

  Conferences* const conferences_;
  const std::string address_;    // to bind
  const std::string announced_;  // or empty
  const bool anywhere_;          // RTP may be sent beyond this machine
  guint timer_ = 0;
  unsigned last_id_ = 0;
  std::map<std::string, std::unique_ptr<Guest>> guests_;  // by id
};

}  // namespace room
