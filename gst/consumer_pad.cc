// src_%u of sfurouter.
#include <algorithm>
#include <utility>

#include "element_pads.h"
#include "property_specs.h"
#include "router_element.h"
#include "rtp_caps.h"

using sfu::gst::CapsRef;
using sfu::gst::ConsumerPadState;
using sfu::gst::ConsumerSlotRef;
using sfu::gst::PadRef;
using sfu::gst::ProducerSlotRef;
using sfu::gst::RouterHubRef;

enum { kPropProducer = 1, kPropPaused, kPropPriority, kPropType, kPropRtpParameters, kPropScore };

G_DEFINE_TYPE(GstSfuConsumerPad, gst_sfu_consumer_pad, GST_TYPE_SFU_SRC_PAD)

namespace {

// Queries go from a consumer to its producer's peer, which may be a consumer again. A graph that
// feeds a Producer with itself has no end; this many hops no graph of sense has.
constexpr int kMaxQueryHops = 16;

class QueryHop {
 public:
  QueryHop() { ++Depth(); }
  ~QueryHop() { --Depth(); }
  QueryHop(const QueryHop&) = delete;
  QueryHop& operator=(const QueryHop&) = delete;
  bool too_deep() const { return Depth() > kMaxQueryHops; }

 private:
  static int& Depth() {
    thread_local int depth = 0;
    return depth;
  }
};

// The producer pad that this one is bound to, kept alive.
PadRef BoundPad(ConsumerPadState& state) {
  RouterHubRef hub;
  ProducerSlotRef bound;
  {
    const std::lock_guard lock(state.mutex);
    hub = state.hub;
    bound = state.bound;
  }
  if (bound == nullptr) return PadRef();
  for (auto& entry : hub->Producers(nullptr)) {
    if (entry.slot == bound) return std::move(entry.pad);
  }
  return PadRef();
}

gboolean QueryUpstreamLatency(GstSfuSrcPad* pad, GstQuery* query) {
  const QueryHop hop;
  if (hop.too_deep()) return FALSE;
  const PadRef producer = BoundPad(*GST_SFU_CONSUMER_PAD(pad)->state);
  // Whoever feeds the Producer cannot say, or is not there yet: the stream comes when it comes.
  if (!producer || !gst_pad_peer_query(producer.get(), query)) {
    gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  }
  return TRUE;
}

GstCaps* PossibleCaps(GstSfuSrcPad* pad) {
  const QueryHop hop;
  if (hop.too_deep()) return nullptr;
  const PadRef producer = BoundPad(*GST_SFU_CONSUMER_PAD(pad)->state);
  if (!producer) return nullptr;
  const auto caps = CapsRef::Adopt(gst_pad_peer_query_caps(producer.get(), nullptr));
  if (!caps || gst_caps_is_any(caps.get()) || gst_caps_is_empty(caps.get())) return nullptr;
  // Payload type and SSRC are not settled yet.
  GstCaps* open = sfu::gst::WithBatchFeature(caps.get(), false).release();
  open = gst_caps_make_writable(open);
  for (guint i = 0; i < gst_caps_get_size(open); ++i) {
    gst_structure_remove_fields(gst_caps_get_structure(open, i), "ssrc", "seqnum-offset",
                                "timestamp-offset", "payload", nullptr);
  }
  return open;
}

void SetPaused(ConsumerPadState& state, bool paused) {
  {
    const std::lock_guard lock(state.mutex);
    state.paused = paused;
  }
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  if (slot != nullptr) hub->SetConsumerPaused(slot, paused);
}

void SetPriority(ConsumerPadState& state, guint priority) {
  {
    const std::lock_guard lock(state.mutex);
    state.priority = priority;
  }
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  if (slot != nullptr) hub->SetConsumerPriority(slot, static_cast<uint8_t>(priority));
}

void SetProperty(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  ConsumerPadState& state = *GST_SFU_CONSUMER_PAD(object)->state;
  switch (id) {
    case kPropProducer: {
      const std::lock_guard lock(state.mutex);
      state.producer = sfu::gst::TextOf(value);
      return;
    }
    case kPropPaused:
      SetPaused(state, g_value_get_boolean(value) != FALSE);
      return;
    case kPropPriority:
      SetPriority(state, g_value_get_uint(value));
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

GstStructure* RtpParameters(GstSfuSrcPad* pad) {
  const CapsRef caps = sfu::gst::PortOf(pad).caps();
  if (!caps) return gst_structure_new_empty("application/x-rtp");
  return gst_structure_copy(gst_caps_get_structure(caps.get(), 0));
}

guint ProducerScore(ConsumerPadState& state) {
  const PadRef producer = BoundPad(state);
  if (!producer) return 0;
  sfu::gst::ProducerPadState& bound = *GST_SFU_PRODUCER_PAD(producer.get())->state;
  const std::lock_guard lock(bound.mutex);
  return bound.score;
}

// mediasoup's ConsumerScore.
GstStructure* ScoreStructure(ConsumerPadState& state) {
  const guint producer = ProducerScore(state);
  GValue scores = G_VALUE_INIT;
  GValue one = G_VALUE_INIT;
  g_value_init(&scores, GST_TYPE_ARRAY);
  g_value_init(&one, G_TYPE_UINT);
  g_value_set_uint(&one, producer);
  gst_value_array_append_and_take_value(&scores, &one);
  guint own = 0;
  {
    const std::lock_guard lock(state.mutex);
    own = state.score;
  }
  GstStructure* s = gst_structure_new("consumer-score", "score", G_TYPE_UINT, own, "producerScore",
                                      G_TYPE_UINT, producer, nullptr);
  gst_structure_take_value(s, "producerScores", &scores);
  return s;
}

void TakeBudget(ConsumerPadState& state, const GstStructure* budget) {
  guint64 bitrate = 0;
  guint64 epoch = 0;
  if (!gst_structure_get_uint64(budget, "bitrate", &bitrate) ||
      !gst_structure_get_uint64(budget, "epoch", &epoch)) {
    return;
  }
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  const auto bps = static_cast<int64_t>(std::min<guint64>(bitrate, G_MAXINT64));
  if (slot != nullptr) hub->AddBudget(slot, sfu::DataRate::BitsPerSecond(bps), epoch);
}

void Told(GstSfuSrcPad* pad, const GstStructure* what) {
  ConsumerPadState& state = *GST_SFU_CONSUMER_PAD(pad)->state;
  if (gst_structure_has_name(what, sfu::gst::kBudgetEvent)) {
    TakeBudget(state, what);
    return;
  }
  guint score = 0;
  if (!gst_structure_has_name(what, sfu::gst::kScoreEvent) ||
      !gst_structure_get_uint(what, "score", &score)) {
    return;
  }
  {
    const std::lock_guard lock(state.mutex);
    if (std::exchange(state.score, score) == score) return;
  }
  sfu::gst::NotifyLater(GST_PAD_CAST(pad), "score");
}

// With the state's mutex held.
std::string TypeOf(const ConsumerPadState& state) {
  return sfu::ortc::ProducerTypeName(state.bound == nullptr ? sfu::ortc::ProducerType::kSimple
                                                            : state.hub->TypeOf(*state.bound));
}

void GetProperty(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  ConsumerPadState& state = *GST_SFU_CONSUMER_PAD(object)->state;
  if (id == kPropScore) {
    g_value_take_boxed(value, ScoreStructure(state));
    return;
  }
  const std::lock_guard lock(state.mutex);
  switch (id) {
    case kPropProducer:
      g_value_set_string(
          value, (state.bound != nullptr ? state.hub->IdOf(*state.bound) : state.producer).c_str());
      return;
    case kPropPaused:
      g_value_set_boolean(value, state.paused);
      return;
    case kPropPriority:
      g_value_set_uint(value, state.priority);
      return;
    case kPropType:
      g_value_set_string(value, TypeOf(state).c_str());
      return;
    case kPropRtpParameters:
      g_value_take_boxed(value, RtpParameters(GST_SFU_SRC_PAD(object)));
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void AddStats(GstSfuSrcPad* pad, GstStructure* stats) {
  ConsumerPadState& state = *GST_SFU_CONSUMER_PAD(pad)->state;
  const auto [hub, slot] = sfu::gst::FindInHub(state);
  if (slot == nullptr) return;
  hub->worker()->worker->PostAndWait([stats, slot = slot] {
    gst_structure_set(stats, "type", G_TYPE_STRING, "consumer", nullptr);
    if (const auto budget = slot->budget.value()) {
      gst_structure_set(stats, "budget", G_TYPE_UINT64, static_cast<guint64>(budget->bps()),
                        nullptr);
    }
    if (slot->consumer == nullptr) return;
    const sfu::ConsumerStats& s = slot->consumer->stats();
    gst_structure_set(stats, "ssrc", G_TYPE_UINT, slot->consumer->ssrc(), "id", G_TYPE_STRING,
                      slot->consumer->id().c_str(), "producerId", G_TYPE_STRING,
                      slot->consumer->producer()->id().c_str(), "packetsForwarded", G_TYPE_UINT64,
                      static_cast<guint64>(s.packets_sent), "bytesSent", G_TYPE_UINT64,
                      static_cast<guint64>(s.bytes_sent), "keyFramesSent", G_TYPE_UINT64,
                      static_cast<guint64>(s.key_frames_sent), "pliCount", G_TYPE_UINT64,
                      static_cast<guint64>(s.key_frame_requests), nullptr);
  });
}

void Finalize(GObject* object) {
  delete GST_SFU_CONSUMER_PAD(object)->state;
  G_OBJECT_CLASS(gst_sfu_consumer_pad_parent_class)->finalize(object);
}

void InstallProperties(GObjectClass* klass) {
  sfu::gst::InstallText(
      klass, kPropProducer, "producer", "Producer",
      "What the pad gets: a sink pad of this router (sink_0), of another element of the same "
      "Router (back.sink_0), or a Producer id. Unset: the lowest-numbered one whose caps suit "
      "the peer and that no other pad linked to the same element has. Looked at when the pad "
      "is linked and the element goes to PAUSED",
      "");
  sfu::gst::InstallSwitch(klass, kPropPaused, "paused", "Paused",
                          "Give nothing. Goes on at a key frame", false,
                          sfu::gst::kSettableAtAnyTime);
  g_object_class_install_property(
      klass, kPropPriority,
      g_param_spec_uint(
          "priority", "Priority",
          "Share of the receiver's bandwidth, against its other Consumers. It is told to "
          "the receiver (sfu-layers); a simple Consumer has nothing to divide",
          1, 255, 1, sfu::gst::kSettableAtAnyTime));
  sfu::gst::InstallText(klass, kPropType, "type", "Type",
                        "The type of the Consumer: simple, or as its Producer simulcast or svc",
                        "simple", sfu::gst::kReadable);
  g_object_class_install_property(klass, kPropRtpParameters,
                                  g_param_spec_boxed("rtp-parameters", "RTP parameters",
                                                     "What the pad's caps say of the stream",
                                                     GST_TYPE_STRUCTURE, sfu::gst::kReadable));
  g_object_class_install_property(
      klass, kPropScore,
      g_param_spec_boxed("score", "Score",
                         "consumer-score with score (how well the stream arrives at the receiver, "
                         "0 to 10), producerScore and producerScores",
                         GST_TYPE_STRUCTURE, sfu::gst::kReadable));
}

void PeerChanged(GstSfuSrcPad* pad) {
  GstSfuConsumerPad* self = GST_SFU_CONSUMER_PAD(pad);
  if (self->state->owner != nullptr) self->state->owner->OnLinked(self);
}

GstIterator* InternalLinks(GstPad* pad, GstObject*) {
  PadRef bound = BoundPad(*GST_SFU_CONSUMER_PAD(pad)->state);
  if (!bound) return nullptr;
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_PAD);
  g_value_set_object(&value, bound.get());
  GstIterator* iterator = gst_iterator_new_single(GST_TYPE_PAD, &value);
  g_value_unset(&value);
  return iterator;
}

}  // namespace

static void gst_sfu_consumer_pad_class_init(GstSfuConsumerPadClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->set_property = SetProperty;
  object_class->get_property = GetProperty;
  object_class->finalize = Finalize;
  klass->parent_class.query_upstream_latency = QueryUpstreamLatency;
  klass->parent_class.possible_caps = PossibleCaps;
  klass->parent_class.add_stats = AddStats;
  klass->parent_class.peer_changed = PeerChanged;
  klass->parent_class.told = Told;
  InstallProperties(object_class);
}

static void gst_sfu_consumer_pad_init(GstSfuConsumerPad* self) {
  self->state = new ConsumerPadState();
  gst_pad_set_iterate_internal_links_function(GST_PAD_CAST(self), InternalLinks);
}
