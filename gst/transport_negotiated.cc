// The pads of streams that were negotiated by produce() and consume().
#include <tuple>
#include <utility>

#include "ortc_caps.h"
#include "transport_element.h"

namespace sfu::gst {
namespace {

GstPadTemplate* TemplateOf(GstElement* element, const char* name) {
  return gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), name);
}

// A new pad has no owner yet.
PadRef Own(gpointer pad) { return PadRef::Adopt(GST_PAD_CAST(gst_object_ref_sink(pad))); }

}  // namespace

Result<PadRef> TransportElement::MakeProducerPad(const ProducedStreamRef& stream) {
  const ortc::RtpParameters& parameters = stream->description.parameters;
  if (parameters.encodings.size() != 1) {
    return Error{"rtpParameters.encodings", "must be one: this transport has no simulcast"};
  }
  const auto worker = TakeWorker();
  if (!worker) return worker.error();
  const CapsRef caps = CapsOfStream(parameters, 0);
  const auto info = ReadCaps(caps.get());
  if (!info) return info.error();
  GstSfuReceiverPad* pad = nullptr;
  PadRef owned;
  {
    const std::lock_guard lock(mutex_);
    pad = NewReceiverPadLocked(TemplateOf(element_, "src_%u"), nullptr, false);
    owned = Own(pad);
    pad->state->produced = stream;
    pad->state->caps = caps;
  }
  PortOf(&pad->parent)
      .SetCaps(OutputCaps(caps.get(), info.value().codec, info.value().ssrc),
               info.value().codec.kind);
  Status added = OkStatus();
  worker.value()->worker->PostAndWait([&] { added = AddReceiver(pad); });
  if (added) return owned;
  DropPad(owned.get());
  Error error = added.error();
  if (error.field.empty()) error.field = "rtpParameters";
  return error;
}

Result<PadRef> TransportElement::MakeConsumerPad(const ConsumedStreamRef& stream) {
  if (const auto worker = TakeWorker(); !worker) return worker.error();
  const std::lock_guard lock(mutex_);
  GstSfuSenderPad* pad = NewSenderPadLocked(TemplateOf(element_, "sink_%u"), nullptr);
  PadRef owned = Own(pad);
  pad->state->consumed = stream;
  return owned;
}

void TransportElement::CloseNegotiated() {
  for (const auto& stream : control_.producers()) std::ignore = control_.CloseProducer(stream->id);
  for (const auto& stream : control_.consumers()) std::ignore = control_.CloseConsumer(stream->id);
}

}  // namespace sfu::gst
