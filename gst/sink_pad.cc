// The GObject side of SinkPort.
#include "sink_pad.h"

#include "property_specs.h"
#include "rtp_caps.h"

using sfu::gst::PortOf;
using sfu::gst::SinkPort;

enum { kPropSync = 1, kPropStats };

G_DEFINE_TYPE(GstSfuSinkPad, gst_sfu_sink_pad, GST_TYPE_PAD)

namespace {

GstSfuSinkPadClass* ClassOf(GstSfuSinkPad* pad) {
  return reinterpret_cast<GstSfuSinkPadClass*>(G_OBJECT_GET_CLASS(pad));
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id == kPropSync) {
    PortOf(GST_SFU_SINK_PAD(object)).SetSync(g_value_get_boolean(value) != FALSE);
    return;
  }
  G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

GstStructure* MakeStats(GstSfuSinkPad* pad) {
  GstStructure* s =
      gst_structure_new("application/x-sfu-sink-pad-stats", "packetsDropped", G_TYPE_UINT64,
                        static_cast<guint64>(PortOf(pad).dropped()), nullptr);
  if (ClassOf(pad)->add_stats != nullptr) ClassOf(pad)->add_stats(pad, s);
  return s;
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  GstSfuSinkPad* pad = GST_SFU_SINK_PAD(object);
  switch (id) {
    case kPropSync:
      g_value_set_boolean(value, PortOf(pad).sync());
      return;
    case kPropStats:
      g_value_take_boxed(value, MakeStats(pad));
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

GstFlowReturn Chain(GstPad* pad, GstObject*, GstBuffer* buffer) {
  return PortOf(GST_SFU_SINK_PAD(pad)).Chain(buffer);
}

GstFlowReturn ChainList(GstPad* pad, GstObject*, GstBufferList* list) {
  return PortOf(GST_SFU_SINK_PAD(pad)).ChainList(list);
}

gboolean Event(GstPad* pad, GstObject*, GstEvent* event) {
  return PortOf(GST_SFU_SINK_PAD(pad)).Event(event);
}

gboolean Query(GstPad* pad, GstObject* parent, GstQuery* query) {
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_CAPS:
      // Always the template: what the pad takes does not depend on what is linked elsewhere.
      sfu::gst::AnswerCapsQuery(query,
                                sfu::gst::CapsRef::Adopt(gst_pad_get_pad_template_caps(pad)));
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
    case GST_QUERY_CONTEXT:
      return gst_pad_query_default(pad, parent, query);
    default:
      return FALSE;
  }
}

gboolean ActivateMode(GstPad* pad, GstObject*, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  PortOf(GST_SFU_SINK_PAD(pad)).SetActive(active != FALSE);
  return TRUE;
}

void Linked(GstPad* pad, GstPad*) { PortOf(GST_SFU_SINK_PAD(pad)).PeerChanged(); }

// The direction is known only now.
void Constructed(GObject* object) {
  G_OBJECT_CLASS(gst_sfu_sink_pad_parent_class)->constructed(object);
  GstPad* pad = GST_PAD_CAST(object);
  gst_pad_set_chain_function(pad, Chain);
  gst_pad_set_chain_list_function(pad, ChainList);
}

void Finalize(GObject* object) {
  delete GST_SFU_SINK_PAD(object)->port;
  G_OBJECT_CLASS(gst_sfu_sink_pad_parent_class)->finalize(object);
}

}  // namespace

static void gst_sfu_sink_pad_class_init(GstSfuSinkPadClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetProperty;
  object_class->get_property = GetProperty;
  klass->parent_class.linked = Linked;
  object_class->constructed = Constructed;
  object_class->finalize = Finalize;
  sfu::gst::InstallSwitch(object_class, kPropSync, "sync", "Sync",
                          "Keep time with the pipeline's clock when elements that are not of this "
                          "plugin feed the pad: a file is then played at its own pace",
                          true, sfu::gst::kSettableAtAnyTime);
  sfu::gst::InstallStats(object_class, kPropStats, "What came in on this pad");
}

static void gst_sfu_sink_pad_init(GstSfuSinkPad* self) {
  GstPad* pad = GST_PAD_CAST(self);
  self->port = new SinkPort(pad);
  gst_pad_set_event_function(pad, Event);
  gst_pad_set_query_function(pad, Query);
  gst_pad_set_activatemode_function(pad, ActivateMode);
}

namespace sfu::gst {

bool IsSinkPad(GstPad* pad) { return G_TYPE_CHECK_INSTANCE_TYPE(pad, GST_TYPE_SFU_SINK_PAD); }

}  // namespace sfu::gst
