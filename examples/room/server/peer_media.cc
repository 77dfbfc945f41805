#include "peer_media.h"

#include <utility>

#include "examples/echo/actions.h"
#include "log.h"
#include "structure_json.h"

namespace room {
namespace {

// What an element refuses is the client's mistake, for it passes on what clients say.
template <typename Action>
Json Ask(const Action& action) {
  try {
    return action();
  } catch (const ActionError& error) {
    throw RequestError("invalid", error.field(), error.what());
  }
}

// Of an element or a pad.
Json StatsOf(gpointer object) {
  GstStructure* stats = nullptr;
  g_object_get(object, "stats", &stats, nullptr);
  if (stats == nullptr) return Json::object();
  Json json = ToJson(*stats);
  gst_structure_free(stats);
  return json;
}

std::string TextProperty(GstElement* element, const char* property) {
  gchar* value = nullptr;
  g_object_get(element, property, &value, nullptr);
  const std::unique_ptr<gchar, decltype(&g_free)> owned(value, &g_free);
  return value == nullptr ? "" : value;
}

void SetUnlessEmpty(GstElement* element, const char* property, const std::string& value) {
  if (!value.empty()) g_object_set(element, property, value.c_str(), nullptr);
}

}  // namespace

PeerMedia::PeerMedia(Pipeline* pipeline, GstElement* router, TransportSettings settings)
    : pipeline_(pipeline), router_(router), settings_(std::move(settings)) {}

PeerMedia::~PeerMedia() {
  while (!consumers_.empty()) CloseConsumer(consumers_.begin()->first);
  while (!producers_.empty()) CloseProducer(producers_.begin()->first);
  for (const auto* transport : {&send_, &recv_}) {
    if (*transport != nullptr) settings_.ended->AddTransport(StatsOf((*transport)->get()));
  }
}

Json PeerMedia::CreateTransport(const std::string& direction) {
  auto& transport = direction == "send" ? send_ : recv_;
  if (transport != nullptr) {
    throw RequestError("conflict", "direction", "there is such a transport already");
  }
  transport = pipeline_->Add("webrtctransport", [this](GstElement* element) {
    g_object_set(element, "worker", settings_.worker.c_str(), "port", settings_.port, nullptr);
    SetUnlessEmpty(element, "address", settings_.address);
    SetUnlessEmpty(element, "announced-address", settings_.announced);
  });
  return Local(GST_OBJECT_NAME(transport->get()));
}

Json PeerMedia::Local(const std::string& transport_id) const {
  GstElement* element = Transport(transport_id);
  return {{"id", GST_OBJECT_NAME(element)},
          {"iceParameters", GetJson(element, "ice-parameters")},
          {"iceCandidates", GetJson(element, "ice-candidates")},
          {"dtlsParameters", GetJson(element, "dtls-parameters")}};
}

unsigned PeerMedia::OpenPlain(const std::string& address) {
  send_ = pipeline_->Add("plaintransport", [&](GstElement* element) {
    // FFmpeg sends RTCP to a port of its own.
    g_object_set(element, "worker", settings_.worker.c_str(), "address", address.c_str(),
                 "rtcp-mux", FALSE, nullptr);
  });
  guint port = 0;
  g_object_get(send_->get(), "local-port", &port, nullptr);
  return port;
}

GstElement* PeerMedia::Transport(const std::string& id) const {
  for (const auto* transport : {&send_, &recv_}) {
    if (*transport != nullptr && id == GST_OBJECT_NAME((*transport)->get())) {
      return (*transport)->get();
    }
  }
  throw RequestError("not-found", "transportId", "you have no transport " + id);
}

void PeerMedia::Connect(const std::string& transport_id, const Json& dtls_parameters) {
  GstElement* transport = Transport(transport_id);
  const Json options = {{"dtlsParameters", dtls_parameters}};
  Ask([&] { return Call(transport, "connect", options.dump()); });
}

Json PeerMedia::RestartIce(const std::string& transport_id) {
  GstElement* transport = Transport(transport_id);
  return Ask([&] { return Call(transport, "restart-ice"); });
}

std::string PeerMedia::Produce(const std::string& kind, const Json& rtp_parameters, bool paused) {
  if (send_ == nullptr) {
    throw RequestError("conflict", "method", "createTransport with direction send comes first");
  }
  const Json options = {{"kind", kind}, {"rtpParameters", rtp_parameters}, {"paused", paused}};
  const Json made = Ask([&] { return Call(router_, "produce", send_->get(), options); });
  std::string id = made.at("id");
  producers_[id] = made.at("routerPad");
  return id;
}

GstPtr<GstPad> PeerMedia::RouterPad(const Pads& pads, const std::string& id,
                                    const char* field) const {
  const auto pad = pads.find(id);
  GstPtr<GstPad> found(
      pad == pads.end() ? nullptr : gst_element_get_static_pad(router_, pad->second.c_str()));
  if (found == nullptr) throw RequestError("not-found", field, "there is no " + id);
  return found;
}

void PeerMedia::CloseProducer(const std::string& id) {
  // `id` may be the map's own.
  const auto closed = producers_.extract(id);
  if (closed.empty()) {
    throw RequestError("not-found", "producerId", "you have no producer " + id);
  }
  Close("close-producer", closed.key(), closed.mapped());
}

// It was ours, so nothing can be wrong with it that the client should know.
void PeerMedia::Close(const char* action, const std::string& id, const std::string& router_pad) {
  const GstPtr<GstPad> pad(gst_element_get_static_pad(router_, router_pad.c_str()));
  const GstPtr<GstPad> transport_pad(pad == nullptr ? nullptr : gst_pad_get_peer(pad.get()));
  if (transport_pad != nullptr) settings_.ended->AddPad(StatsOf(transport_pad.get()));
  try {
    Call(router_, action, id);
  } catch (const ActionError& error) {
    Log("close", {{"action", action}, {"id", id}, {"reason", error.what()}});
  }
}

void PeerMedia::PauseProducer(const std::string& id, bool paused) {
  const auto pad = RouterPad(producers_, id, "producerId");
  g_object_set(pad.get(), "paused", static_cast<gboolean>(paused), nullptr);
}

unsigned PeerMedia::ProducerScore(const std::string& id) const {
  guint score = 0;
  g_object_get(RouterPad(producers_, id, "producerId").get(), "score", &score, nullptr);
  return score;
}

Json PeerMedia::Consume(const std::string& producer_id, const Json& rtp_capabilities,
                        const Json& options) {
  Json all = {{"producerId", producer_id}, {"rtpCapabilities", rtp_capabilities}};
  all.update(options);
  return MakeConsumer(recv_->get(), all);
}

Json PeerMedia::ConsumePlain(const std::string& producer_id, const PlainDestination& to) {
  // It hears nobody but that address.
  const char* any = to.address.find(':') == std::string::npos ? "0.0.0.0" : "::";
  auto transport = pipeline_->Add("plaintransport", [&](GstElement* element) {
    g_object_set(element, "worker", settings_.worker.c_str(), "address", any, "rtcp-mux", FALSE,
                 "remote-address", to.address.c_str(), "remote-port", to.port, "remote-rtcp-port",
                 to.port + 1, nullptr);
  });
  Json made = MakeConsumer(transport->get(), {{"producerId", producer_id},
                                              {"rtpCapabilities", PlainCapabilities()},
                                              {"enableRtx", false}});
  plain_outs_[made.at("id")] = std::move(transport);
  return made;
}

void PeerMedia::AskForKeyFrames() const {
  for (const auto& [id, transport] : plain_outs_) {
    gst_pad_send_event(
        RouterPad(consumers_, id, "consumerId").get(),
        gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                             gst_structure_new("GstForceKeyUnit", "running-time", G_TYPE_UINT64,
                                               GST_CLOCK_TIME_NONE, "all-headers", G_TYPE_BOOLEAN,
                                               TRUE, "count", G_TYPE_UINT, 0U, nullptr)));
  }
}

