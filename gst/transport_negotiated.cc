// The pads of streams that were negotiated by produce() and consume().
#include <string>
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

// A Consumer changes from one encoding to another without a word to its receiver.
Status CheckOneCodec(const ortc::RtpParameters& parameters) {
  const ortc::RtpCodecParameters* first = parameters.CodecOf(0);
  for (size_t i = 1; i < parameters.encodings.size(); ++i) {
    if (parameters.CodecOf(i) == first) continue;
    return Error{"rtpParameters.encodings[" + std::to_string(i) + "].codecPayloadType",
                 "must be that of the first encoding"};
  }
  return OkStatus();
}

// `caps` are those of the first encoding.
CapsRef PadCaps(const ProducedStream& stream, const CapsRef& caps, const CapsInfo& info) {
  const size_t encodings = stream.description.parameters.encodings.size();
  if (encodings == 1) return OutputCaps(caps.get(), info.codec, info.ssrc);
  const CapsRef one = OutputCaps(caps.get(), info.codec, ChosenSsrc(stream));
  GstCaps* several = gst_caps_copy(one.get());
  gst_caps_set_simple(several, kEncodingsField, G_TYPE_INT, static_cast<gint>(encodings), nullptr);
  return CapsRef::Adopt(several);
}

}  // namespace

Result<PadRef> TransportElement::MakeProducerPad(const ProducedStreamRef& stream) {
  const ortc::RtpParameters& parameters = stream->description.parameters;
  if (Status one = CheckOneCodec(parameters); !one) return one.error();
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
  PortOf(&pad->parent).SetCaps(PadCaps(*stream, caps, info.value()), info.value().codec.kind);
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
