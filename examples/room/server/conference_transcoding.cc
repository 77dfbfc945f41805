// Conference: what some viewers get in another codec.
#include <set>
#include <stdexcept>

#include "conference.h"
#include "examples/echo/actions.h"
#include "log.h"

namespace room {
namespace {

constexpr guint kLookInterval = 50;  // ms
constexpr char kCannot[] = "it cannot be made in another codec";

}  // namespace

bool Conference::LacksCodec(const Peer& viewer, const std::string& producer_id) const {
  const Json options = {{"producerId", producer_id}, {"rtpCapabilities", *viewer.capabilities}};
  try {
    return !Call(router_->get(), "can-consume", options.dump()).get<bool>();
  } catch (const ActionError&) {
    return false;  // its capabilities are wrong
  }
}

bool Conference::Transcode(Peer& viewer, const Peer& from, const std::string& producer_id,
                           std::string* reason) {
  const std::string& codec = from.producers.at(producer_id).codec;
  if (!LacksCodec(viewer, producer_id)) return false;
  const std::string target = TranscodingTarget(codec, *viewer.capabilities);
  if (target.empty()) return false;
  const TranscoderKey key = {producer_id, target};
  if (!transcoders_.contains(key)) {
    if (transcoders_.size() >= kMaxTranscoders) {
      *reason = "this room has " + std::to_string(kMaxTranscoders) +
                " streams made in another codec, and may have no more";
      return false;
    }
    try {
      transcoders_[key] = std::make_unique<Transcoder>(router_->get(), transports_.worker,
                                                       producer_id, codec, target);
    } catch (const std::runtime_error& error) {
      Log("transcoder-failed", {{"room", name_}, {"reason", error.what()}});
      *reason = kCannot;
      return false;
    }
    Log("transcoder-started", {{"room", name_}, {"producer", producer_id}, {"codec", target}});
  }
  viewer.transcoded[producer_id] = target;
  if (transcoding_timer_ != 0) return true;
  transcoding_timer_ = g_timeout_add(
      kLookInterval,
      [](gpointer data) -> gboolean {
        auto* self = static_cast<Conference*>(data);
        if (self->ServeTranscoded()) return G_SOURCE_CONTINUE;
        self->transcoding_timer_ = 0;
        return G_SOURCE_REMOVE;
      },
      this);
  return true;
}

bool Conference::ServeTranscoded() {
  bool waiting = false;
  for (const auto& [key, transcoder] : transcoders_) {
    std::vector<Peer*> viewers = ViewersOf(key);
    std::erase_if(viewers, [&, &id = key.first](Peer* one) { return one->consumers.contains(id); });
    if (viewers.empty()) continue;
    if (!transcoder->is_ready()) {
      waiting = true;
      continue;
    }
    for (Peer* viewer : viewers) ServeTranscoded(*viewer, key.first, *transcoder);
  }
  EndTranscoders();
  return waiting;
}

void Conference::ServeTranscoded(Peer& viewer, const std::string& producer_id,
                                 const Transcoder& transcoder) {
  const Peer& from = *Owner(producer_id);
  try {
    const Json consumer =
        viewer.media.Consume(transcoder.producer(), *viewer.capabilities, {{"paused", true}});
    viewer.consumers[producer_id] = consumer.at("id");
    TellConsumer(viewer, from, producer_id, consumer);
  } catch (const RequestError& error) {
    viewer.transcoded.erase(producer_id);
    TellNotConsumable(viewer, from, producer_id, error.what());
  }
}

void Conference::GiveUpTranscoders() {
  for (const auto& [key, transcoder] : transcoders_) {
    const Peer& from = *Owner(key.first);
    if (!transcoder->IsInVain(from.producers.at(key.first).paused)) continue;
    for (Peer* viewer : ViewersOf(key)) {
      viewer->transcoded.erase(key.first);
      CloseConsumer(*viewer, key.first);
      TellNotConsumable(*viewer, from, key.first, kCannot);
    }
  }
  EndTranscoders();
}

std::vector<Peer*> Conference::ViewersOf(const TranscoderKey& transcoder) const {
  std::vector<Peer*> viewers;
  for (const auto& viewer : peers_) {
    const auto wanted = viewer->transcoded.find(transcoder.first);
    if (wanted == viewer->transcoded.end() || wanted->second != transcoder.second) continue;
    viewers.push_back(viewer.get());
  }
  return viewers;
}

void Conference::EndTranscoders() {
  std::set<TranscoderKey> used;
  for (const auto& viewer : peers_) {
    used.insert(viewer->transcoded.begin(), viewer->transcoded.end());
  }
  std::erase_if(transcoders_, [&](const auto& item) {
    if (used.contains(item.first)) return false;
    Log("transcoder-ended", {{"room", name_}, {"producer", item.first.first}});
    return true;
  });
}

}  // namespace room