Json PeerMedia::MakeConsumer(GstElement* transport, const Json& options) {
  Json made = Ask([&] { return Call(router_, "consume", transport, options); });
  consumers_[made.at("id")] = made.at("routerPad");
  made.erase("pad");
  made.erase("routerPad");
  return made;
}

void PeerMedia::CloseConsumer(const std::string& id) {
  const auto closed = consumers_.extract(id);
  if (closed.empty()) return;
  Close("close-consumer", closed.key(), closed.mapped());
  const auto plain = plain_outs_.extract(closed.key());
  if (!plain.empty()) settings_.ended->AddTransport(StatsOf(plain.mapped()->get()));
}

void PeerMedia::PauseConsumer(const std::string& id, bool paused) {
  const auto pad = RouterPad(consumers_, id, "consumerId");
  g_object_set(pad.get(), "paused", static_cast<gboolean>(paused), nullptr);
}

uint64_t PeerMedia::PacketsReceived() const {
  return send_ == nullptr ? 0 : StatsOf(send_->get()).value("packetsReceived", uint64_t{0});
}

PeerMedia::Connection PeerMedia::connection() const {
  const auto& transport = send_ != nullptr ? send_ : recv_;
  if (transport == nullptr) return Connection::kNew;
  const std::string ice = TextProperty(transport->get(), "ice-state");
  const std::string dtls = TextProperty(transport->get(), "dtls-state");
  if (ice == "disconnected" || ice == "closed" || dtls == "failed" || dtls == "closed") {
    return Connection::kOver;
  }
  return dtls == "connected" ? Connection::kConnected : Connection::kNew;
}

Json PeerMedia::Stats() const {
  Json stats = Json::object();
  if (send_ != nullptr) stats["send"] = StatsOf(send_->get());
  if (recv_ != nullptr) stats["recv"] = StatsOf(recv_->get());
  for (const auto& [id, transport] : plain_outs_) {
    stats[GST_OBJECT_NAME(transport->get())] = StatsOf(transport->get());
  }
  return stats;
}

}  // namespace room
