// The actions of sfurouter. Each checks all that can be checked before it makes anything, and takes
// back what it has made when the last step fails.
#include "router_control.h"

#include <string>
#include <utility>
#include <vector>

#include "action_answer.h"
#include "ortc/consumer_parameters.h"
#include "ortc/requests_json.h"
#include "ortc/rtp_capabilities_json.h"
#include "property_specs.h"
#include "router_element.h"
#include "sfu_transport.h"

namespace sfu::gst {
namespace {

using Answer = Result<std::string>;

Result<TransportControl*> TransportOf(GstElement* element) {
  TransportControl* control = ControlOf(element);
  if (control == nullptr) return Error{"transport", "is no transport element of this plugin"};
  return control;
}

void Release(const PadRef& pad) {
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad.get()));
  // Also of a template of sometimes pads.
  if (element) GST_ELEMENT_GET_CLASS(element.get())->release_pad(element.get(), pad.get());
}

Status Link(const PadRef& src, const PadRef& sink) {
  const GstPadLinkReturn linked = gst_pad_link(src.get(), sink.get());
  if (linked == GST_PAD_LINK_OK) return OkStatus();
  if (linked == GST_PAD_LINK_WRONG_HIERARCHY) {
    return Error{"transport", "must be in the same bin as the router"};
  }
  return Error{"transport",
               std::string("its pad cannot be linked: ") + gst_pad_link_get_name(linked)};
}

PadRef RequestPad(GstElement* element, const char* name) {
  return PadRef::Adopt(gst_element_request_pad_simple(element, name));
}

Answer CanConsume(GstElement* element, const char* json) {
  const auto text = ActionText(json);
  if (!text) return text.error();
  const auto request = ortc::ParseCanConsumeRequest(text.value());
  if (!request) return request.error();
  const auto hub = RouterElementOf(element).TakeHub();
  if (!hub) return hub.error();
  const auto producer = hub.value()->Describe(request.value().producer_id);
  if (!producer) return producer.error();
  const bool can = ortc::CanConsume(producer.value().consumable, request.value().capabilities);
  return std::string(can ? "true" : "false");
}

Answer UpdateMediaCodecs(GstElement* element, const char* json) {
  const auto text = ActionText(json, "mediaCodecs");
  if (!text) return text.error();
  const auto hub = RouterElementOf(element).TakeHub();
  if (!hub) return hub.error();
  if (Status updated = hub.value()->codecs().Update(text.value()); !updated) {
    return updated.error();
  }
  return ortc::ToJson(hub.value()->codecs().capabilities());
}

Status NameProducerPad(GstPad* pad, const ProducedStreamRef& stream) {
  const auto [hub, slot] = FindInHub(*GST_SFU_PRODUCER_PAD(pad)->state);
  if (slot == nullptr) return Error{"", "the router was closed meanwhile"};
  if (Status named = hub->RenameProducer(slot, stream->id); !named) {
    return Error{"id", named.error().reason};
  }
  hub->SetProduced(slot, stream);
  g_object_set(pad, "paused", static_cast<gboolean>(stream->paused), nullptr);
  return OkStatus();
}

Answer Produce(GstElement* element, GstElement* transport, const char* json) {
  const auto text = ActionText(json);
  if (!text) return text.error();
  const auto request = ortc::ParseProduceRequest(text.value());
  if (!request) return request.error();
  const auto link = LinkProducer(element, transport, request.value());
  if (!link) return link.error();
  return ProduceAnswerText(link.value().produced, link.value().router_pad.get());
}

Answer Consume(GstElement* element, GstElement* transport, const char* json) {
  const auto text = ActionText(json);
  if (!text) return text.error();
  const auto request = ortc::ParseConsumeRequest(text.value());
  if (!request) return request.error();
  const auto link = LinkConsumer(element, transport, request.value());
  if (!link) return link.error();
  return ConsumeAnswerText(link.value().consumed, link.value().router_pad.get());
}

std::vector<PadRef> PadsOf(GstElement* element, GstPadDirection direction) {
  std::vector<PadRef> pads;
  GST_OBJECT_LOCK(element);
  const GList* list = direction == GST_PAD_SINK ? element->sinkpads : element->srcpads;
  for (; list != nullptr; list = list->next) pads.emplace_back(GST_PAD_CAST(list->data));
  GST_OBJECT_UNLOCK(element);
  return pads;
}

// Our pad of that id, and the transport's that it is linked to.
struct LinkedPads {
  PadRef own;
  PadRef transports;  // empty if the pad is linked to something else
};

LinkedPads FindProducer(GstElement* element, const std::string& id) {
  for (PadRef& pad : PadsOf(element, GST_PAD_SINK)) {
    const auto [hub, slot] = FindInHub(*GST_SFU_PRODUCER_PAD(pad.get())->state);
    if (slot == nullptr || hub->IdOf(*slot) != id) continue;
    auto peer = PadRef::Adopt(gst_pad_get_peer(pad.get()));
    if (peer && ProducedOf(peer.get()) == nullptr) peer = PadRef();
    return {std::move(pad), std::move(peer)};
  }
  return {};
}

LinkedPads FindConsumer(GstElement* element, const std::string& id) {
  for (PadRef& pad : PadsOf(element, GST_PAD_SRC)) {
    auto peer = PadRef::Adopt(gst_pad_get_peer(pad.get()));
    const ConsumedStreamRef stream = peer ? ConsumedOf(peer.get()) : nullptr;
    if (stream != nullptr && stream->id == id) return {std::move(pad), std::move(peer)};
  }
  return {};
}

