#include "broadcast.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "../server/log.h"
#include "composed_broadcaster.h"
#include "peer_broadcaster.h"

namespace room {
namespace {

constexpr char kName[] = "live";
constexpr char kMain[] = "live.m3u8";
constexpr char kPlaylistType[] = "application/vnd.apple.mpegurl";

}  // namespace

Broadcast::Broadcast(Identity identity, Conference* conference)
    : identity_(std::move(identity)), conference_(conference), began_(g_get_real_time() / 1000) {
  GstElement* router = conference->router();
  if (identity_.kind == "composed") {
    MakeStreams(ComposedBroadcaster::StreamSettings());
    const std::vector<Rendition> one(1);
    broadcaster_ = std::make_unique<ComposedBroadcaster>(
        router, identity_.renditions.empty() ? one : identity_.renditions, streams_);
  } else {
    MakeStreams(PeerBroadcaster::StreamSettings());
    broadcaster_ = std::make_unique<PeerBroadcaster>(router, identity_.peer, streams_.front());
  }
  Log("broadcast-started", {{"room", identity_.room}, {"id", identity_.id}});
  conference_->AddListener(this);
  picture_ = broadcaster_->picture();
}

Broadcast::~Broadcast() {
  Stop();
  closing_.wait();
}

void Broadcast::MakeStreams(LiveStream::Settings settings) {
  settings.wall_clock = g_get_real_time() * 1000 - Now();
  settings.name = kName;
  if (identity_.renditions.empty()) streams_.push_back(std::make_shared<LiveStream>(settings));
  for (const Rendition& rendition : identity_.renditions) {
    settings.name = std::to_string(rendition.height) + "p";
    streams_.push_back(std::make_shared<LiveStream>(settings));
  }
}

void Broadcast::OnProducer(const Peer& peer, const std::string& id, const Producer& producer) {
  try {
    broadcaster_->Add({id, peer.name, producer.source, producer.codec});
  } catch (const std::exception& error) {
    Log("broadcast-stream", {{"id", identity_.id}, {"peer", peer.name}, {"reason", error.what()}});
  }
}

void Broadcast::OnProducerClosed(const std::string& id) { broadcaster_->Remove(id); }

Json Broadcast::Output() const {
  return {{"type", "broadcast"}, {"id", identity_.id}, {"kind", identity_.kind}};
}

void Broadcast::Tick() {
  if (!running()) return;
  picture_ = broadcaster_->picture();
  const std::string error = broadcaster_->TakeError();
  if (!error.empty()) Log("broadcast-stream", {{"id", identity_.id}, {"reason", error}});
  const int64_t now = g_get_monotonic_time();
  const bool there =
      identity_.kind == "peer" ? conference_->HasPerson(identity_.peer) : conference_->size() > 0;
  if (there) {
    empty_since_ = 0;
  } else if (empty_since_ == 0) {
    empty_since_ = now;
  }
  if (empty_since_ != 0 && now - empty_since_ > kEmptyPatience) Stop();
}

void Broadcast::Stop() {
  if (!running()) return;
  std::exchange(conference_, nullptr)->RemoveListener(this);
  for (const auto& stream : streams_) stream->End();
  stopped_ = g_get_monotonic_time();
  Log("broadcast-ended", {{"room", identity_.room}, {"id", identity_.id}});
  // Encoders take their time.
  closing_ = std::async(std::launch::async,
                        [broadcaster = std::move(broadcaster_)]() mutable { broadcaster.reset(); });
}

bool Broadcast::expired() const {
  return !running() && g_get_monotonic_time() - stopped_ > kAfterglow;
}

std::string Broadcast::MainPlaylist() const {
  if (identity_.renditions.empty()) return streams_.front()->Playlist();
  std::vector<Variant> variants;
  for (size_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i]->Playlist().empty()) return {};
    variants.push_back(
        {identity_.renditions[i], streams_[i]->codec(), streams_[i]->name() + ".m3u8"});
  }
  return MultivariantPlaylist(variants);
}

Json Broadcast::Describe() const {
  const std::string path = "/api/rooms/" + identity_.room + "/hls/" + identity_.id + "/";
  const char* begun = MainPlaylist().empty() ? "starting" : "running";
  Json json = {{"id", identity_.id},
               {"room", identity_.room},
               {"kind", identity_.kind},
               {"state", running() ? begun : "ended"},
               {"started", began_},
               {"picture", picture_},
               {"playlist", path + kMain},
               {"page", "/watch.html?room=" + identity_.room + "&id=" + identity_.id}};
  if (identity_.kind == "peer") json["peer"] = identity_.peer;
  for (const Rendition& rendition : identity_.renditions) {
    json["renditions"].push_back({{"width", rendition.width},
                                  {"height", rendition.height},
                                  {"bitrate", rendition.bitrate},
                                  {"bandwidth", rendition.bandwidth()}});
  }
  return json;
}

HlsFile Broadcast::Find(const std::string& file) const {
  std::string playlist = file == kMain ? MainPlaylist() : std::string();
  for (const auto& stream : streams_) {
    if (file == stream->name() + ".m3u8") playlist = stream->Playlist();
    if (const SharedBytes segment = stream->Segment(file)) return {"video/mp2t", segment, false};
  }
  if (playlist.empty()) throw RequestError("not-found", "file", "there is no file " + file);
  return {kPlaylistType, std::make_shared<const std::string>(std::move(playlist)), true};
}

}  // namespace room
