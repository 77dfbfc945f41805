// The GObject side of SrcPort.
#include "src_pad.h"

#include "clock_map.h"
#include "pad_events.h"
#include "property_specs.h"
#include "rtp_caps.h"
#include "sink_port.h"

using sfu::TimeDelta;
using sfu::gst::BranchLimits;
using sfu::gst::PortOf;
using sfu::gst::SrcPort;

enum { kPropLatency = 1, kPropMaxTime, kPropMaxPackets, kPropFillSilence, kPropStats };

G_DEFINE_TYPE(GstSfuSrcPad, gst_sfu_src_pad, GST_TYPE_PAD)

namespace {

GstSfuSrcPadClass* ClassOf(GstSfuSrcPad* pad) {
  return reinterpret_cast<GstSfuSrcPadClass*>(G_OBJECT_GET_CLASS(pad));
}

GstStructure* MakeStats(GstSfuSrcPad* pad) {
  const sfu::gst::SrcPortStats stats = PortOf(pad).stats();
  GstStructure* s =
      gst_structure_new("application/x-sfu-src-pad-stats", "packetsSent", G_TYPE_UINT64,
                        static_cast<guint64>(stats.packets), "packetsDropped", G_TYPE_UINT64,
                        static_cast<guint64>(stats.dropped), "packetsDiscarded", G_TYPE_UINT64,
                        static_cast<guint64>(stats.unlinked), "queueOverflows", G_TYPE_UINT64,
                        static_cast<guint64>(stats.overflows), "packetsQueued", G_TYPE_UINT64,
                        static_cast<guint64>(stats.queued_packets), nullptr);
  if (ClassOf(pad)->add_stats != nullptr) ClassOf(pad)->add_stats(pad, s);
  return s;
}

// Has the application ask for the pipeline's latency again.
void PostLatency(GstPad* pad) {
  const auto element = sfu::gst::ElementRef::Adopt(gst_pad_get_parent_element(pad));
  if (!element) return;
  gst_element_post_message(element.get(), gst_message_new_latency(GST_OBJECT_CAST(element.get())));
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  SrcPort& port = PortOf(GST_SFU_SRC_PAD(object));
  BranchLimits limits = port.limits();
  switch (id) {
    case kPropLatency:
      port.SetLatency(static_cast<int64_t>(g_value_get_int(value)) * GST_MSECOND);
      PostLatency(GST_PAD_CAST(object));
      return;
    case kPropMaxTime:
      limits.time = TimeDelta::Nanos(static_cast<int64_t>(g_value_get_uint64(value)));
      port.SetLimits(limits);
      return;
    case kPropMaxPackets:
      limits.packets = g_value_get_uint(value);
      port.SetLimits(limits);
      return;
    case kPropFillSilence:
      port.SetFillSilence(g_value_get_boolean(value) != FALSE);
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  GstSfuSrcPad* pad = GST_SFU_SRC_PAD(object);
  SrcPort& port = PortOf(pad);
  switch (id) {
    case kPropLatency:
      g_value_set_int(value, static_cast<int>(port.latency().ms()));
      return;
    case kPropMaxTime:
      g_value_set_uint64(value, static_cast<guint64>(port.limits().time.ns()));
      return;
    case kPropMaxPackets:
      g_value_set_uint(value, static_cast<guint>(port.limits().packets));
      return;
    case kPropFillSilence:
      g_value_set_boolean(value, port.fill_silence());
      return;
    case kPropStats:
      g_value_take_boxed(value, MakeStats(pad));
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

gboolean ActivateMode(GstPad* pad, GstObject*, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  SrcPort& port = PortOf(GST_SFU_SRC_PAD(pad));
  if (active) {
    port.Activate(gst_util_group_id_next());
  } else {
    port.Deactivate();
  }
  return TRUE;
}

// When a key frame is wanted: splitmuxsink and its like ask ahead, with the running time of their
// next cut.
sfu::Timestamp WantedTime(GstPad* pad, const GstStructure* s) {
  GstClockTime running = GST_CLOCK_TIME_NONE;
  gst_structure_get_clock_time(s, "running-time", &running);
  const auto element = sfu::gst::ElementRef::Adopt(gst_pad_get_parent_element(pad));
  if (running > G_MAXINT64 / 2 || !element) return {};  // also: no time at all
  return sfu::gst::ClockMap().ToSfuTime(element.get(), running);
}

bool HandleCustom(GstPad* pad, SrcPort& port, const GstStructure* s) {
  guint number = 0;
  guint64 latency = 0;
  if (gst_structure_has_name(s, "GstForceKeyUnit")) {
    if (gst_structure_get_uint(s, sfu::gst::kEncodingField, &number)) {
      port.RequestKeyFrameOf(static_cast<uint8_t>(number));
    } else {
      port.RequestKeyFrame(WantedTime(pad, s));
    }
  } else if (gst_structure_has_name(s, "GstRTPRetransmissionRequest") &&
             gst_structure_get_uint(s, "seqnum", &number)) {
    port.Resend(static_cast<uint16_t>(number));
  } else if (gst_structure_has_name(s, sfu::gst::kPatienceEvent) &&
             gst_structure_get_uint64(s, "latency", &latency)) {
    port.RequestPatience(TimeDelta::Nanos(static_cast<int64_t>(latency)));
  } else if (ClassOf(GST_SFU_SRC_PAD(pad))->told != nullptr) {
    ClassOf(GST_SFU_SRC_PAD(pad))->told(GST_SFU_SRC_PAD(pad), s);
  } else {
    return false;
  }
  return true;
}

// Nothing here waits: what must be done on the Worker is posted.
gboolean Event(GstPad* pad, GstObject*, GstEvent* event) {
  const auto owned = sfu::gst::EventRef::Adopt(event);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CUSTOM_UPSTREAM:
      return HandleCustom(pad, PortOf(GST_SFU_SRC_PAD(pad)), gst_event_get_structure(event));
    case GST_EVENT_LATENCY:
    case GST_EVENT_RECONFIGURE:
    case GST_EVENT_QOS:
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean AnswerLatency(GstSfuSrcPad* pad, GstQuery* query) {
  auto* upstream = ClassOf(pad)->query_upstream_latency;
  if (upstream == nullptr) {
    gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  } else if (!upstream(pad, query)) {
    return FALSE;
  }
  gboolean live = FALSE;
  GstClockTime min = 0;
  GstClockTime max = 0;
  gst_query_parse_latency(query, &live, &min, &max);
  const auto own = static_cast<GstClockTime>(PortOf(pad).latency().ns());
  // A branch of its own can hold back as much as its queue takes.
  const auto queue =
      own > 0 ? static_cast<GstClockTime>(PortOf(pad).limits().time.ns()) : GstClockTime{0};
  if (GST_CLOCK_TIME_IS_VALID(max)) max += own + queue;
  gst_query_set_latency(query, live, min + own, max);
  return TRUE;
}

GstCaps* CurrentCaps(GstSfuSrcPad* pad) {
  const sfu::gst::CapsRef plain = PortOf(pad).caps();
  sfu::gst::CapsRef possible;
  if (plain) {
    possible = plain;
  } else if (ClassOf(pad)->possible_caps != nullptr) {
    possible = sfu::gst::CapsRef::Adopt(ClassOf(pad)->possible_caps(pad));
  }
  if (!possible) return gst_pad_get_pad_template_caps(GST_PAD_CAST(pad));
  GstCaps* both = sfu::gst::WithBatchFeature(possible.get(), true).release();
  return gst_caps_merge(both, sfu::gst::WithBatchFeature(possible.get(), false).release());
}

gboolean Query(GstPad* pad, GstObject* parent, GstQuery* query) {
  GstSfuSrcPad* self = GST_SFU_SRC_PAD(pad);
  switch (GST_QUERY_TYPE(query)) {
    case GST_QUERY_LATENCY:
      return AnswerLatency(self, query);
    case GST_QUERY_CAPS:
      sfu::gst::AnswerCapsQuery(query, sfu::gst::CapsRef::Adopt(CurrentCaps(self)));
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
    case GST_QUERY_CONTEXT:
      return gst_pad_query_default(pad, parent, query);
    default:
      // A live stream has no position, duration or allocation, and nothing behind it to ask.
      return FALSE;
  }
}

void PeerChanged(GstPad* pad, GstPad*) {
  GstSfuSrcPad* self = GST_SFU_SRC_PAD(pad);
  PortOf(self).PeerChanged();
  if (ClassOf(self)->peer_changed != nullptr) ClassOf(self)->peer_changed(self);
}

// What a pad that was not deactivated does on the Worker ends here, where the pad can still be
// referenced.
void Dispose(GObject* object) {
  PortOf(GST_SFU_SRC_PAD(object)).Deactivate();
  G_OBJECT_CLASS(gst_sfu_src_pad_parent_class)->dispose(object);
}

void Finalize(GObject* object) {
  delete GST_SFU_SRC_PAD(object)->port;
  G_OBJECT_CLASS(gst_sfu_src_pad_parent_class)->finalize(object);
}

void InstallProperties(GObjectClass* klass) {
  g_object_class_install_property(
      klass, kPropLatency,
      g_param_spec_int("latency", "Latency",
                       "How long (ms) packets wait for the repair of those before them. -1: 200 "
                       "where the peer takes plain RTP, 0 between elements of this plugin",
                       -1, 10'000, -1, sfu::gst::kSettableAtAnyTime));
  g_object_class_install_property(
      klass, kPropMaxTime,
      g_param_spec_uint64("max-queue-time", "Maximum queue time",
                          "How much (ns) may be queued for a peer that is not of this plugin, "
                          "before packets are dropped",
                          0, G_MAXINT64, 2 * GST_SECOND, sfu::gst::kSettableAtAnyTime));
  g_object_class_install_property(
      klass, kPropMaxPackets,
      g_param_spec_uint("max-queue-packets", "Maximum queue packets",
                        "How many packets may be queued for a peer that is not of this plugin, "
                        "before packets are dropped",
                        1, 1'000'000, 4096, sfu::gst::kSettableAtAnyTime));
  sfu::gst::InstallSwitch(klass, kPropFillSilence, "fill-silence", "Fill silence",
                          "Towards a peer that takes plain RTP, fill the silences of an Opus "
                          "stream with silent packets, for a muxer that waits for every input",
                          false, sfu::gst::kSettableAtAnyTime);
  sfu::gst::InstallStats(klass, kPropStats, "What went through this pad");
}

}  // namespace

static void gst_sfu_src_pad_class_init(GstSfuSrcPadClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetProperty;
  object_class->get_property = GetProperty;
  object_class->dispose = Dispose;
  object_class->finalize = Finalize;
  klass->parent_class.linked = PeerChanged;
  klass->parent_class.unlinked = PeerChanged;
  InstallProperties(object_class);
}

static void gst_sfu_src_pad_init(GstSfuSrcPad* self) {
  GstPad* pad = GST_PAD_CAST(self);
  self->port = new SrcPort(pad);
  gst_pad_set_activatemode_function(pad, ActivateMode);
  gst_pad_set_event_function(pad, Event);
  gst_pad_set_query_function(pad, Query);
}

namespace sfu::gst {

bool IsSrcPad(GstPad* pad) { return G_TYPE_CHECK_INSTANCE_TYPE(pad, GST_TYPE_SFU_SRC_PAD); }

}  // namespace sfu::gst
