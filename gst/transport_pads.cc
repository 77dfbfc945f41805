// Properties and statistics of a transport's pads. The statistics have the names of W3C's
// webrtc-stats.
#include "transport_pads.h"

#include "property_specs.h"
#include "transport_element.h"
#include "worker_stats.h"

using sfu::gst::CapsRef;
using sfu::gst::PortOf;
using sfu::gst::ReceiverPadState;
using sfu::gst::SenderPadState;

enum { kPropCaps = 1, kPropScore, kPropRepairShare, kPropTraceTypes };

G_DEFINE_TYPE(GstSfuReceiverPad, gst_sfu_receiver_pad, GST_TYPE_SFU_SRC_PAD)
G_DEFINE_TYPE(GstSfuSenderPad, gst_sfu_sender_pad, GST_TYPE_SFU_SINK_PAD)

namespace {

// Asks the Worker for the score of a pad's stream; 0 while there is no stream.
template <typename Score>
guint ScoreOf(const sfu::gst::SharedWorkerRef& worker, Score score) {
  guint value = 0;
  if (worker != nullptr) worker->worker->PostAndWait([&] { value = score(); });
  return value;
}

void InstallScore(GObjectClass* klass, const char* blurb) {
  g_object_class_install_property(
      klass, kPropScore, g_param_spec_uint("score", "Score", blurb, 0, 10, 0, sfu::gst::kReadable));
}

template <typename State>
void SetTraceTypes(State* state, GstPad* pad, const GValue* value) {
  {
    const std::lock_guard lock(state->mutex);
    state->trace_types = g_value_get_flags(value);
  }
  state->owner->ApplyTrace(pad);
}

template <typename State>
void GetTraceTypes(State* state, GValue* value) {
  const std::lock_guard lock(state->mutex);
  g_value_set_flags(value, state->trace_types);
}

void SetReceiverProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  GstSfuReceiverPad* pad = GST_SFU_RECEIVER_PAD(object);
  if (id == kPropTraceTypes) {
    SetTraceTypes(pad->state, GST_PAD_CAST(pad), value);
    return;
  }
  if (id != kPropCaps) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  const auto* caps = static_cast<const GstCaps*>(g_value_get_boxed(value));
  if (caps == nullptr) return;
  const sfu::Status status = sfu::gst::SetReceiverCaps(pad, caps);
  if (status) return;
  const sfu::Error& wrong = status.error();
  pad->state->owner->Warn(sfu::Error{
      std::string(GST_PAD_NAME(pad)) + ": caps" + (wrong.field == "caps" ? "" : ": " + wrong.field),
      wrong.reason});
}

void GetReceiverProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  GstSfuReceiverPad* pad = GST_SFU_RECEIVER_PAD(object);
  ReceiverPadState* state = pad->state;
  if (id == kPropTraceTypes) {
    GetTraceTypes(state, value);
    return;
  }
  if (id == kPropScore) {
    g_value_set_uint(value, ScoreOf(PortOf(&pad->parent).worker(), [state] {
                       return guint{sfu::gst::ReceivedScore(*state, sfu::Worker::Now())};
                     }));
    return;
  }
  if (id != kPropCaps) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  const std::lock_guard lock(state->mutex);
  g_value_set_boxed(value, state->caps.get());
}

void GetSenderProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  GstSfuSenderPad* pad = GST_SFU_SENDER_PAD(object);
  SenderPadState* state = pad->state;
  if (id == kPropTraceTypes) {
    GetTraceTypes(state, value);
    return;
  }
  if (id == kPropRepairShare) {
    const std::lock_guard lock(state->mutex);
    g_value_set_double(value, state->repair_share);
    return;
  }
  if (id != kPropScore) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  g_value_set_uint(value, ScoreOf(PortOf(&pad->parent).worker(), [state] {
                     return state->sender == nullptr
                                ? 0u
                                : guint{state->sender->Stats(sfu::Worker::Now()).stream.score};
                   }));
}

void AddReceiverStats(GstSfuSrcPad* pad, GstStructure* stats) {
  ReceiverPadState* state = GST_SFU_RECEIVER_PAD(pad)->state;
  const sfu::gst::SharedWorkerRef worker = PortOf(pad).worker();
  if (worker == nullptr) return;
  worker->worker->PostAndWait(
      [stats, state] { sfu::gst::AddInboundStats(stats, state->receivers, sfu::Worker::Now()); });
}

