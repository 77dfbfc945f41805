// The inbox is emptied by one task at a time, however many buffers come meanwhile: that makes the
// batches of a foreign stream.
#include "sink_port.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "rtp_batch_memory.h"
#include "src_pad.h"

namespace sfu::gst {
namespace {

GstEvent* NewForceKeyUnit() {
  return gst_event_new_custom(
      GST_EVENT_CUSTOM_UPSTREAM,
      gst_structure_new("GstForceKeyUnit", "running-time", G_TYPE_UINT64, GST_CLOCK_TIME_NONE,
                        "all-headers", G_TYPE_BOOLEAN, TRUE, "count", G_TYPE_UINT, 0, nullptr));
}

}  // namespace

SinkPort::SinkPort(GstPad* pad) : pad_(pad) { gst_segment_init(&segment_, GST_FORMAT_TIME); }

SinkPort::~SinkPort() = default;

void SinkPort::Attach(SharedWorkerRef worker, Owner* owner) {
  worker_ = std::move(worker);
  owner_ = owner;
}

bool SinkPort::Post(std::function<void(SinkPort&)> task) {
  if (worker_ == nullptr) return false;
  return worker_->worker->Post([pad = PadRef(pad_), this, task = std::move(task)] { task(*this); });
}

void SinkPort::SetActive(bool active) {
  pace_.SetFlushing(!active);
  if (active) {
    gst_segment_init(&segment_, GST_FORMAT_TIME);
    // A stream that ended in the last run is not at its end in this one. The owner hears of it
    // before its pads are bound.
    if (std::exchange(phase_, Phase::kFlowing) != Phase::kFlowing) {
      Post([](SinkPort& port) {
        if (port.owner_ != nullptr) port.owner_->OnStreamStart(port);
      });
    }
  }
  const std::lock_guard lock(mutex_);
  flushing_ = !active;
  inbox_.clear();
  drained_.notify_all();
}

void SinkPort::PeerChanged() {
  Post([](SinkPort& port) { port.SetPatience(port.patience_); });
}

GstFlowReturn SinkPort::Chain(GstBuffer* buffer) {
  const RtpBatch* batch = BatchOfBuffer(buffer);
  if (batch == nullptr) return TakePlain(buffer);
  // A lent batch comes on a Worker. It is ours if that is our Worker.
  if (!worker_->worker->IsWorkerThread()) return TakeBatch(buffer, *batch);
  if (scheduled_) {
    // Something that came before it is still in the inbox, or the owner has yet to make the stream
    // that it belongs to.
    Item item;
    item.buffer = BufferRef::Adopt(NewOwnedBatchBuffer(OwnedBatch(*batch), worker_->worker.get()));
    gst_buffer_unref(buffer);
    return Enqueue(std::move(item), false);
  }
  if (core_sink_ != nullptr) core_sink_->OnRtpBatch(*batch, worker_->worker->batch_time());
  gst_buffer_unref(buffer);
  return GST_FLOW_OK;
}

// From a queue, or from another Worker. The ring there is not to be looked into.
GstFlowReturn SinkPort::TakeBatch(GstBuffer* buffer, const RtpBatch& batch) {
  const void* origin = WorkerOfBuffer(buffer);
  Item item;
  if (origin == worker_->worker.get()) {
    item.buffer = BufferRef::Adopt(buffer);
    return Enqueue(std::move(item), true);
  }
  item.kind = Item::Kind::kFar;
  item.far.emplace(batch);
  gst_buffer_unref(buffer);
  return Enqueue(std::move(item), origin != nullptr);
}

GstFlowReturn SinkPort::TakePlain(GstBuffer* buffer) {
  Item item;
  item.buffer = BufferRef::Adopt(buffer);
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad_));
  if (!element) return GST_FLOW_FLUSHING;
  GstClockTime running = GST_CLOCK_TIME_NONE;
  if (GST_BUFFER_PTS_IS_VALID(buffer) && segment_.format == GST_FORMAT_TIME) {
    running = gst_segment_to_running_time(&segment_, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    // Outside the segment.
    if (!GST_CLOCK_TIME_IS_VALID(running)) return GST_FLOW_OK;
  }
  if (!GST_CLOCK_TIME_IS_VALID(running)) {
    item.capture = Worker::Now();
    return Enqueue(std::move(item), true);
  }
  if (sync_ && !pace_.WaitFor(element.get(), running)) return GST_FLOW_FLUSHING;
  item.capture = clock_.ToSfuTime(element.get(), running);
  return Enqueue(std::move(item), true);
}

