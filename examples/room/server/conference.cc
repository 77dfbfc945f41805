#include "conference.h"

#include <algorithm>
#include <map>
#include <utility>

#include "examples/echo/actions.h"
#include "log.h"
#include "structure_json.h"

namespace room {
namespace {

constexpr guint kScoreInterval = 2000;  // ms
constexpr guint kLevelsInterval = 500;  // ms
constexpr guint kLevelsEntries = 8;

Json PeerToJson(const Peer& peer) {
  return {{"id", peer.id},
          {"name", peer.name},
          {"handRaised", peer.hand_raised},
          {"score", peer.score}};
}

// Microphone and camera are what they are called; the source says which of several it is.
const char* KindOf(const std::string& source) {
  return source == "mic" || source == "screen-audio" ? "audio" : "video";
}

}  // namespace

Conference::Conference(std::string name, Pipeline* pipeline, TransportSettings transports)
    : name_(std::move(name)), pipeline_(pipeline), transports_(std::move(transports)) {
  router_ = pipeline_->Add(
      "sfurouter",
      [this](GstElement* router) {
        // By its name recordings find it; no other element of the process has it.
        g_object_set(router, "router", GST_OBJECT_NAME(router), "worker",
                     transports_.worker.c_str(), "active-speaker", TRUE, "audio-levels", TRUE,
                     "audio-levels-interval", kLevelsInterval, "audio-levels-max-entries",
                     kLevelsEntries, nullptr);
      },
      [this](const GstStructure& message) { Hear(message); });
  timer_ = g_timeout_add(
      kScoreInterval,
      [](gpointer self) -> gboolean {
        static_cast<Conference*>(self)->TellScores();
        static_cast<Conference*>(self)->GiveUpTranscoders();
        return G_SOURCE_CONTINUE;
      },
      this);
}

Conference::~Conference() {
  g_source_remove(timer_);
  if (transcoding_timer_ != 0) g_source_remove(transcoding_timer_);
  while (!peers_.empty()) Leave(*peers_.back());
}

Peer* Conference::FindSession(const std::string& session) const {
  const auto peer =
      std::ranges::find(peers_, session, [](const auto& one) { return one->session; });
  return session.empty() || peer == peers_.end() ? nullptr : peer->get();
}

bool Conference::HasPerson(const std::string& name) const {
  return std::ranges::any_of(peers_,
                             [&](const auto& one) { return one->is_seen() && one->name == name; });
}

std::shared_ptr<Peer> Conference::Join(const std::string& name, const std::string& session, Via via,
                                       Outlet* outlet) {
  if (IsSeen(via) && HasPerson(name)) {
    throw RequestError("conflict", "name", "somebody in this room has that name");
  }
  auto peer = std::make_shared<Peer>(std::to_string(++last_id_), name, session, via, outlet,
                                     pipeline_, router_->get(), transports_);
  if (peer->is_seen()) TellAll("peerJoined", PeerToJson(*peer));
  peers_.push_back(peer);
  return peer;
}

Json Conference::Welcome(const Peer& peer) const {
  Json others = Json::array();
  for (const auto& other : peers_) {
    if (other.get() != &peer && other->is_seen()) others.push_back(PeerToJson(*other));
  }
  return {{"peerId", peer.id},   {"rtpCapabilities", GetJson(router_->get(), "rtp-capabilities")},
          {"peers", others},     {"chat", chat_},
          {"speaker", speaker_}, {"outputs", Outputs()}};
}

Json Conference::Describe() const {
  Json peers = Json::array();
  size_t viewers = 0;
  for (const auto& peer : peers_) {
    if (!peer->is_seen()) {
      ++viewers;
      continue;
    }
    Json one = PeerToJson(*peer);
    one["via"] = TextOf(peer->via);
    one["producers"] = Json::array();
    for (const auto& [id, producer] : peer->producers) {
      one["producers"].push_back({{"id", id},
                                  {"source", producer.source},
                                  {"kind", producer.kind},
                                  {"paused", producer.paused}});
    }
    one["consumers"] = peer->consumers.size();
    peers.push_back(one);
  }
  return {{"name", name_}, {"speaker", speaker_}, {"peers", peers}, {"viewers", viewers}};
}

void Conference::Count(Census* census, MediaCounters* counters) const {
  census->transcoders += static_cast<double>(transcoders_.size());
  for (const auto& peer : peers_) {
    ++census->peers;
    if (peer->via != Via::kPage) ++census->guests[TextOf(peer->via)];
    const Json transports = peer->media.Stats();
    for (const Json& stats : transports) {
      census->AddTransport(stats);
      counters->AddTransport(stats);
    }
  }
}

void Conference::Leave(const Peer& peer) {
  for (const auto& [id, producer] : peer.producers) StopConsuming(id);
  const std::string id = peer.id;
  const bool seen = peer.is_seen();
  std::erase_if(peers_, [&](const auto& one) { return one.get() == &peer; });
  EndTranscoders();
  if (seen) TellAll("peerLeft", {{"peerId", id}});
  if (speaker_ == id) speaker_.clear();
}

Json Conference::Handle(Peer& peer, const Request& request) {
  using Method = Json (Conference::*)(Peer&, const Fields&);
  static const std::map<std::string_view, Method> kMethods = {
      {"createTransport", &Conference::CreateTransport},
      {"connectTransport", &Conference::ConnectTransport},
      {"restartIce", &Conference::RestartIce},
      {"receive", &Conference::Receive},
      {"produce", &Conference::Produce},
      {"closeProducer", &Conference::CloseProducer},
      {"pauseProducer", &Conference::PauseProducer},
      {"resumeProducer", &Conference::ResumeProducer},
      {"pauseConsumer", &Conference::PauseConsumer},
      {"resumeConsumer", &Conference::ResumeConsumer},
      {"chat", &Conference::Chat},
      {"raiseHand", &Conference::RaiseHand},
      {"getStats", &Conference::GetStats},
  };
  const auto method = kMethods.find(request.method);
  if (method == kMethods.end()) {
    throw RequestError("invalid", "method", "there is no method " + request.method);
  }
  return (this->*method->second)(peer, Fields(request.data));
}

Json Conference::CreateTransport(Peer& peer, const Fields& fields) {
  return peer.media.CreateTransport(fields.OneOf("direction", {"send", "recv"}));
}

Json Conference::ConnectTransport(Peer& peer, const Fields& fields) {
  peer.media.Connect(fields.Text("transportId", kMaxIdBytes), fields.Object("dtlsParameters"));
  return Json::object();
}

Json Conference::RestartIce(Peer& peer, const Fields& fields) {
  return {{"iceParameters", peer.media.RestartIce(fields.Text("transportId", kMaxIdBytes))}};
}

// From now on it gets all that others send.
Json Conference::Receive(Peer& peer, const Fields& fields) {
  const Json& capabilities = fields.Object("rtpCapabilities");
  if (!peer.media.can_receive()) {
    throw RequestError("conflict", "method", "createTransport with direction recv comes first");
  }
  if (peer.capabilities) throw RequestError("conflict", "method", "you receive already");
  peer.capabilities = capabilities;
  for (const auto& other : peers_) {
    if (other.get() == &peer) continue;
    for (const auto& [id, producer] : other->producers) Consume(peer, *other, id);
  }
  return Json::object();
}

Json Conference::Produce(Peer& peer, const Fields& fields) {
  const std::string source = fields.OneOf("source", {"mic", "cam", "screen", "screen-audio"});
  const std::string kind = fields.OneOf("kind", {KindOf(source)});
  const bool paused = fields.Flag("paused", false);
  const auto same = [&](const auto& item) { return item.second.source == source; };
  if (std::ranges::any_of(peer.producers, same)) {
    throw RequestError("conflict", "source", "you produce from " + source + " already");
  }
  const Json& parameters = fields.Object("rtpParameters");
  const std::string id = peer.media.Produce(kind, parameters, paused);
  Producer& producer = peer.producers[id];
  producer = {source, kind, paused, parameters.at("codecs").at(0).at("mimeType")};
  for (const auto& other : peers_) {
    if (other.get() != &peer && other->capabilities) Consume(*other, peer, id);
  }
  for (StreamListener* listener : listeners_) listener->OnProducer(peer, id, producer);
  return {{"id", id}};
}

// Tells the viewer of a Consumer that it now has, or will have in another codec. Where neither can
// be there is none, and everything else goes on.
void Conference::Consume(Peer& viewer, const Peer& from, const std::string& producer_id) {
  try {
    TellConsumer(viewer, from, producer_id,
                 Watch(viewer, producer_id, *viewer.capabilities, {{"paused", true}}));
  } catch (const RequestError& error) {
    std::string reason = error.what();
    if (Transcode(viewer, from, producer_id, &reason)) return;
    TellNotConsumable(viewer, from, producer_id, reason);
  }
}

void Conference::TellConsumer(const Peer& viewer, const Peer& from, const std::string& producer_id,
                              Json consumer) const {
  const Producer& producer = from.producers.at(producer_id);
  consumer["peerId"] = from.id;
  consumer["source"] = producer.source;
  consumer["producerPaused"] = producer.paused;
  viewer.outlet->Send(NotificationText("newConsumer", consumer));
}

void Conference::TellNotConsumable(const Peer& viewer, const Peer& from,
                                   const std::string& producer_id, const std::string& reason) {
  viewer.outlet->Send(
      NotificationText("notConsumable", {{"peerId", from.id},
                                         {"source", from.producers.at(producer_id).source},
                                         {"reason", reason}}));
}

const Peer* Conference::FindToWatch(const std::string& name) const {
  const Peer* found = nullptr;
  for (const auto& peer : peers_) {
    if (peer->producers.empty() || (!name.empty() && peer->name != name)) continue;
    const bool video = std::ranges::any_of(
        peer->producers, [](const auto& item) { return item.second.kind == "video"; });
    if (video) return peer.get();
    if (found == nullptr) found = peer.get();
  }
  return found;
}

Json Conference::Watch(Peer& viewer, const std::string& producer_id, const Json& capabilities,
                       const Json& options) {
  Json consumer = viewer.media.Consume(producer_id, capabilities, options);
  viewer.consumers[producer_id] = consumer.at("id");
  return consumer;
}

Json Conference::WatchPlain(Peer& viewer, const std::string& producer_id,
                            const PlainDestination& to) {
  Json consumer = viewer.media.ConsumePlain(producer_id, to);
  viewer.consumers[producer_id] = consumer.at("id");
  return consumer;
}

void Conference::AddListener(StreamListener* listener) {
  listeners_.push_back(listener);
  for (const auto& peer : peers_) {
    for (const auto& [id, producer] : peer->producers) listener->OnProducer(*peer, id, producer);
  }
  TellOutputs();
}

void Conference::RemoveListener(StreamListener* listener) {
  std::erase(listeners_, listener);
  TellOutputs();
}

Json Conference::Outputs() const {
  Json outputs = Json::array();
  for (const StreamListener* listener : listeners_) {
    Json output = listener->Output();
    if (!output.is_null()) outputs.push_back(std::move(output));
  }
  return outputs;
}

void Conference::TellOutputs() const { TellAll("outputs", {{"outputs", Outputs()}}); }

void Conference::CloseConsumer(Peer& viewer, const std::string& producer_id) {
  const auto consumer = viewer.consumers.find(producer_id);
  if (consumer == viewer.consumers.end()) return;
  viewer.media.CloseConsumer(consumer->second);
  viewer.outlet->Send(NotificationText("consumerClosed", {{"consumerId", consumer->second}}));
  viewer.consumers.erase(consumer);
}

void Conference::StopConsuming(const std::string& producer_id) {
  for (StreamListener* listener : listeners_) listener->OnProducerClosed(producer_id);
  for (const auto& viewer : peers_) {
    viewer->transcoded.erase(producer_id);
    CloseConsumer(*viewer, producer_id);
  }
  EndTranscoders();
}

Json Conference::CloseProducer(Peer& peer, const Fields& fields) {
  const std::string id = fields.Text("producerId", kMaxIdBytes);
  if (peer.producers.contains(id)) StopConsuming(id);
  peer.media.CloseProducer(id);
  peer.producers.erase(id);
  return Json::object();
}

void Conference::SetProducerPaused(Peer& peer, const Fields& fields, bool paused) {
  const std::string id = fields.Text("producerId", kMaxIdBytes);
  peer.media.PauseProducer(id, paused);
  Producer& producer = peer.producers.at(id);
  producer.paused = paused;
  TellAll("producerPaused", {{"peerId", peer.id}, {"source", producer.source}, {"paused", paused}},
          &peer);
}

Json Conference::PauseProducer(Peer& peer, const Fields& fields) {
  SetProducerPaused(peer, fields, true);
  return Json::object();
}

Json Conference::ResumeProducer(Peer& peer, const Fields& fields) {
  SetProducerPaused(peer, fields, false);
  return Json::object();
}

Json Conference::PauseConsumer(Peer& peer, const Fields& fields) {
  peer.media.PauseConsumer(fields.Text("consumerId", kMaxIdBytes), true);
  return Json::object();
}

Json Conference::ResumeConsumer(Peer& peer, const Fields& fields) {
  peer.media.PauseConsumer(fields.Text("consumerId", kMaxIdBytes), false);
  return Json::object();
}

Json Conference::Chat(Peer& peer, const Fields& fields) {
  const Json line = {{"name", peer.name},
                     {"text", fields.Lines("text", kMaxChatBytes)},
                     {"time", g_get_real_time() / 1000}};
  chat_.push_back(line);
  if (chat_.size() > kMaxChatLines) chat_.pop_front();
  TellAll("chat", line);
  return Json::object();
}

Json Conference::RaiseHand(Peer& peer, const Fields& fields) {
  peer.hand_raised = fields.Flag("raised");
  TellAll("handRaised", {{"peerId", peer.id}, {"raised", peer.hand_raised}}, &peer);
  return Json::object();
}

Json Conference::GetStats(Peer& peer, const Fields&) { return peer.media.Stats(); }

const Peer* Conference::Owner(const std::string& producer_id) const {
  const auto peer = std::ranges::find_if(
      peers_, [&](const auto& one) { return one->producers.contains(producer_id); });
  return peer == peers_.end() ? nullptr : peer->get();
}

void Conference::Hear(const GstStructure& message) {
  if (gst_structure_has_name(&message, "sfu-dominant-speaker") != FALSE) {
    const char* producer = gst_structure_get_string(&message, "producer-id");
    const Peer* peer = producer == nullptr ? nullptr : Owner(producer);
    speaker_ = peer == nullptr ? "" : peer->id;
    TellAll("activeSpeaker", {{"peerId", speaker_}});
  } else if (gst_structure_has_name(&message, "sfu-volumes") != FALSE) {
    HearVolumes(message);
  } else if (gst_structure_has_name(&message, "sfu-silence") != FALSE) {
    TellAll("audioLevels", {{"levels", Json::object()}});
  }
}

void Conference::HearVolumes(const GstStructure& message) {
  Json levels = Json::object();
  const Json volumes = ToJson(message).at("volumes");
  for (const Json& entry : volumes) {
    const Peer* peer = Owner(entry.at("producer-id"));
    // Who speaks and shares a screen with sound is as loud as the louder of them, which comes
    // first.
    if (peer != nullptr && !levels.contains(peer->id)) levels[peer->id] = entry.at("volume");
  }
  TellAll("audioLevels", {{"levels", levels}});
}

void Conference::TellScores() {
  for (const auto& peer : peers_) {
    unsigned score = 10;
    for (const auto& [id, producer] : peer->producers) {
      if (!producer.paused) score = std::min(score, peer->media.ProducerScore(id));
    }
    if (score == peer->score) continue;
    peer->score = score;
    TellAll("peerScore", {{"peerId", peer->id}, {"score", score}});
  }
}

void Conference::TellAll(std::string_view method, const Json& data, const Peer* except) const {
  const std::string text = NotificationText(method, data);
  for (const auto& peer : peers_) {
    if (peer.get() != except) peer->outlet->Send(text);
  }
}

}  // namespace room
