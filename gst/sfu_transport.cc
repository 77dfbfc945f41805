// The interface, and its actions.
#include "sfu_transport.h"

#include "action_answer.h"

G_DEFINE_INTERFACE(GstSfuTransport, gst_sfu_transport, GST_TYPE_ELEMENT)

static void gst_sfu_transport_default_init(GstSfuTransportInterface*) {}

namespace sfu::gst {
namespace {

GstStructure* Produce(GstElement* element, const char* json) {
  return NewAnswer(ControlOf(element)->ProduceJson(json));
}

GstStructure* Consume(GstElement* element, const char* json) {
  return NewAnswer(ControlOf(element)->ConsumeJson(json));
}

GstStructure* AnswerOf(const Status& status) {
  return status ? NewAnswer(std::string("{}")) : NewErrorAnswer(status.error());
}

GstStructure* CloseProducer(GstElement* element, const char* id) {
  return AnswerOf(ControlOf(element)->CloseProducer(id == nullptr ? "" : id));
}

GstStructure* CloseConsumer(GstElement* element, const char* id) {
  return AnswerOf(ControlOf(element)->CloseConsumer(id == nullptr ? "" : id));
}

// The transport's control whose pad this is; null if it is no transport's.
TransportControl* ControlOfPad(GstPad* pad) {
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad));
  // The element outlives its pads' links.
  return element ? ControlOf(element.get()) : nullptr;
}

}  // namespace

TransportControl* ControlOf(GstElement* element) {
  if (element == nullptr || !G_TYPE_CHECK_INSTANCE_TYPE(element, GST_TYPE_SFU_TRANSPORT)) {
    return nullptr;
  }
  auto* iface =
      G_TYPE_INSTANCE_GET_INTERFACE(element, GST_TYPE_SFU_TRANSPORT, GstSfuTransportInterface);
  return iface->control(element);
}

ProducedStreamRef ProducedOf(GstPad* pad) {
  const TransportControl* control = ControlOfPad(pad);
  return control == nullptr ? nullptr : control->ProducedOf(pad);
}

ConsumedStreamRef ConsumedOf(GstPad* pad) {
  const TransportControl* control = ControlOfPad(pad);
  return control == nullptr ? nullptr : control->ConsumedOf(pad);
}

void InstallTransportActions(GObjectClass* klass, guint router_id) {
  g_object_class_install_property(
      klass, router_id,
      g_param_spec_string(
          "router", "Router",
          "The name of the Router whose codecs `produce` goes by and whose Producers `consume` "
          "finds. Empty: `produce` goes by all codecs that an sfurouter has by default. The "
          "actions of sfurouter need no name",
          "", static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
  InstallTextAction(klass, "produce", Produce);
  InstallTextAction(klass, "consume", Consume);
  InstallTextAction(klass, "close-producer", CloseProducer);
  InstallTextAction(klass, "close-consumer", CloseConsumer);
}

}  // namespace sfu::gst
