// All recordings: those that are made now, and those that lie in the folder. Every path is made
// here, of a room's name and of ids and names that this server gave. For the thread of the main
// loop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "../server/conferences.h"
#include "../server/protocol.h"
#include "recording.h"

namespace room {

class Recordings {
 public:
  // Those of a room that are listed, the newest.
  static constexpr size_t kMaxListed = 500;

  // `folder`: empty: nothing is recorded. `max_running`: at the same time. `conferences` outlives
  // it.
  Recordings(Conferences* conferences, std::string folder, int max_running);
  Recordings(const Recordings&) = delete;
  Recordings& operator=(const Recordings&) = delete;
  // Stops all, and waits for their files.
  ~Recordings();

  // All of these throw RequestError, and give what Recording::Describe() does.
  Json Start(const std::string& room, const std::string& kind);
  Json Stop(const std::string& room, const std::string& id);
  Json Get(const std::string& room, const std::string& id) const;
  Json List(const std::string& room) const;
  // Where a recording's file is.
  std::string FindFile(const std::string& room, const std::string& id,
                       const std::string& file) const;

 private:
  Recording* Find(const std::string& room, const std::string& id) const;
  std::string RoomFolder(const std::string& room) const;
  std::string MakeFolder(const std::string& room, std::string* id) const;
  Json Load(const std::string& room, const std::string& id) const;
  size_t running() const;
  void Tick();

  Conferences* const conferences_;
  const std::string folder_;
  const size_t max_running_;
  guint timer_ = 0;
  std::map<std::string, std::unique_ptr<Recording>> recordings_;  // not ended; by room/id
};

}  // namespace room
