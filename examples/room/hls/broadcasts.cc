#include "broadcasts.h"

#include <algorithm>
#include <utility>

#include "../server/limits.h"

namespace room {
namespace {

constexpr guint kTickInterval = 500;  // ms

std::string MakeId() {
  gchar* text = g_uuid_string_random();
  std::string id = text;
  g_free(text);
  return id;
}

Broadcast::Identity ReadIdentity(const std::string& room, const Json& wanted) {
  const Fields fields(wanted);
  Broadcast::Identity identity;
  identity.room = room;
  identity.kind = fields.OneOf("kind", {"composed", "peer"});
  if (identity.kind == "peer") identity.peer = fields.Text("peer", kMaxNameBytes);
  if (!fields.Has("renditions")) return identity;
  if (identity.kind == "peer") {
    throw RequestError("invalid", "renditions", "of a peer there is what he sends");
  }
  identity.renditions = ParseRenditions(wanted.at("renditions"));
  return identity;
}

}  // namespace

Broadcasts::Broadcasts(Conferences* conferences, int max_running)
    : conferences_(conferences), max_running_(static_cast<size_t>(max_running)) {
  timer_ = g_timeout_add(
      kTickInterval,
      [](gpointer self) -> gboolean {
        static_cast<Broadcasts*>(self)->Tick();
        return G_SOURCE_CONTINUE;
      },
      this);
}

Broadcasts::~Broadcasts() {
  g_source_remove(timer_);
  StopAll();
}

size_t Broadcasts::running() const {
  return static_cast<size_t>(
      std::ranges::count_if(broadcasts_, [](const auto& one) { return one.second->running(); }));
}

Json Broadcasts::Start(const std::string& room, const Json& wanted) {
  Broadcast::Identity identity = ReadIdentity(room, wanted);
  Conference& conference = conferences_->Get(room);
  if (identity.kind == "peer" && !conference.HasPerson(identity.peer)) {
    throw RequestError("not-found", "peer", "nobody in " + room + " is called " + identity.peer);
  }
  if (running() >= max_running_) {
    throw RequestError("full", "", "there are as many broadcasts as may be");
  }
  identity.id = MakeId();
  const std::string id = identity.id;
  broadcasts_[id] = std::make_unique<Broadcast>(std::move(identity), &conference);
  return broadcasts_[id]->Describe();
}

Broadcast& Broadcasts::Find(const std::string& room, const std::string& id) const {
  const auto found = broadcasts_.find(id);
  if (found != broadcasts_.end() && found->second->identity().room == room) return *found->second;
  throw RequestError("not-found", "id", "there is no broadcast " + id);
}

Json Broadcasts::Stop(const std::string& room, const std::string& id) {
  Broadcast& broadcast = Find(room, id);
  broadcast.Stop();
  conferences_->CloseIfEmpty(room);
  return broadcast.Describe();
}

Json Broadcasts::Get(const std::string& room, const std::string& id) const {
  return Find(room, id).Describe();
}

Json Broadcasts::List(const std::string& room) const {
  Json list = Json::array();
  for (const auto& [id, broadcast] : broadcasts_) {
    if (broadcast->identity().room == room) list.push_back(broadcast->Describe());
  }
  return {{"broadcasts", list}};
}

HlsFile Broadcasts::FindFile(const std::string& room, const std::string& id,
                             const std::string& file) const {
  return Find(room, id).Find(file);
}

bool Broadcasts::StopAll() {
  const bool any = running() > 0;
  for (const auto& [id, broadcast] : broadcasts_) broadcast->Stop();
  return any;
}

void Broadcasts::Tick() {
  for (const auto& [id, broadcast] : broadcasts_) {
    const bool was_running = broadcast->running();
    broadcast->Tick();
    if (was_running && !broadcast->running())
      conferences_->CloseIfEmpty(broadcast->identity().room);
  }
  std::erase_if(broadcasts_, [](const auto& one) { return one.second->expired(); });
}

}  // namespace room
