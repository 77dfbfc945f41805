// sink_%u of sfurouter.
#include <cmath>

#include "property_specs.h"
#include "router_pads.h"
#include "rtp_caps.h"
#include "sfu_transport.h"
#include "worker_stats.h"

using sfu::gst::ProducerPadState;
using sfu::gst::ProducerSlotRef;
using sfu::gst::RouterHubRef;

enum { kPropId = 1, kPropPaused, kPropType, kPropRtpParameters, kPropScore, kPropObserved };

G_DEFINE_TYPE(GstSfuProducerPad, gst_sfu_producer_pad, GST_TYPE_SFU_SINK_PAD)

namespace {

void SetId(GObject* object, const char* id) {
  ProducerPadState& state = *GST_SFU_PRODUCER_PAD(object)->state;
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  if (slot == nullptr || id == nullptr || *id == '\0') return;
  const sfu::Status status = hub->RenameProducer(slot, id);
  if (status.ok()) return;
  const auto element =
      sfu::gst::ElementRef::Adopt(gst_pad_get_parent_element(GST_PAD_CAST(object)));
  if (!element) return;
  GST_ELEMENT_WARNING(element.get(), RESOURCE, SETTINGS,
                      ("%s: %s", GST_PAD_NAME(object), status.error().ToString().c_str()),
                      (nullptr));
}

std::string IdOf(ProducerPadState& state) {
  const std::lock_guard lock(state.mutex);
  return state.slot == nullptr ? "" : state.hub->IdOf(*state.slot);
}

void SetPaused(ProducerPadState& state, bool paused) {
  {
    const std::lock_guard lock(state.mutex);
    state.paused = paused;
  }
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  if (slot != nullptr) hub->SetProducerPaused(slot, paused);
}

void SetObserved(ProducerPadState& state, bool observed) {
  {
    const std::lock_guard lock(state.mutex);
    state.observed = observed;
  }
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  if (slot != nullptr) hub->SetProducerObserved(slot, observed);
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  ProducerPadState& state = *GST_SFU_PRODUCER_PAD(object)->state;
  switch (id) {
    case kPropId:
      SetId(object, g_value_get_string(value));
      return;
    case kPropObserved:
      SetObserved(state, g_value_get_boolean(value) != FALSE);
      return;
    case kPropPaused:
      SetPaused(state, g_value_get_boolean(value) != FALSE);
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

GstStructure* RtpParameters(GstPad* pad) {
  GstCaps* caps = gst_pad_get_current_caps(pad);
  if (caps == nullptr) return gst_structure_new_empty("application/x-rtp");
  GstStructure* s = gst_structure_copy(gst_caps_get_structure(caps, 0));
  gst_caps_unref(caps);
  return s;
}

std::string TypeOf(ProducerPadState& state) {
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  return sfu::ortc::ProducerTypeName(slot == nullptr ? sfu::ortc::ProducerType::kSimple
                                                     : hub->TypeOf(*slot));
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  ProducerPadState& state = *GST_SFU_PRODUCER_PAD(object)->state;
  switch (id) {
    case kPropId:
      g_value_set_string(value, IdOf(state).c_str());
      return;
    case kPropPaused: {
      const std::lock_guard lock(state.mutex);
      g_value_set_boolean(value, state.paused);
      return;
    }
    case kPropObserved: {
      const std::lock_guard lock(state.mutex);
      g_value_set_boolean(value, state.observed);
      return;
    }
    case kPropScore: {
      const std::lock_guard lock(state.mutex);
      g_value_set_uint(value, state.score);
      return;
    }
    case kPropType:
      g_value_set_string(value, TypeOf(state).c_str());
      return;
    case kPropRtpParameters:
      g_value_take_boxed(value, RtpParameters(GST_PAD_CAST(object)));
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void AddEncodings(GstStructure* stats, const sfu::Producer& producer) {
  GValue encodings = G_VALUE_INIT;
  g_value_init(&encodings, GST_TYPE_ARRAY);
  for (size_t i = 0; i < producer.encoding_count(); ++i) {
    const sfu::ProducerEncodingStats& s = producer.encoding_stats(i);
    sfu::gst::AppendStructure(
        &encodings,
        gst_structure_new("application/x-sfu-stream-stats", "ssrc", G_TYPE_UINT, s.ssrc,
                          "packetsReceived", G_TYPE_UINT64,
                          static_cast<guint64>(s.packets_received), "bytesReceived", G_TYPE_UINT64,
                          static_cast<guint64>(s.bytes_received), "keyFramesReceived",
                          G_TYPE_UINT64, static_cast<guint64>(s.key_frames), "pliCount",
                          G_TYPE_UINT64, static_cast<guint64>(s.key_frame_requests), nullptr));
  }
  gst_structure_take_value(stats, "encodings", &encodings);
}

void AddStats(GstSfuSinkPad* pad, GstStructure* stats) {
  ProducerPadState& state = *GST_SFU_PRODUCER_PAD(pad)->state;
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  if (slot == nullptr) return;
  hub->worker()->worker->PostAndWait([stats, slot = slot, hub = hub] {
    gst_structure_set(stats, "type", G_TYPE_STRING, "producer", "id", G_TYPE_STRING,
                      hub->IdOf(*slot).c_str(), nullptr);
    if (slot->producer == nullptr) return;
    const sfu::ProducerStats& s = slot->producer->stats();
    gst_structure_set(stats, "packetsReceived", G_TYPE_UINT64,
                      static_cast<guint64>(s.packets_received), "bytesReceived", G_TYPE_UINT64,
                      static_cast<guint64>(s.bytes_received), "keyFramesReceived", G_TYPE_UINT64,
                      static_cast<guint64>(s.key_frames), "pliCount", G_TYPE_UINT64,
                      static_cast<guint64>(s.key_frame_requests), "packetsDiscarded", G_TYPE_UINT64,
                      static_cast<guint64>(s.drops.Total()), nullptr);
    if (slot->producer->is_simulcast()) AddEncodings(stats, *slot->producer);
    if (!s.audio_level) return;
    gst_structure_set(stats, "audioLevel", G_TYPE_DOUBLE,
                      std::pow(10.0, -static_cast<double>(s.audio_level->minus_dbov) / 20.0),
                      nullptr);
  });
}

// A sender that was negotiated with says what the Producer is.
void Linked(GstPad* pad, GstPad* peer) {
  GST_PAD_CLASS(gst_sfu_producer_pad_parent_class)->linked(pad, peer);
  const sfu::gst::ProducedStreamRef stream = sfu::gst::ProducedOf(peer);
  if (stream == nullptr) return;
  ProducerPadState& state = *GST_SFU_PRODUCER_PAD(pad)->state;
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  if (slot == nullptr) return;
  hub->SetProduced(slot, stream);
  if (stream->paused) g_object_set(pad, "paused", TRUE, nullptr);
}

void Finalize(GObject* object) {
  delete GST_SFU_PRODUCER_PAD(object)->state;
  G_OBJECT_CLASS(gst_sfu_producer_pad_parent_class)->finalize(object);
}

}  // namespace

static void gst_sfu_producer_pad_class_init(GstSfuProducerPadClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetProperty;
  object_class->get_property = GetProperty;
  object_class->finalize = Finalize;
  klass->parent_class.add_stats = AddStats;
  klass->parent_class.parent_class.linked = Linked;
  sfu::gst::InstallText(object_class, kPropId, "producer-id", "Producer id",
                        "By which consumer pads name this Producer, unique in its Router. Set it "
                        "before the pad has caps; unset, one is made up",
                        "");
  sfu::gst::InstallSwitch(object_class, kPropPaused, "paused", "Paused",
                          "Drop what comes in. Consumers go on at a key frame", false,
                          sfu::gst::kSettableAtAnyTime);
  sfu::gst::InstallSwitch(object_class, kPropObserved, "observed", "Observed",
                          "Whether the router's active-speaker and audio-levels listen to this "
                          "Producer",
                          true, sfu::gst::kSettableAtAnyTime);
  sfu::gst::InstallText(object_class, kPropType, "type", "Type",
                        "The type of the Producer: simple, simulcast or svc", "simple",
                        sfu::gst::kReadable);
  g_object_class_install_property(object_class, kPropRtpParameters,
                                  g_param_spec_boxed("rtp-parameters", "RTP parameters",
                                                     "What the sender's caps say of the stream",
                                                     GST_TYPE_STRUCTURE, sfu::gst::kReadable));
  g_object_class_install_property(
      object_class, kPropScore,
      g_param_spec_uint("score", "Score",
                        "How well the stream arrives here, as the transport before the pad says: "
                        "10 is perfect, 0 is not at all",
                        0, 10, 10, sfu::gst::kReadable));
}

static void gst_sfu_producer_pad_init(GstSfuProducerPad* self) {
  self->state = new ProducerPadState();
}
