// Guests of rooms who come by WHIP and WHEP: OBS, a page of somebody else, a player. Who publishes
// is seen and heard like anybody else; who watches is not seen. The protocol is that of the element
// sfuwhip. For the thread of the main loop.
#pragma once

#include <gst/gst.h>

#include <map>
#include <memory>
#include <string>

#include "api/http.h"
#include "conferences.h"
#include "pipeline.h"

namespace room {

class WhipGuests {
 public:
  // `conferences` outlives it.
  explicit WhipGuests(Conferences* conferences);
  WhipGuests(const WhipGuests&) = delete;
  WhipGuests& operator=(const WhipGuests&) = delete;
  // All of them leave.
  ~WhipGuests();

  // Answers a request to /rooms/{room}/whip, /rooms/{room}/whep, or a session below one of them.
  // Throws RequestError.
  HttpResponse Handle(const HttpRequest& request);

 private:
  struct Guest;

  // What sfuwhip asks for. The answers are JSON.
  std::string Open(const std::string& id, bool publish, const std::string& offer);
  std::string RestartIce(const std::string& id);
  void Close(const std::string& id);

  void Publish(Guest& guest, const Json& offer, Json* answer) const;
  void Watch(Guest& guest, const Json& offer, Json* answer) const;
  // Who has connected, who has gone, and who has nothing to watch any more.
  void Sweep();

  Conferences* const conferences_;
  const GstPtr<GstElement> whip_;
  guint timer_ = 0;
  unsigned last_name_ = 0;
  std::map<std::string, std::unique_ptr<Guest>> guests_;  // by session
  const HttpRequest* request_ = nullptr;                  // the one that is handled
};

}  // namespace room
