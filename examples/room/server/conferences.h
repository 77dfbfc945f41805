// All rooms. One is made when somebody joins it, and goes with the last who leaves.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conference.h"
#include "limits.h"
#include "options.h"
#include "pipeline.h"

namespace room {

class Conferences {
 public:
  // What a client is after it has joined.
  struct Place {
    Conference* conference = nullptr;  // as long as the peer is there
    std::weak_ptr<Peer> peer;
    Json welcome;
  };

  Conferences(Pipeline* pipeline, const Options& options);

  // Throws RequestError.
  Place Join(const Fields& fields, Outlet* outlet);
  // The same, of who needs no token. `room` is a good name. Who only watches needs no name.
  Place Enter(const std::string& room, const std::string& person, const std::string& session,
              Outlet* outlet, Via via);
  void Leave(const Place& place);

  // A room that nobody is in stays while somebody listens to it. He stopped doing so.
  void CloseIfEmpty(const std::string& name);

  // By name.
  std::vector<Conference*> rooms() const;
  // Throws RequestError if there is no such room.
  Conference& Get(const std::string& name) const;
  size_t people() const;
  // What there is now, and what all have counted so far, also those who have left.
  Census Count(MediaCounters* counters) const;

 private:
  struct Room {
    Room(std::string name, Pipeline* pipeline, const TransportSettings& settings, size_t on)
        : conference(std::move(name), pipeline, settings), worker(on) {}
    Conference conference;
    const size_t worker;
  };

  void CheckToken(const Fields& fields, const std::string& room) const;
  Room& Find(const std::string& name);
  TransportSettings SettingsOf(size_t worker);
  void Leave(Room& room, const Peer& peer);

  Pipeline* const pipeline_;
  const Options options_;
  WorkerLoads loads_;
  MediaCounters ended_;  // by media that have ended; before the rooms, which write it
  std::map<std::string, std::unique_ptr<Room>> rooms_;
};

}  // namespace room
