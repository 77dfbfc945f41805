// webrtctransport as GStreamer sees it: type, properties, actions, pad templates.
#include "action_answer.h"
#include "element_pads.h"
#include "property_specs.h"
#include "transport_base.h"
#include "webrtc_transport_element.h"

using sfu::gst::kReadable;
using sfu::gst::WebRtcTransportElement;

struct GstSfuWebRtcTransport {
  GstSfuTransportBase parent;
};
struct GstSfuWebRtcTransportClass {
  GstSfuTransportBaseClass parent_class;
};

enum {
  kPropIceParameters = sfu::gst::kWebRtcFirstOther,
  kPropIceCandidates,
  kPropIceState,
  kPropIceGatheringState,
  kPropIceSelectedTuple,
  kPropDtlsParameters,
  kPropDtlsState,
  kPropDtlsRemoteCert,
};

G_DEFINE_TYPE(GstSfuWebRtcTransport, gst_sfu_webrtc_transport, GST_TYPE_SFU_TRANSPORT_BASE)
GST_ELEMENT_REGISTER_DEFINE(webrtctransport, "webrtctransport", GST_RANK_NONE,
                            gst_sfu_webrtc_transport_get_type())

namespace {

WebRtcTransportElement& InsideOf(gpointer object) {
  return static_cast<WebRtcTransportElement&>(*GST_SFU_TRANSPORT_BASE(object)->inside);
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (InsideOf(object).SetSetting(id, value)) return;
  G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  if (InsideOf(object).GetSetting(id, value)) return;
  const WebRtcTransportElement::Told told = InsideOf(object).told();
  switch (id) {
    case kPropIceParameters:
      g_value_set_string(value, told.ice_parameters.c_str());
      return;
    case kPropIceCandidates:
      g_value_set_string(value, told.ice_candidates.c_str());
      return;
    case kPropIceState:
      g_value_set_string(value, std::string(sfu::IceStateName(told.ice_state)).c_str());
      return;
    case kPropIceGatheringState:
      g_value_set_string(value, told.ice_gathered             ? "complete"
                                : told.ice_parameters.empty() ? "new"
                                                              : "gathering");
      return;
    case kPropIceSelectedTuple:
      g_value_set_string(value, told.ice_selected_tuple.c_str());
      return;
    case kPropDtlsParameters:
      g_value_set_string(value, told.dtls_parameters.c_str());
      return;
    case kPropDtlsState:
      g_value_set_string(value, std::string(sfu::DtlsStateName(told.dtls_state)).c_str());
      return;
    case kPropDtlsRemoteCert:
      g_value_set_string(value, told.dtls_remote_cert.c_str());
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

GstStructure* Connect(GstElement* element, const char* json) {
  return sfu::gst::NewAnswer(InsideOf(element).Connect(json));
}

GstStructure* AddIceCandidate(GstElement* element, const char* json) {
  return sfu::gst::NewAnswer(InsideOf(element).AddIceCandidate(json));
}

GstStructure* SetRemoteIceParameters(GstElement* element, const char* json) {
  return sfu::gst::NewAnswer(InsideOf(element).SetRemoteIceParameters(json));
}

GstStructure* SetMaxIncomingBitrate(GstElement* element, guint bits_per_second) {
  g_object_set(element, "max-incoming-bitrate", bits_per_second, nullptr);
  return sfu::gst::NewAnswer(std::string("{}"));
}

template <guint kProperty>
GstStructure* SetOutgoingLimit(GstElement* element, guint bits_per_second) {
  const sfu::Status set = InsideOf(element).SetOutgoingLimit(kProperty, bits_per_second);
  return set ? sfu::gst::NewAnswer(std::string("{}")) : sfu::gst::NewErrorAnswer(set.error());
}

GstStructure* RestartIce(GstElement* element) {
  return sfu::gst::NewAnswer(InsideOf(element).RestartIce());
}

void InstallRateAction(GObjectClass* klass, const char* name,
                       GstStructure* (*handler)(GstElement*, guint)) {
  g_signal_new_class_handler(name, G_TYPE_FROM_CLASS(klass),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(handler), nullptr, nullptr, nullptr, GST_TYPE_STRUCTURE, 1,
                             G_TYPE_UINT);
}

void InstallTold(GObjectClass* klass) {
  using sfu::gst::InstallText;
  InstallText(klass, kPropIceParameters, "ice-parameters", "ICE parameters",
              "IceParameters for the peer, as JSON; from READY on", "", kReadable);
  InstallText(klass, kPropIceCandidates, "ice-candidates", "ICE candidates",
              "Array of IceCandidate for the peer, as JSON; from READY on", "", kReadable);
  InstallText(klass, kPropIceState, "ice-state", "ICE state",
              "new, connected, completed, disconnected or closed", "new", kReadable);
  InstallText(klass, kPropIceGatheringState, "ice-gathering-state", "ICE gathering state",
              "new, gathering, or complete when ice-candidates has all; at once with ICE-lite",
              "new", kReadable);
  InstallText(klass, kPropIceSelectedTuple, "ice-selected-tuple", "ICE selected tuple",
              "TransportTuple of the path in use, as JSON; empty without one", "", kReadable);
  InstallText(klass, kPropDtlsParameters, "dtls-parameters", "DTLS parameters",
              "DtlsParameters for the peer, as JSON; from READY on", "", kReadable);
  InstallText(klass, kPropDtlsState, "dtls-state", "DTLS state",
              "new, connecting, connected, failed or closed", "new", kReadable);
  InstallText(klass, kPropDtlsRemoteCert, "dtls-remote-cert", "DTLS remote certificate",
              "The peer's certificate as PEM, once DTLS is connected", "", kReadable);
}

}  // namespace

static void gst_sfu_webrtc_transport_class_init(GstSfuWebRtcTransportClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetProperty;
  object_class->get_property = GetProperty;
  sfu::gst::InstallWebRtcSettings(object_class);
  InstallTold(object_class);
  sfu::gst::InstallTextAction(object_class, "connect", Connect);
  sfu::gst::InstallTextAction(object_class, "add-ice-candidate", AddIceCandidate);
  sfu::gst::InstallTextAction(object_class, "set-remote-ice-parameters", SetRemoteIceParameters);
  g_signal_new("on-ice-candidate", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
               nullptr, G_TYPE_NONE, 1, G_TYPE_STRING);
  sfu::gst::InstallAction(object_class, "restart-ice", G_CALLBACK(RestartIce));
  InstallRateAction(object_class, "set-max-incoming-bitrate", SetMaxIncomingBitrate);
  InstallRateAction(object_class, "set-max-outgoing-bitrate",
                    SetOutgoingLimit<sfu::gst::kWebRtcMaxOutgoingBitrate>);
  InstallRateAction(object_class, "set-min-outgoing-bitrate",
                    SetOutgoingLimit<sfu::gst::kWebRtcMinOutgoingBitrate>);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(
      element_class, "WebRTC transport", "Source/Sink/Network/WebRTC",
      "ICE, DTLS and SRTP with one browser or another WebRTC endpoint", "gst-sfu");
  sfu::gst::AddPadTemplate(element_class, "src_%u", GST_PAD_SRC, GST_TYPE_SFU_RECEIVER_PAD,
                           sfu::gst::kPadCaps, GST_PAD_SOMETIMES);
  sfu::gst::AddPadTemplate(element_class, "sink_%u", GST_PAD_SINK, GST_TYPE_SFU_SENDER_PAD);
}

static void gst_sfu_webrtc_transport_init(GstSfuWebRtcTransport* self) {
  GST_SFU_TRANSPORT_BASE(self)->inside = new WebRtcTransportElement(GST_ELEMENT_CAST(self));
}
