#include "conferences.h"

#include <utility>

#include "join_token.h"
#include "log.h"

namespace room {
namespace {

constexpr unsigned short kReplaced = 4001;  // the WebSocket's close code; the page knows it

}  // namespace

Conferences::Conferences(Pipeline* pipeline, const Options& options)
    : pipeline_(pipeline), options_(options), loads_(static_cast<size_t>(options.workers)) {}

size_t Conferences::people() const {
  size_t sum = 0;
  for (const auto& [name, room] : rooms_) sum += room->conference.size();
  return sum;
}

Census Conferences::Count(MediaCounters* counters) const {
  Census census;
  counters->Add(ended_);
  for (const auto& [name, room] : rooms_) {
    ++census.rooms;
    room->conference.Count(&census, counters);
  }
  return census;
}

std::vector<Conference*> Conferences::rooms() const {
  std::vector<Conference*> rooms;
  for (const auto& [name, room] : rooms_) rooms.push_back(&room->conference);
  return rooms;
}

Conference& Conferences::Get(const std::string& name) const {
  const auto found = rooms_.find(name);
  if (found == rooms_.end()) throw RequestError("not-found", "room", "nobody is in " + name);
  return found->second->conference;
}

Conferences::Place Conferences::Join(const Fields& fields, Outlet* outlet) {
  const std::string name = fields.Text("room", kMaxRoomBytes);
  CheckRoomName(name);
  const std::string person = fields.Text("name", kMaxNameBytes);
  const std::string session = fields.OptionalText("session", kMaxIdBytes);
  CheckToken(fields, name);
  return Enter(name, person, session, outlet, Via::kPage);
}

Conferences::Place Conferences::Enter(const std::string& name, const std::string& person,
                                      const std::string& session, Outlet* outlet, Via via) {
  Room& room = Find(name);
  Conference& conference = room.conference;
  // The same client again, whose first connection is dead or forgotten.
  if (const Peer* before = conference.FindSession(session); before != nullptr) {
    before->outlet->CutOff(kReplaced, "joined again");
    loads_.Remove(room.worker);
    conference.Leave(*before);
  }
  if (conference.size() >= static_cast<size_t>(options_.limits.max_peers)) {
    throw RequestError("full", "room", "the room is full");
  }
  const auto peer = conference.Join(person, session, via, outlet);
  loads_.Add(room.worker);
  Log("joined", {{"room", name},
                 {"peer", peer->id},
                 {"name", person},
                 {"via", TextOf(via)},
                 {"worker", room.worker}});
  return {&conference, peer, conference.Welcome(*peer)};
}

void Conferences::CheckToken(const Fields& fields, const std::string& room) const {
  if (options_.token_key.empty()) return;
  const std::string token = fields.OptionalText("token", kMaxToken);
  const std::string refused = token.empty() ? "this server needs a token"
                                            : RefuseToken(options_.token_key, token, room,
                                                          g_get_real_time() / G_USEC_PER_SEC);
  if (!refused.empty()) throw RequestError("token", "token", refused);
}

Conferences::Room& Conferences::Find(const std::string& name) {
  const auto found = rooms_.find(name);
  if (found != rooms_.end()) return *found->second;
  if (rooms_.size() >= static_cast<size_t>(options_.limits.max_rooms)) {
    throw RequestError("full", "room", "the server has no place for another room");
  }
  const size_t worker = loads_.LeastLoaded();
  auto room = std::make_unique<Room>(name, pipeline_, SettingsOf(worker), worker);
  Log("room-opened", {{"room", name}, {"worker", worker}});
  return *(rooms_[name] = std::move(room));
}

// Each Worker has ports of its own.
TransportSettings Conferences::SettingsOf(size_t worker) {
  const size_t port = options_.media_port == 0 ? 0 : options_.media_port + worker;
  return {"room-" + std::to_string(worker), options_.media_address, options_.announced_address,
          static_cast<unsigned>(port), &ended_};
}

void Conferences::Leave(const Place& place) {
  // The room owns it: its media must go before the room's router does.
  const Peer* peer = place.peer.lock().get();
  if (peer == nullptr) return;
  Leave(*rooms_.at(place.conference->name()), *peer);
}

void Conferences::Leave(Room& room, const Peer& peer) {
  const std::string name = room.conference.name();
  Log("left", {{"room", name}, {"peer", peer.id}, {"name", peer.name}});
  loads_.Remove(room.worker);
  room.conference.Leave(peer);
  CloseIfEmpty(name);
}

void Conferences::CloseIfEmpty(const std::string& name) {
  const auto room = rooms_.find(name);
  if (room == rooms_.end()) return;
  const Conference& conference = room->second->conference;
  if (conference.size() > 0 || conference.has_listeners()) return;
  rooms_.erase(room);
  Log("room-closed", {{"room", name}});
}

}  // namespace room
