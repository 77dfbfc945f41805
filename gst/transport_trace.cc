// Trace events of a transport's streams (mediasoup's enableTraceEvent), as element messages. While
// nothing is traced they cost a test per packet.
#include <string>

#include "property_specs.h"
#include "transport_element.h"

namespace sfu::gst {
namespace {

constexpr guint Bit(TraceType type) { return 1U << static_cast<unsigned>(type); }

GType TraceTypesType() {
  static const GFlagsValue kValues[] = {
      {Bit(TraceType::kRtp), "RTP packets", "rtp"},
      {Bit(TraceType::kKeyFrame), "First packets of key frames", "keyframe"},
      {Bit(TraceType::kNack), "Requests for lost packets", "nack"},
      {Bit(TraceType::kPli), "Picture loss indications", "pli"},
      {Bit(TraceType::kFir), "Full intra requests", "fir"},
      {Bit(TraceType::kSr), "Sender reports", "sr"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_flags_register_static("GstSfuTraceTypes", kValues);
  return type;
}

bool AboutPacket(TraceType type) { return type == TraceType::kRtp || type == TraceType::kKeyFrame; }

GstStructure* NewTrace(const std::string& pad, const TraceEvent& event) {
  GstStructure* s = gst_structure_new("sfu-trace", "pad", G_TYPE_STRING, pad.c_str(), "type",
                                      G_TYPE_STRING, std::string(TraceTypeName(event.type)).c_str(),
                                      "direction", G_TYPE_STRING, event.incoming ? "in" : "out",
                                      "time", G_TYPE_UINT64, static_cast<guint64>(event.time.ns()),
                                      "ssrc", G_TYPE_UINT, event.ssrc, nullptr);
  if (AboutPacket(event.type) || event.type == TraceType::kNack) {
    gst_structure_set(s, "sequence-number", G_TYPE_UINT, guint{event.sequence_number},
                      event.type == TraceType::kNack ? "packets" : "size", G_TYPE_UINT, event.size,
                      nullptr);
  }
  if (AboutPacket(event.type) || event.type == TraceType::kSr) {
    gst_structure_set(s, "rtp-timestamp", G_TYPE_UINT, event.rtp_timestamp, nullptr);
  }
  return s;
}

}  // namespace

void InstallTraceTypes(GObjectClass* klass, guint id) {
  gst_type_mark_as_plugin_api(TraceTypesType(), static_cast<GstPluginAPIFlags>(0));
  g_object_class_install_property(
      klass, id,
      g_param_spec_flags("trace-types", "Trace types",
                         "What of the stream is told by the message sfu-trace of the element",
                         TraceTypesType(), 0, kSettableAtAnyTime));
}

Tracer::Listener TransportElement::TraceListener(GstPad* pad) {
  return [this, name = std::string(GST_PAD_NAME(pad))](const TraceEvent& event) {
    messages_.Add([this, name, event] {
      gst_element_post_message(
          element_, gst_message_new_element(GST_OBJECT_CAST(element_), NewTrace(name, event)));
    });
  };
}

void TransportElement::TracePad(GstPad* pad) {
  if (GST_PAD_IS_SINK(pad)) {
    SenderPadState& state = *GST_SFU_SENDER_PAD(pad)->state;
    if (state.sender == nullptr) return;
    const std::lock_guard lock(state.mutex);
    state.sender->tracer().Enable(state.trace_types, TraceListener(pad));
    return;
  }
  ReceiverPadState& state = *GST_SFU_RECEIVER_PAD(pad)->state;
  const std::lock_guard lock(state.mutex);
  for (RtpReceiver* receiver : state.receivers) {
    receiver->tracer().Enable(state.trace_types, TraceListener(pad));
  }
}

void TransportElement::ApplyTrace(GstPad* pad) {
  Post([this, keep = PadRef(pad)] { TracePad(keep.get()); });
}

}  // namespace sfu::gst