GstFlowReturn SinkPort::ChainList(GstBufferList* list) {
  GstFlowReturn flow = GST_FLOW_OK;
  const guint length = gst_buffer_list_length(list);
  for (guint i = 0; i < length && flow == GST_FLOW_OK; ++i) {
    flow = Chain(gst_buffer_ref(gst_buffer_list_get(list, i)));
  }
  gst_buffer_list_unref(list);
  return flow;
}

GstFlowReturn SinkPort::Enqueue(Item item, bool may_wait) {
  bool schedule = false;
  {
    std::unique_lock lock(mutex_);
    if (may_wait) {
      drained_.wait(lock, [this] { return flushing_ || inbox_.size() < kMaxInbox; });
    }
    if (flushing_) return GST_FLOW_FLUSHING;
    if (inbox_.size() >= kMaxInbox && item.HoldsMedia()) {
      ++dropped_;
      return GST_FLOW_OK;
    }
    inbox_.push_back(std::move(item));
    schedule = !scheduled_.exchange(true);
  }
  if (schedule) Post([](SinkPort& port) { port.Drain(); });
  return GST_FLOW_OK;
}

void SinkPort::Drain() {
  std::vector<Item> items;
  {
    const std::lock_guard lock(mutex_);
    const auto change = std::find_if(inbox_.begin(), inbox_.end(), [](const Item& item) {
      return item.kind == Item::Kind::kChange;
    });
    if (change == inbox_.end()) {
      items.swap(inbox_);
      scheduled_ = false;
    } else {
      // HandleCaps() has posted who drains what is behind it.
      items.assign(std::make_move_iterator(inbox_.begin()), std::make_move_iterator(change));
      inbox_.erase(inbox_.begin(), change + 1);
    }
    drained_.notify_all();
  }
  const Timestamp now = worker_->worker->batch_time();
  for (Item& item : items) Deliver(item, now);
  if (ingress_ != nullptr) ingress_->Flush(now);
}

void SinkPort::Deliver(Item& item, Timestamp now) {
  if (item.kind == Item::Kind::kFar) {
    DeliverFar(&item.far->batch, now);
    return;
  }
  const bool is_buffer = item.kind == Item::Kind::kBuffer;
  const RtpBatch* batch = is_buffer ? BatchOfBuffer(item.buffer.get()) : nullptr;
  if (is_buffer && batch == nullptr) {
    DeliverPlain(item.buffer.get(), item.capture, now);
    return;
  }
  // The plain packets before it come first.
  if (ingress_ != nullptr) ingress_->Flush(now);
  if (item.kind == Item::Kind::kEnd) {
    owner_->OnEos(*this);
  } else if (item.kind == Item::Kind::kBegin) {
    // Its numbers may begin anywhere, also below the last ones.
    if (ingress_ != nullptr) ingress_->BeginAnew(now);
    owner_->OnStreamStart(*this);
  } else if (batch != nullptr && core_sink_ != nullptr) {
    core_sink_->OnRtpBatch(*batch, now);
  }
}

void SinkPort::DeliverFar(RtpBatch* batch, Timestamp now) {
  if (core_sink_ == nullptr) return;
  if (far_history_ == nullptr) far_history_ = std::make_unique<FarHistory>(&worker_->far_rings);
  const bool video = codec_.kind == MediaKind::kVideo;
  far_history_->Adopt(batch, video ? PacketRing::kVideoRetention : PacketRing::kAudioRetention);
  core_sink_->OnRtpBatch(*batch, now);
}

void SinkPort::DeliverPlain(GstBuffer* buffer, Timestamp capture, Timestamp now) {
  if (core_sink_ == nullptr) return;
  // A private ring is made only where foreign packets come.
  if (ingress_ == nullptr) {
    ingress_ = std::make_unique<LocalIngress>(&worker_->pool, codec_);
    ingress_->SetSink(core_sink_);
  }
  // One byte more than fits, so that what is too big is seen to be.
  std::array<uint8_t, kMaxDatagramSize + 1> bytes;
  const gsize size = gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  if (!ingress_->Push(ByteView(bytes.data(), size), capture, now)) ++dropped_;
}

void SinkPort::SetCoreSink(RtpBatchSink* sink) {
  core_sink_ = sink;
  if (sink == nullptr) far_history_.reset();
  if (ingress_ != nullptr) ingress_->SetSink(sink);
}

void SinkPort::SetCodec(const RtpCodec& codec) {
  codec_ = codec;
  if (ingress_ != nullptr) ingress_->SetCodec(codec);
}

