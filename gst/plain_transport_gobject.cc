// plaintransport as GStreamer sees it: type, properties, pad templates.
//
// ## Example launch line
//   gst-launch-1.0 plaintransport name=t port=5004
//     src_0::caps="application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
//     t.src_0 ! rtpvp8depay ! vp8dec ! autovideosink
#include <optional>

#include "action_answer.h"
#include "element_pads.h"
#include "ortc/requests_json.h"
#include "plain_transport_element.h"
#include "property_specs.h"
#include "transport_base.h"

using sfu::gst::PlainTransportElement;

struct GstSfuPlainTransport {
  GstSfuTransportBase parent;
};
struct GstSfuPlainTransportClass {
  GstSfuTransportBaseClass parent_class;
};

enum {
  kPropLocalPort = sfu::gst::kPlainFirstOther,
  kPropLocalRtcpPort,
  kPropTuple,
  kPropRtcpTuple,
  kPropSrtpParameters,
};

G_DEFINE_TYPE(GstSfuPlainTransport, gst_sfu_plain_transport, GST_TYPE_SFU_TRANSPORT_BASE)
GST_ELEMENT_REGISTER_DEFINE(plaintransport, "plaintransport", GST_RANK_NONE,
                            gst_sfu_plain_transport_get_type())

namespace {

PlainTransportElement& InsideOf(gpointer object) {
  return static_cast<PlainTransportElement&>(*GST_SFU_TRANSPORT_BASE(object)->inside);
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (InsideOf(object).SetSetting(id, value)) return;
  G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

// Empty if there is none.
template <typename T>
void SetJson(GValue* value, const std::optional<T>& object) {
  g_value_set_string(value, object ? sfu::ortc::ToJson(*object).c_str() : "");
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  PlainTransportElement& inside = InsideOf(object);
  if (inside.GetSetting(id, value)) return;
  switch (id) {
    case kPropLocalPort:
      g_value_set_uint(value, inside.local_port());
      return;
    case kPropLocalRtcpPort:
      g_value_set_uint(value, inside.local_rtcp_port());
      return;
    case kPropTuple:
      SetJson(value, inside.state().tuple);
      return;
    case kPropRtcpTuple:
      SetJson(value, inside.state().rtcp_tuple);
      return;
    case kPropSrtpParameters:
      SetJson(value, inside.state().srtp_parameters);
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

GstStructure* Connect(GstElement* element, const char* json) {
  return sfu::gst::NewAnswer(InsideOf(element).ConnectJson(json));
}

void InstallJson(GObjectClass* klass) {
  using sfu::gst::InstallText;
  using sfu::gst::kReadable;
  InstallText(klass, kPropTuple, "tuple", "Tuple",
              "Where RTP comes in and goes to, as JSON: localAddress, localPort, protocol, and "
              "remoteIp and remotePort once they are known. Empty until PAUSED",
              "", kReadable);
  InstallText(klass, kPropRtcpTuple, "rtcp-tuple", "RTCP tuple",
              "The same of RTCP. Empty with rtcp-mux", "", kReadable);
  InstallText(klass, kPropSrtpParameters, "srtp-parameters", "SRTP parameters",
              "What we protect with, as JSON: cryptoSuite, keyBase64. Empty without SRTP", "",
              kReadable);
  sfu::gst::InstallTextAction(klass, "connect", Connect);
}

void InstallProperties(GObjectClass* klass) {
  sfu::gst::InstallSettings(klass);
  g_object_class_install_property(
      klass, kPropLocalPort,
      g_param_spec_uint("local-port", "Local port", "The bound RTP port; 0 until PAUSED", 0, 65'535,
                        0, sfu::gst::kReadable));
  g_object_class_install_property(
      klass, kPropLocalRtcpPort,
      g_param_spec_uint("local-rtcp-port", "Local RTCP port",
                        "The bound RTCP port; with rtcp-mux the same as local-port", 0, 65'535, 0,
                        sfu::gst::kReadable));
  InstallJson(klass);
  g_signal_new("request-pt-map", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
               nullptr, GST_TYPE_CAPS, 1, G_TYPE_UINT);
}

void AddTemplates(GstElementClass* klass) {
  sfu::gst::AddPadTemplate(klass, "src_%u", GST_PAD_SRC, GST_TYPE_SFU_RECEIVER_PAD);
  sfu::gst::AddPadTemplate(klass, "sink_%u", GST_PAD_SINK, GST_TYPE_SFU_SENDER_PAD);
  sfu::gst::AddPadTemplate(klass, "rtcp_src_%u", GST_PAD_SRC, GST_TYPE_SFU_RTCP_SRC_PAD,
                           sfu::gst::kRtcpCaps);
  sfu::gst::AddPadTemplate(klass, "rtcp_sink_%u", GST_PAD_SINK, GST_TYPE_SFU_RTCP_SINK_PAD,
                           sfu::gst::kRtcpCaps);
}

}  // namespace

static void gst_sfu_plain_transport_class_init(GstSfuPlainTransportClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetProperty;
  object_class->get_property = GetProperty;
  InstallProperties(object_class);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(
      element_class, "Plain RTP transport", "Source/Sink/Network/RTP",
      "RTP and RTCP, or SRTP with given keys, over UDP with one peer: FFmpeg, a camera, another "
      "server",
      "gst-sfu");
  AddTemplates(element_class);
}

static void gst_sfu_plain_transport_init(GstSfuPlainTransport* self) {
  GST_SFU_TRANSPORT_BASE(self)->inside = new PlainTransportElement(GST_ELEMENT_CAST(self));
}
