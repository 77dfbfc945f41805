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
    const auto& [producer_id, target] = key;
    const Peer& from = *Owner(producer_id);
    const bool in_vain = transcoder->IsInVain(from.producers.at(producer_id).paused);
    for (const auto& viewer : peers_) {
      const auto wanted = viewer->transcoded.find(producer_id);
      if (wanted == viewer->transcoded.end() || wanted->second != target ||
          viewer->consumers.contains(producer_id)) {
        continue;
      }
      const bool served =
          transcoder->is_ready() && ServeTranscoded(*viewer, from, producer_id, *transcoder);
      if (served) continue;
      waiting |= !in_vain;
      if (!in_vain) continue;
      viewer->transcoded.erase(wanted);
      TellNotConsumable(*viewer, from, producer_id, kCannot);
    }
  }
  EndTranscoders();
  return waiting;
}

bool Conference::ServeTranscoded(Peer& viewer, const Peer& from, const std::string& producer_id,
                                 const Transcoder& transcoder) {
  try {
    const Json consumer =
        viewer.media.Consume(transcoder.producer(), *viewer.capabilities, {{"paused", true}});
    viewer.consumers[producer_id] = consumer.at("id");
    TellConsumer(viewer, from, producer_id, consumer);
    return true;
  } catch (const RequestError&) {
    return false;  // it does not know the Producer yet, say
  }
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