bool SinkPort::HandleCaps(const GstCaps* caps) {
  auto info = ReadCaps(caps);
  if (!info) {
    const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad_));
    const std::string text = info.error().ToString();
    if (element) {
      GST_ELEMENT_WARNING(element.get(), CORE, NEGOTIATION,
                          ("%s: %s", GST_PAD_NAME(pad_), text.c_str()), (nullptr));
    }
    return false;
  }
  if (owner_ == nullptr) return true;
  // The owner posts what it does to the Worker. What came before the caps is to be handed on
  // before that, and what comes after them after it.
  Put(Item::Kind::kChange);
  owner_->OnCaps(*this, info.value(), caps);
  Post([](SinkPort& port) { port.Drain(); });
  Begin();
  return true;
}

void SinkPort::Put(Item::Kind kind) {
  Item item;
  item.kind = kind;
  Enqueue(std::move(item), false);
}

void SinkPort::HandleEnd() {
  Begin();
  phase_ = Phase::kEnded;
  Put(Item::Kind::kEnd);
}

void SinkPort::PrepareBegin() {
  if (phase_ == Phase::kEnded) phase_ = Phase::kBeginning;
}

void SinkPort::Begin() {
  if (phase_ != Phase::kBeginning) return;
  phase_ = Phase::kFlowing;
  Put(Item::Kind::kBegin);
}

bool SinkPort::HandleFlush(bool start) {
  pace_.SetFlushing(start);
  {
    const std::lock_guard lock(mutex_);
    flushing_ = start;
    // What is to be done to the stream is done all the same.
    std::erase_if(inbox_, [](const Item& item) {
      return item.HoldsMedia() || item.kind == Item::Kind::kEnd;
    });
    drained_.notify_all();
  }
  if (start) return true;
  gst_segment_init(&segment_, GST_FORMAT_TIME);
  PrepareBegin();
  return true;
}

bool SinkPort::Event(GstEvent* event) {
  const auto owned = EventRef::Adopt(event);
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event, &caps);
      return HandleCaps(caps);
    }
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment(event, &segment_);
      Begin();
      return true;
    case GST_EVENT_FLUSH_START:
      return HandleFlush(true);
    case GST_EVENT_FLUSH_STOP:
      return HandleFlush(false);
    case GST_EVENT_STREAM_START:
      PrepareBegin();
      return true;
    case GST_EVENT_EOS:
      HandleEnd();
      return true;
    case GST_EVENT_CUSTOM_DOWNSTREAM_STICKY:
      if (owner_ != nullptr) owner_->OnTold(*this, *gst_event_get_structure(event));
      return true;
    default:
      // What else the sender says about its stream (tags, gaps) is not for the receivers of
      // packets.
      return true;
  }
}

void SinkPort::RequestKeyFrame(Timestamp) { SendUpstream(NewForceKeyUnit()); }

void SinkPort::RequestKeyFrameOf(uint8_t encoding, Timestamp) {
  GstEvent* event = NewForceKeyUnit();
  gst_structure_set(gst_event_writable_structure(event), kEncodingField, G_TYPE_UINT,
                    guint{encoding}, nullptr);
  SendUpstream(event);
}

void SinkPort::SetPatience(TimeDelta patience) {
  patience_ = patience;
  if (patience == TimeDelta::Zero()) return;
  SendUpstream(gst_event_new_custom(
      GST_EVENT_CUSTOM_UPSTREAM, gst_structure_new(kPatienceEvent, "latency", G_TYPE_UINT64,
                                                   static_cast<guint64>(patience.ns()), nullptr)));
}

void SinkPort::TellUpstream(GstStructure* what) {
  SendUpstream(gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, what));
}

// Our own pads only post; a foreign element may take its time, on a thread that is not the
// Worker's.
void SinkPort::SendUpstream(GstEvent* event) {
  const auto peer = PadRef::Adopt(gst_pad_get_peer(pad_));
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad_));
  if (!peer || !element) {
    gst_event_unref(event);
    return;
  }
  if (IsSrcPad(peer.get())) {
    gst_pad_send_event(peer.get(), event);
    return;
  }
  struct Call {
    PadRef pad;
    EventRef event;
  };
  gst_element_call_async(
      element.get(),
      [](GstElement*, gpointer data) {
        auto* call = static_cast<Call*>(data);
        gst_pad_push_event(call->pad.get(), call->event.release());
      },
      new Call{PadRef(pad_), EventRef::Adopt(event)},
      [](gpointer data) { delete static_cast<Call*>(data); });
}

}  // namespace sfu::gst
