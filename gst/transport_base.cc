// Properties, pads and states of transports.
#include "transport_base.h"

#include "action_answer.h"
#include "element_pads.h"
#include "property_specs.h"

using sfu::gst::TransportElement;

enum { kPropWorker = 1, kPropStats, kPropRouter, kPropDump };

namespace {

void TransportInit(gpointer iface, gpointer);

}  // namespace

G_DEFINE_ABSTRACT_TYPE_WITH_CODE(GstSfuTransportBase, gst_sfu_transport_base, GST_TYPE_ELEMENT,
                                 G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY,
                                                       sfu::gst::PadChildProxyInit)
                                     G_IMPLEMENT_INTERFACE(GST_TYPE_SFU_TRANSPORT, TransportInit))

namespace {

TransportElement& InsideOf(gpointer object) { return *GST_SFU_TRANSPORT_BASE(object)->inside; }

void TransportInit(gpointer iface, gpointer) {
  static_cast<GstSfuTransportInterface*>(iface)->control = [](GstElement* element) {
    return &InsideOf(element).control();
  };
}

GstStructure* GetStats(GstSfuTransportBase* self) { return InsideOf(self).Stats(); }

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id == kPropRouter) {
    InsideOf(object).control().SetRouterName(sfu::gst::TextOf(value));
    return;
  }
  if (id != kPropWorker) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  if (!InsideOf(object).SetWorkerName(sfu::gst::TextOf(value))) {
    GST_ELEMENT_WARNING(object, RESOURCE, SETTINGS, ("worker: cannot change while there are pads"),
                        (nullptr));
  }
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  switch (id) {
    case kPropWorker:
      g_value_set_string(value, InsideOf(object).worker_name().c_str());
      return;
    case kPropRouter:
      g_value_set_string(value, InsideOf(object).control().router_name().c_str());
      return;
    case kPropStats:
      g_value_take_boxed(value, InsideOf(object).Stats());
      return;
    case kPropDump:
      g_value_set_string(value, InsideOf(object).DumpJson().c_str());
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
  TransportElement& inside = InsideOf(element);
  if (!inside.Prepare(transition)) return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED) inside.SetPlaying(false);
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_sfu_transport_base_parent_class)->change_state(element, transition);
  if (result == GST_STATE_CHANGE_FAILURE) return result;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING) inside.SetPlaying(true);
  inside.Finish(transition);
  // Live: there is nothing to preroll with.
  const bool paused = transition == GST_STATE_CHANGE_READY_TO_PAUSED ||
                      transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
  return paused ? GST_STATE_CHANGE_NO_PREROLL : result;
}

gboolean SendEvent(GstElement* element, GstEvent* event) {
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_EOS:
      InsideOf(element).EndStreams();
      break;
    case GST_EVENT_LATENCY:
      break;
    default:
      return GST_ELEMENT_CLASS(gst_sfu_transport_base_parent_class)->send_event(element, event);
  }
  gst_event_unref(event);
  return TRUE;
}

gboolean Query(GstElement* element, GstQuery* query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) return InsideOf(element).AnswerLatency(query);
  return GST_ELEMENT_CLASS(gst_sfu_transport_base_parent_class)->query(element, query);
}

void Finalize(GObject* object) {
  delete GST_SFU_TRANSPORT_BASE(object)->inside;
  G_OBJECT_CLASS(gst_sfu_transport_base_parent_class)->finalize(object);
}

void InstallProperties(GObjectClass* klass) {
  sfu::gst::InstallText(klass, kPropWorker, "worker", "Worker",
                        "The thread that the transport lives on; elements of one name share it. "
                        "Set it before pads are requested",
                        sfu::gst::kDefaultWorker);
  sfu::gst::InstallTransportActions(klass, kPropRouter);
  sfu::gst::InstallStats(klass, kPropStats,
                         "The statistics of the transport and of all pads, by pad name");
  sfu::gst::InstallAction(klass, "get-stats", G_CALLBACK(GetStats));
  sfu::gst::InstallText(klass, kPropDump, "dump", "Dump",
                        "What the transport is and has, as JSON: mediasoup's dump()", "",
                        sfu::gst::kReadable);
}

}  // namespace

static void gst_sfu_transport_base_class_init(GstSfuTransportBaseClass* klass) {
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
  gst_type_mark_as_plugin_api(GST_TYPE_SFU_TRANSPORT_BASE, static_cast<GstPluginAPIFlags>(0));
}

static void gst_sfu_transport_base_init(GstSfuTransportBase* self) {
  GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
}
