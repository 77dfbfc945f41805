// Guests of rooms who send plain RTP: FFmpeg, a camera, another server. Others see and hear them
// like anybody else. For the thread of the main loop.
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

  // A guest of `room`, described: where it is to send what. `host`: by which it reaches this
  // server, if there is no announced address. Throws RequestError.
  Json Add(const std::string& room, const Fields& fields, const std::string& host);
  Json List(const std::string& room) const;
  void Remove(const std::string& room, const std::string& id);

 private:
  struct Guest;
  Guest& Find(const std::string& room, const std::string& id) const;

  Conferences* const conferences_;
  const std::string address_;    // to bind
  const std::string announced_;  // or empty
  unsigned last_id_ = 0;
  std::map<std::string, std::unique_ptr<Guest>> guests_;  // by id
};

}  // namespace room