Answer Close(const LinkedPads& pads, const char* id) {
  if (!pads.own) {
    return Error{"id",
                 std::string("there is no '") + (id == nullptr ? "" : id) + "' on this element"};
  }
  if (pads.transports) Release(pads.transports);
  Release(pads.own);
  return std::string("{}");
}

GstStructure* OnCanConsume(GstElement* element, const char* json) {
  return NewAnswer(CanConsume(element, json));
}
GstStructure* OnUpdateMediaCodecs(GstElement* element, const char* json) {
  return NewAnswer(UpdateMediaCodecs(element, json));
}
GstStructure* OnProduce(GstElement* element, GstElement* transport, const char* json) {
  return NewAnswer(Produce(element, transport, json));
}
GstStructure* OnConsume(GstElement* element, GstElement* transport, const char* json) {
  return NewAnswer(Consume(element, transport, json));
}
GstStructure* OnCloseProducer(GstElement* element, const char* id) {
  return NewAnswer(Close(FindProducer(element, id == nullptr ? "" : id), id));
}
GstStructure* OnCloseConsumer(GstElement* element, const char* id) {
  return NewAnswer(Close(FindConsumer(element, id == nullptr ? "" : id), id));
}

void InstallPairAction(GObjectClass* klass, const char* name,
                       GstStructure* (*handler)(GstElement*, GstElement*, const char*)) {
  g_signal_new_class_handler(name, G_TYPE_FROM_CLASS(klass),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(handler), nullptr, nullptr, nullptr, GST_TYPE_STRUCTURE, 2,
                             GST_TYPE_ELEMENT, G_TYPE_STRING);
}

}  // namespace

Result<ProducerLink> LinkProducer(GstElement* router, GstElement* transport,
                                  const ortc::ProduceRequest& request, const KeptPad& kept) {
  const auto control = TransportOf(transport);
  if (!control) return control.error();
  const auto hub = RouterElementOf(router).TakeHub();
  if (!hub) return hub.error();
  if (Status free = hub.value()->CheckIdFree(request.id); !free) return free.error();
  auto produced = control.value()->Produce(request, hub.value()->codecs().capabilities());
  if (!produced) return produced.error();
  PadRef sink = kept ? kept(*produced.value().stream) : PadRef();
  Status done = OkStatus();
  if (!sink) {
    sink = RequestPad(router, "sink_%u");
    done = sink ? NameProducerPad(sink.get(), produced.value().stream)
                : Status(Error{"", "the router gives no pad"});
  }
  if (done) done = Link(produced.value().pad, sink);
  if (done) return ProducerLink{std::move(produced).value(), std::move(sink)};
  if (sink) Release(sink);
  Release(produced.value().pad);
  return done.error();
}

Result<ConsumerLink> LinkConsumer(GstElement* router, GstElement* transport,
                                  const ortc::ConsumeRequest& request) {
  const auto control = TransportOf(transport);
  if (!control) return control.error();
  const auto hub = RouterElementOf(router).TakeHub();
  if (!hub) return hub.error();
  const auto producer = hub.value()->Describe(request.producer_id);
  if (!producer) return producer.error();
  auto consumed = control.value()->Consume(request, producer.value());
  if (!consumed) return consumed.error();
  PadRef src = RequestPad(router, "src_%u");
  Status done = src ? OkStatus() : Status(Error{"", "the router gives no pad"});
  if (src) {
    g_object_set(src.get(), "producer", request.producer_id.c_str(), "paused",
                 static_cast<gboolean>(request.paused), nullptr);
    done = Link(src, consumed.value().pad);
  }
  if (done) return ConsumerLink{std::move(consumed).value(), std::move(src)};
  if (src) Release(src);
  Release(consumed.value().pad);
  return done.error();
}

void InstallRouterControl(GObjectClass* klass) {
  InstallText(klass, kRouterMediaCodecs, "media-codecs", "Media codecs",
              "What may be produced and consumed: an array of RtpCodecCapability, as "
              "JSON. One for all faces of a Router",
              DefaultMediaCodecs().c_str());
  InstallText(klass, kRouterRtpCapabilities, "rtp-capabilities", "RTP capabilities",
              "The Router's RtpCapabilities as JSON, for mediasoup-client's "
              "Device.load()",
              "", kReadable);
  InstallTextAction(klass, "can-consume", OnCanConsume);
  InstallTextAction(klass, "update-media-codecs", OnUpdateMediaCodecs);
  InstallPairAction(klass, "produce", OnProduce);
  InstallPairAction(klass, "consume", OnConsume);
  InstallTextAction(klass, "close-producer", OnCloseProducer);
  InstallTextAction(klass, "close-consumer", OnCloseConsumer);
}

bool SetRouterControl(RouterElement& router, GstElement* element, guint id, const GValue* value) {
  if (id != kRouterMediaCodecs) return false;
  const char* text = g_value_get_string(value);
  if (text == nullptr) return true;
  if (Status set = router.SetMediaCodecs(text); !set) {
    GST_ELEMENT_WARNING(element, RESOURCE, SETTINGS,
                        ("media-codecs: %s", set.error().ToString().c_str()), (nullptr));
  }
  return true;
}

bool GetRouterControl(const RouterElement& router, guint id, GValue* value) {
  if (id == kRouterMediaCodecs) {
    g_value_set_string(value, router.media_codecs().c_str());
    return true;
  }
  if (id == kRouterRtpCapabilities) {
    g_value_set_string(value, ortc::ToJson(router.rtp_capabilities()).c_str());
    return true;
  }
  return false;
}

}  // namespace sfu::gst
