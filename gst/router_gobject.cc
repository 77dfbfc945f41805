// sfurouter as GStreamer sees it: type, properties, states.
//
// ## Example launch line
//   gst-launch-1.0 videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! r.sink_0
//     sfurouter name=r  r.src_0 ! rtpvp8depay ! vp8dec ! autovideosink
#include "action_answer.h"
#include "element_pads.h"
#include "property_specs.h"
#include "router_control.h"
#include "router_element.h"

using sfu::gst::RouterElement;

struct GstSfuRouter {
  GstElement parent;
  RouterElement* inside;
};
struct GstSfuRouterClass {
  GstElementClass parent_class;
};

enum { kPropRouter = sfu::gst::kRouterFirstOther, kPropWorker, kPropStats };

GST_DEBUG_CATEGORY_STATIC(router_debug);
#define GST_CAT_DEFAULT router_debug

G_DEFINE_TYPE_WITH_CODE(GstSfuRouter, gst_sfu_router, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, sfu::gst::PadChildProxyInit)
                            GST_DEBUG_CATEGORY_INIT(router_debug, "sfurouter", 0, "SFU router"))
GST_ELEMENT_REGISTER_DEFINE(sfurouter, "sfurouter", GST_RANK_NONE, gst_sfu_router_get_type())

namespace {

RouterElement& InsideOf(gpointer object) { return *static_cast<GstSfuRouter*>(object)->inside; }

GstStructure* GetStats(GstSfuRouter* self) { return InsideOf(self).Stats(); }

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (InsideOf(object).SetObserverProperty(id, value)) return;
  if (sfu::gst::SetRouterControl(InsideOf(object), GST_ELEMENT_CAST(object), id, value)) return;
  bool taken = true;
  switch (id) {
    case kPropRouter:
      taken = InsideOf(object).SetRouterName(sfu::gst::TextOf(value));
      break;
    case kPropWorker:
      taken = InsideOf(object).SetWorkerName(sfu::gst::TextOf(value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      return;
  }
  if (taken) return;
  GST_ELEMENT_WARNING(object, RESOURCE, SETTINGS,
                      ("%s: cannot change while there are pads", spec->name), (nullptr));
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  if (InsideOf(object).GetObserverProperty(id, value)) return;
  if (sfu::gst::GetRouterControl(InsideOf(object), id, value)) return;
  switch (id) {
    case kPropRouter:
      g_value_set_string(value, InsideOf(object).router_name().c_str());
      return;
    case kPropWorker:
      g_value_set_string(value, InsideOf(object).worker_name().c_str());
      return;
    case kPropStats:
      g_value_take_boxed(value, InsideOf(object).Stats());
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
  RouterElement& inside = InsideOf(element);
  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !inside.Open()) {
    return GST_STATE_CHANGE_FAILURE;
  }
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED) inside.SetPlaying(false);
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_sfu_router_parent_class)->change_state(element, transition);
  if (result == GST_STATE_CHANGE_FAILURE) return result;
  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      inside.StartBinding();
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      inside.SetPlaying(true);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      inside.UnbindConsumers();
      inside.WaitForWorker();
      break;
    case GST_STATE_CHANGE_READY_TO_NULL:
      inside.Close();
      break;
    default:
      break;
  }
  return result;
}

gboolean SendEvent(GstElement* element, GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_EOS) {
    return GST_ELEMENT_CLASS(gst_sfu_router_parent_class)->send_event(element, event);
  }
  gst_event_unref(event);
  InsideOf(element).EndUnreachable();
  return TRUE;
}

void Finalize(GObject* object) {
  delete static_cast<GstSfuRouter*>(static_cast<gpointer>(object))->inside;
  G_OBJECT_CLASS(gst_sfu_router_parent_class)->finalize(object);
}

void InstallProperties(GObjectClass* klass) {
  sfu::gst::InstallRouterControl(klass);
  sfu::gst::InstallText(klass, kPropRouter, "router", "Router",
                        "Elements of one name in a process are faces of one Router, in whatever "
                        "pipeline. Empty: a Router of its own. Set it before pads are requested",
                        "");
  sfu::gst::InstallText(klass, kPropWorker, "worker", "Worker",
                        "The thread that the Router lives on; elements of one name share it. Set "
                        "it before pads are requested",
                        sfu::gst::kDefaultWorker);
  sfu::gst::InstallStats(klass, kPropStats, "The statistics of all pads, by pad name");
  sfu::gst::InstallRouterObservers(klass);
  sfu::gst::InstallAction(klass, "get-stats", G_CALLBACK(GetStats));
}

void AddTemplates(GstElementClass* klass) {
  sfu::gst::AddPadTemplate(klass, "sink_%u", GST_PAD_SINK, GST_TYPE_SFU_PRODUCER_PAD);
  sfu::gst::AddPadTemplate(klass, "src_%u", GST_PAD_SRC, GST_TYPE_SFU_CONSUMER_PAD);
  gst_type_mark_as_plugin_api(GST_TYPE_SFU_SINK_PAD, static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(GST_TYPE_SFU_SRC_PAD, static_cast<GstPluginAPIFlags>(0));
}

}  // namespace

static void gst_sfu_router_class_init(GstSfuRouterClass* klass) {
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
  gst_element_class_set_static_metadata(
      element_class, "SFU router", "Filter/Network/RTP",
      "Forwards the RTP streams that come in on its sink pads (Producers) to any number of source "
      "pads (Consumers), without decoding",
      "gst-sfu");
  AddTemplates(element_class);
}

static void gst_sfu_router_init(GstSfuRouter* self) {
  self->inside = new RouterElement(GST_ELEMENT_CAST(self));
  GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
}

namespace sfu::gst {

RouterElement& RouterElementOf(GstElement* element) { return InsideOf(element); }

}  // namespace sfu::gst
