// plaintransport as GStreamer sees it: type, properties, states.
//
// ## Example launch line
//   gst-launch-1.0 plaintransport name=t port=5004
//     src_0::caps="application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000"
//     t.src_0 ! rtpvp8depay ! vp8dec ! autovideosink
#include "element_pads.h"
#include "plain_transport_element.h"

using sfu::gst::PlainTransportElement;

struct GstSfuPlainTransport {
  GstElement parent;
  PlainTransportElement* inside;
};
struct GstSfuPlainTransportClass {
  GstElementClass parent_class;
};

enum {
  kPropWorker = sfu::gst::kPlainFirstOther,
  kPropLocalPort,
  kPropLocalRtcpPort,
  kPropStats,
};

G_DEFINE_TYPE_WITH_CODE(GstSfuPlainTransport, gst_sfu_plain_transport, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, sfu::gst::PadChildProxyInit))
GST_ELEMENT_REGISTER_DEFINE(plaintransport, "plaintransport", GST_RANK_NONE,
                            gst_sfu_plain_transport_get_type())

namespace {

PlainTransportElement& InsideOf(gpointer object) {
  return *static_cast<GstSfuPlainTransport*>(object)->inside;
}

GstStructure* GetStats(GstSfuPlainTransport* self) { return InsideOf(self).Stats(); }

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (InsideOf(object).SetSetting(id, value)) return;
  if (id != kPropWorker) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  const char* name = g_value_get_string(value);
  if (!InsideOf(object).SetWorkerName(name == nullptr ? "" : name)) {
    GST_ELEMENT_WARNING(object, RESOURCE, SETTINGS, ("worker: cannot change while there are pads"),
                        (nullptr));
  }
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  PlainTransportElement& inside = InsideOf(object);
  if (inside.GetSetting(id, value)) return;
  switch (id) {
    case kPropWorker:
      g_value_set_string(value, inside.worker_name().c_str());
      return;
    case kPropLocalPort:
      g_value_set_uint(value, inside.local_port());
      return;
    case kPropLocalRtcpPort:
      g_value_set_uint(value, inside.local_rtcp_port());
      return;
    case kPropStats:
      g_value_take_boxed(value, inside.Stats());
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

GstPad* RequestNewPad(GstElement* element, GstPadTemplate* templ, const gchar* name,
                      const GstCaps*) {
  return InsideOf(element).RequestPad(templ, name);
}

void ReleasePad(GstElement* element, GstPad* pad) { InsideOf(element).ReleasePad(pad); }

GstStateChangeReturn ChangeState(GstElement* element, GstStateChange transition) {
  PlainTransportElement& inside = InsideOf(element);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !inside.Open()) {
    return GST_STATE_CHANGE_FAILURE;
  }
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED) inside.SetPlaying(false);
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_sfu_plain_transport_parent_class)->change_state(element, transition);
  if (result == GST_STATE_CHANGE_FAILURE) return result;
  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      // Live: there is nothing to preroll with.
      return GST_STATE_CHANGE_NO_PREROLL;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      inside.SetPlaying(true);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      inside.Close();
      break;
    default:
      break;
  }
  return result;
}

gboolean SendEvent(GstElement* element, GstEvent* event) {
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_EOS:
      InsideOf(element).EndStreams();
      break;
    case GST_EVENT_LATENCY:
      break;
    default:
      return GST_ELEMENT_CLASS(gst_sfu_plain_transport_parent_class)->send_event(element, event);
  }
  gst_event_unref(event);
  return TRUE;
}

gboolean Query(GstElement* element, GstQuery* query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) return InsideOf(element).AnswerLatency(query);
  return GST_ELEMENT_CLASS(gst_sfu_plain_transport_parent_class)->query(element, query);
}

void Finalize(GObject* object) {
  delete static_cast<GstSfuPlainTransport*>(static_cast<gpointer>(object))->inside;
  G_OBJECT_CLASS(gst_sfu_plain_transport_parent_class)->finalize(object);
}

void InstallProperties(GObjectClass* klass) {
  const auto readable = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  sfu::gst::InstallSettings(klass);
  g_object_class_install_property(
      klass, kPropWorker,
      g_param_spec_string("worker", "Worker",
                          "The thread that the transport lives on; elements of one name share it. "
                          "Set it before pads are requested",
                          sfu::gst::kDefaultWorker,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_READY)));
  g_object_class_install_property(
      klass, kPropLocalPort,
      g_param_spec_uint("local-port", "Local port", "The bound RTP port; 0 until PAUSED", 0, 65'535,
                        0, readable));
  g_object_class_install_property(
      klass, kPropLocalRtcpPort,
      g_param_spec_uint("local-rtcp-port", "Local RTCP port",
                        "The bound RTCP port; with rtcp-mux the same as local-port", 0, 65'535, 0,
                        readable));
  g_object_class_install_property(
      klass, kPropStats,
      g_param_spec_boxed("stats", "Statistics",
                         "The statistics of the transport and of all pads, by pad name",
                         GST_TYPE_STRUCTURE, readable));
  g_signal_new("request-pt-map", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
               nullptr, GST_TYPE_CAPS, 1, G_TYPE_UINT);
  g_signal_new_class_handler("get-stats", G_TYPE_FROM_CLASS(klass),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(GetStats), nullptr, nullptr, nullptr, GST_TYPE_STRUCTURE,
                             0);
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
  object_class->finalize = Finalize;
  InstallProperties(object_class);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  element_class->request_new_pad = RequestNewPad;
  element_class->release_pad = ReleasePad;
  element_class->change_state = ChangeState;
  element_class->send_event = SendEvent;
  element_class->query = Query;
  gst_element_class_set_static_metadata(
      element_class, "Plain RTP transport", "Source/Sink/Network/RTP",
      "RTP and RTCP, or SRTP with given keys, over UDP with one peer: FFmpeg, a camera, another "
      "server",
      "gst-sfu");
  AddTemplates(element_class);
}

static void gst_sfu_plain_transport_init(GstSfuPlainTransport* self) {
  self->inside = new PlainTransportElement(GST_ELEMENT_CAST(self));
  GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
}
