// All broadcasts by HLS. They are in memory alone. For the thread of the main loop.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "../server/conferences.h"
#include "../server/protocol.h"
#include "broadcast.h"

namespace room {

class Broadcasts {
 public:
  // `max_running`: at the same time. `conferences` outlives it.
  Broadcasts(Conferences* conferences, int max_running);
  Broadcasts(const Broadcasts&) = delete;
  Broadcasts& operator=(const Broadcasts&) = delete;
  // Stops all.
  ~Broadcasts();

  // All of these throw RequestError, and give what Broadcast::Describe() does. `wanted`: kind, peer
  // and renditions, as docs/api/room.openapi.json has them.
  Json Start(const std::string& room, const Json& wanted);
  Json Stop(const std::string& room, const std::string& id);
  Json Get(const std::string& room, const std::string& id) const;
  Json List(const std::string& room) const;
  HlsFile FindFile(const std::string& room, const std::string& id, const std::string& file) const;

  // Ends all, before the server does. Gives whether any was running: its players want to hear so.
  bool StopAll();

 private:
  using Map = std::map<std::string, std::unique_ptr<Broadcast>>;  // by id

  Broadcast& Find(const std::string& room, const std::string& id) const;
  size_t running() const;
  void Tick();

  Conferences* const conferences_;
  const size_t max_running_;
  Map broadcasts_;
  guint timer_ = 0;
};

}  // namespace room
