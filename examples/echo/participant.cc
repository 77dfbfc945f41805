// Each message is one property or action of webrtctransport or sfurouter.
#include "participant.h"

#include <stdexcept>

namespace {

GstElement* Existing(GstElement* transport) {
  if (transport == nullptr) throw std::runtime_error("createTransport comes first");
  return transport;
}

}  // namespace

Participant::~Participant() {
  for (const auto& [id, pad] : consumers_) Call(room_.router, "close-consumer", id);
  for (const auto& [id, pad] : producers_) Call(room_.router, "close-producer", id);
  RemoveTransport(recv_transport_);
  RemoveTransport(send_transport_);
}

Json Participant::Handle(const std::string& type, const Json& data) {
  if (type == "getRouterRtpCapabilities") {
    return {{"rtpCapabilities", GetJson(room_.router, "rtp-capabilities")}};
  }
  if (type == "createTransport") return CreateTransport(data.at("sender").get<bool>());
  if (type == "connectProducerTransport") {
    return Call(Existing(send_transport_), "connect", data.dump());
  }
  if (type == "transport-produce") return Produce(data);
  if (type == "connectConsumerTransport") {
    return Call(Existing(recv_transport_), "connect", data.dump());
  }
  if (type == "consumeMedia") return Consume(data);
  if (type == "resumePausedConsumer") return Resume(data);
  throw std::runtime_error("there is no message '" + type + "'");
}

// The browser gets what it needs to reach us.
Json Participant::CreateTransport(bool sender) {
  GstElement*& transport = sender ? send_transport_ : recv_transport_;
  if (transport != nullptr) throw std::runtime_error("there is such a transport already");
  transport = gst_element_factory_make("webrtctransport", nullptr);
  if (transport == nullptr) throw std::runtime_error("there is no element webrtctransport");
  g_object_set(transport, "address", room_.address.c_str(), nullptr);
  gst_bin_add(GST_BIN(room_.pipeline), transport);
  if (!gst_element_sync_state_with_parent(transport)) {
    throw std::runtime_error("the transport does not start");
  }
  return {{"id", GST_OBJECT_NAME(transport)},
          {"iceParameters", GetJson(transport, "ice-parameters")},
          {"iceCandidates", GetJson(transport, "ice-candidates")},
          {"dtlsParameters", GetJson(transport, "dtls-parameters")}};
}

// The router asks for a pad on both, and links them.
Json Participant::Produce(const Json& data) {
  const Json made = Call(room_.router, "produce", Existing(send_transport_), data);
  producers_[made.at("id")] = made.at("routerPad");
  return {{"id", made.at("id")}};
}

Json Participant::Consume(const Json& data) {
  Json options = data;
  options["paused"] = true;
  Json made = Call(room_.router, "consume", Existing(recv_transport_), options);
  consumers_[made.at("id")] = made.at("routerPad");
  return made;
}

Json Participant::Resume(const Json& data) {
  const auto consumer = consumers_.find(data.at("id"));
  if (consumer == consumers_.end()) {
    throw std::runtime_error("there is no consumer " + data.at("id").dump());
  }
  GstPad* pad = gst_element_get_static_pad(room_.router, consumer->second.c_str());
  g_object_set(pad, "paused", FALSE, nullptr);
  gst_object_unref(pad);
  return Json::object();
}

void Participant::RemoveTransport(GstElement* transport) {
  if (transport == nullptr) return;
  gst_object_ref(transport);
  gst_bin_remove(GST_BIN(room_.pipeline), transport);
  gst_element_set_state(transport, GST_STATE_NULL);
  gst_object_unref(transport);
}