void AddSenderStats(GstSfuSinkPad* pad, GstStructure* stats) {
  SenderPadState* state = GST_SFU_SENDER_PAD(pad)->state;
  const sfu::gst::SharedWorkerRef worker = PortOf(pad).worker();
  if (worker == nullptr) return;
  worker->worker->PostAndWait([stats, state] {
    if (state->sender != nullptr) {
      sfu::gst::AddOutboundStats(stats, *state->sender, sfu::Worker::Now());
    }
  });
}

void FinalizeReceiver(GObject* object) {
  delete GST_SFU_RECEIVER_PAD(object)->state;
  G_OBJECT_CLASS(gst_sfu_receiver_pad_parent_class)->finalize(object);
}

void FinalizeSender(GObject* object) {
  delete GST_SFU_SENDER_PAD(object)->state;
  G_OBJECT_CLASS(gst_sfu_sender_pad_parent_class)->finalize(object);
}

void SetSenderProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id == kPropTraceTypes) {
    SetTraceTypes(GST_SFU_SENDER_PAD(object)->state, GST_PAD_CAST(object), value);
    return;
  }
  if (id != kPropRepairShare) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  SenderPadState& state = *GST_SFU_SENDER_PAD(object)->state;
  const std::lock_guard lock(state.mutex);
  state.repair_share = g_value_get_double(value);
}

// The two directions of a transport have nothing to do with each other.
GstIterator* NoInternalLinks(GstPad*, GstObject*) { return nullptr; }

}  // namespace

static void gst_sfu_receiver_pad_class_init(GstSfuReceiverPadClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetReceiverProperty;
  object_class->get_property = GetReceiverProperty;
  object_class->finalize = FinalizeReceiver;
  klass->parent_class.add_stats = AddReceiverStats;
  // GstPad has a read-only property of this name; ours takes its place.
  g_object_class_install_property(
      object_class, kPropCaps,
      g_param_spec_boxed("caps", "Caps",
                         "The stream that the peer sends: application/x-rtp with media, "
                         "encoding-name, payload, clock-rate; optionally ssrc, encoding-params, "
                         "rtcp-fb-nack, rtcp-fb-nack-pli, rtcp-fb-ccm-fir",
                         GST_TYPE_CAPS, sfu::gst::kSettable));
  InstallScore(object_class,
               "How well the stream arrives here, after repair: 10 is perfect, 0 is not at all");
  sfu::gst::InstallTraceTypes(object_class, kPropTraceTypes);
}

static void gst_sfu_receiver_pad_init(GstSfuReceiverPad* self) {
  self->state = new ReceiverPadState();
  gst_pad_set_iterate_internal_links_function(GST_PAD_CAST(self), NoInternalLinks);
}

static void gst_sfu_sender_pad_class_init(GstSfuSenderPadClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetSenderProperty;
  object_class->get_property = GetSenderProperty;
  object_class->finalize = FinalizeSender;
  InstallScore(object_class,
               "How well the stream arrives at the peer, by its reports: 10 is perfect");
  sfu::gst::InstallTraceTypes(object_class, kPropTraceTypes);
  klass->parent_class.add_stats = AddSenderStats;
  g_object_class_install_property(
      object_class, kPropRepairShare,
      g_param_spec_double("repair-share", "Repair share",
                          "How much of what the stream sends in a second may be sent again in that "
                          "second. Looked at when the stream gets its caps",
                          0.0, 10.0, sfu::RtpSenderOptions().repair_share, sfu::gst::kSettable));
}

static void gst_sfu_sender_pad_init(GstSfuSenderPad* self) {
  self->state = new SenderPadState();
  gst_pad_set_iterate_internal_links_function(GST_PAD_CAST(self), NoInternalLinks);
}

namespace sfu::gst {

uint8_t ReceivedScore(const ReceiverPadState& state, Timestamp now) {
  for (size_t i = state.receivers.size(); i-- > 0;) {
    const uint8_t score = state.receivers[i]->Stats(now).stream.score;
    if (score > 0) return score;
  }
  return 0;
}

Status SetReceiverCaps(GstSfuReceiverPad* pad, const GstCaps* caps) {
  const auto info = ReadCaps(caps);
  if (!info) return info.error();
  if (pad->state->produced != nullptr) return Error{"caps", "were negotiated by produce()"};
  {
    const std::lock_guard lock(pad->state->mutex);
    pad->state->caps = CapsRef::Adopt(gst_caps_copy(caps));
  }
  PortOf(&pad->parent)
      .SetCaps(OutputCaps(caps, info.value().codec, info.value().ssrc), info.value().codec.kind);
  pad->state->owner->ApplyReceiverCaps(pad);
  return OkStatus();
}

}  // namespace sfu::gst
