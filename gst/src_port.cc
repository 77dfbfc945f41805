// Which way a batch goes is decided anew for every batch, from the Worker's own view of the peer.
#include "src_port.h"

#include <utility>

#include "base/prefetch.h"
#include "rtp_caps.h"
#include "sink_pad.h"

namespace sfu::gst {

SrcPort::~SrcPort() = default;

// The task keeps the pad, which keeps the port.
bool SrcPort::Post(std::function<void(SrcPort&)> task) {
  if (worker_ == nullptr) return false;
  return worker_->worker->Post([pad = PadRef(pad_), this, task = std::move(task)] { task(*this); });
}

void SrcPort::RunOrPost(std::function<void(SrcPort&)> task) {
  if (worker_ != nullptr && worker_->worker->IsWorkerThread()) {
    task(*this);
  } else {
    Post(std::move(task));
  }
}

void SrcPort::SetCaps(CapsRef caps, MediaKind kind) {
  {
    const std::lock_guard lock(mutex_);
    caps_ = std::move(caps);
  }
  RunOrPost([kind](SrcPort& port) { port.ApplyCaps(kind); });
}

CapsRef SrcPort::caps() const {
  const std::lock_guard lock(mutex_);
  return caps_;
}

void SrcPort::ApplyCaps(MediaKind kind) {
  kind_ = kind;
  // Behind an end there are no caps; BeginAnew() looks for them.
  if (eos_sent_) return;
  SendCaps();
  UpdateMode();
}

void SrcPort::SendCaps() {
  const CapsRef stream = caps();
  if (!stream) return;
  if (feed_ == nullptr) {
    announcer_.SetCaps(stream);
    return;
  }
  feed_->SetFiller(nullptr, Worker::Now());
  feed_->BeginStream(EventRef::Adopt(gst_event_new_caps(stream.get())));
}

void SrcPort::SetLatency(int64_t nanos) {
  latency_ = nanos;
  Post([](SrcPort& port) { port.ApplyLatency(); });
}

void SrcPort::SetFillSilence(bool fill) {
  fill_silence_ = fill;
  Post([](SrcPort& port) { port.ApplyFill(); });
}

void SrcPort::ApplyFill() {
  if (feed_ == nullptr || feed_->has_filler() == fill_silence_) return;
  const CapsRef stream = caps();
  if (!stream) return;
  const auto info = ReadCaps(stream.get());
  const bool opus = info.ok() && info.value().codec.id == CodecId::kOpus;
  feed_->SetFiller(fill_silence_ && opus ? std::make_unique<SilenceFiller>(
                                               &worker_->pool, info.value().codec.payload_type)
                                         : nullptr,
                   Worker::Now());
}

TimeDelta SrcPort::latency() const {
  const int64_t set = latency_;
  if (set >= 0) return TimeDelta::Nanos(set);
  switch (announcer_.carriage()) {
    case Announcer::Carriage::kPlain:
      return kForeignLatency;
    case Announcer::Carriage::kBatch:
      return TimeDelta::Zero();
    case Announcer::Carriage::kUnknown:
      break;
  }
  // A pipeline asks before there are caps: a peer that is not ours will most likely take plain
  // packets.
  const PadRef peer = PadRef::Adopt(gst_pad_get_peer(pad_));
  return peer && !IsSinkPad(peer.get()) ? kForeignLatency : TimeDelta::Zero();
}

void SrcPort::SetLimits(const BranchLimits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
  if (branch_ != nullptr) branch_->queue().SetLimits(limits);
}

BranchLimits SrcPort::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

void SrcPort::RequestKeyFrame(Timestamp at) {
  Post([at](SrcPort& port) {
    const Timestamp now = Worker::Now();
    if (at <= now || port.feed_ == nullptr) {
      port.FeedWantsKeyFrame(now);
    } else {
      port.feed_->WantKeyFrameAt(at);
    }
  });
}

void SrcPort::RequestKeyFrameOf(uint8_t encoding) {
  Post([encoding](SrcPort& port) {
    if (port.source_ != nullptr) port.source_->RequestKeyFrameOf(encoding, Worker::Now());
  });
}

void SrcPort::RequestPatience(TimeDelta patience) {
  Post([patience](SrcPort& port) {
    port.asked_patience_ = patience;
    port.ApplyLatency();
  });
}

void SrcPort::Resend(uint16_t sequence_number) {
  Post([sequence_number](SrcPort& port) {
    if (port.feed_ != nullptr) port.feed_->Resend(sequence_number);
  });
}

void SrcPort::Activate(guint group_id) {
  {
    const std::lock_guard lock(mutex_);
    if (retired_) return;
    may_branch_ = true;
  }
  Post([group_id](SrcPort& port) {
    port.announcer_.SetCaps(port.caps());
    port.announcer_.Restart(group_id);
    port.active_ = true;
    port.eos_sent_ = false;
    port.UpdateMode();
  });
}

void SrcPort::AnnounceCaps() {
  worker_->worker->PostAndWait([this] { announcer_.Announce(pad_, false); });
}

void SrcPort::Deactivate() {
  std::shared_ptr<ForeignBranch> branch;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(may_branch_, false)) return;
    branch = std::move(branch_);
  }
  if (branch != nullptr) branch->Stop();
  // The feed looks into the branch's queue: both go together, on the Worker.
  Post([branch](SrcPort& port) {
    port.feed_.reset();
    port.active_ = false;
    port.peer_ = PadRef();
    port.next_ = nullptr;
    port.mode_ = Mode::kUnlinked;
  });
}

void SrcPort::Retire() {
  {
    const std::lock_guard lock(mutex_);
    retired_ = true;
  }
  Deactivate();
}

void SrcPort::PeerChanged() {
  Post([](SrcPort& port) { port.UpdateMode(); });
}

void SrcPort::EndOfStream() {
  RunOrPost([](SrcPort& port) { port.SendEos(); });
}

SrcPortStats SrcPort::stats() const {
  SrcPortStats stats;
  stats.packets = direct_packets_;
  stats.unlinked = unlinked_packets_;
  const std::lock_guard lock(mutex_);
  if (branch_ == nullptr) return stats;
  const BranchStats branch = branch_->queue().stats();
  stats.packets += branch.packets;
  stats.bytes = branch.bytes;
  stats.dropped = branch.dropped;
  stats.overflows = branch.overflows;
  stats.queued_packets = branch.queued_packets;
  return stats;
}

void SrcPort::SetSource(RtpSource* source) {
  choice_.reset();
  several_.reset();
  source_ = source;
  ApplyLatency();
  if (source_ != nullptr && feed_ != nullptr) feed_->ExpectSilence(Worker::Now());
}

void SrcPort::SetSimulcastSource(RtpSource* source, const RtpCodec& codec, Ssrc ssrc) {
  SetSource(source);
  several_ = Several{codec, ssrc};
}

bool SrcPort::Chooses() const {
  return several_ && feed_ != nullptr && announcer_.carriage() != Announcer::Carriage::kBatch;
}

RtpSource* SrcPort::Asked() const {
  return Chooses() && choice_ != nullptr ? &choice_->source() : source_;
}

void SrcPort::UpdateMode() {
  if (!active_) return;
  peer_ = PadRef::Adopt(gst_pad_get_peer(pad_));
  const bool own = peer_ && IsSinkPad(peer_.get());
  mode_ = !peer_ ? Mode::kUnlinked : own ? Mode::kDirect : Mode::kForeign;
  next_ = own ? &PortOf(GST_SFU_SINK_PAD(peer_.get())) : nullptr;
  if (next_ != nullptr && next_->worker() != worker_) next_ = nullptr;
  if (mode_ == Mode::kForeign) EnsureBranch();
  if (feed_ != nullptr) {
    const std::lock_guard lock(mutex_);
    if (branch_ != nullptr) {
      branch_->SetOwnPeer(own);
      branch_->Wake();
    }
  }
  if (feed_ == nullptr && mode_ == Mode::kDirect && !Blocked()) {
    announcer_.Renegotiate();
    announcer_.Announce(pad_, true);
  }
  ApplyLatency();
  ApplyFill();
}

void SrcPort::EnsureBranch() {
  if (feed_ != nullptr || !active_) return;
  const std::lock_guard lock(mutex_);
  if (!may_branch_) return;
  branch_ = std::make_shared<ForeignBranch>(pad_, &announcer_, worker_->worker.get());
  branch_->queue().SetLimits(limits_);
  branch_->SetOwnPeer(mode_ == Mode::kDirect);
  BranchFeed::Owner* owner = this;
  feed_ = std::make_unique<BranchFeed>(worker_->worker->timers(), &branch_->queue(), owner);
  branch_->Start();
  if (source_ != nullptr) feed_->ExpectSilence(Worker::Now());
}

// One case is left: a blocking probe that another thread adds between this check and the lock that
// gst_pad_push() takes is met by the push, which then waits on the Worker until the probe is
// removed. GStreamer has no push that would rather fail, and calling the peer's chain function
// past the pad would also pass by every other probe. The window is some 100 ns per batch; whoever
// blocks pads of a busy room often puts a queue behind them, or uses an IDLE probe.
bool SrcPort::Blocked() const {
  return GST_OBJECT_FLAG_IS_SET(pad_, GST_PAD_FLAG_BLOCKED) ||
         GST_OBJECT_FLAG_IS_SET(peer_.get(), GST_PAD_FLAG_BLOCKED);
}

void SrcPort::OnRtpBatch(const RtpBatch& batch, Timestamp now) {
  if (mode_ == Mode::kUnlinked || !flowing_ || eos_sent_) {
    unlinked_packets_.fetch_add(batch.entries.size(), std::memory_order_relaxed);
    return;
  }
  if (mode_ == Mode::kDirect) {
    const bool blocked = Blocked();
    if (blocked) EnsureBranch();
    if (feed_ == nullptr || (!blocked && branch_->idle())) {
      PushDirect(batch);
      return;
    }
  }
  PushToBranch(batch, now);
}

void SrcPort::Prefetch() const {
  PrefetchBytes(this, sizeof(*this));
  PrefetchBytes(pad_, sizeof(*pad_));
  if (next_ == nullptr) return;
  PrefetchBytes(peer_.get(), sizeof(GstSfuSinkPad));
  PrefetchBytes(next_, sizeof(*next_));
}

void SrcPort::PushDirect(const RtpBatch& batch) {
  if (next_ != nullptr && next_->core_sink() != nullptr) next_->core_sink()->Prefetch();
  announcer_.Announce(pad_, true);
  direct_packets_.fetch_add(batch.entries.size(), std::memory_order_relaxed);
  worker_->lent.Push(pad_, batch, worker_->worker.get());
}

void SrcPort::PushToBranch(const RtpBatch& batch, Timestamp now) {
  if (feed_ == nullptr) return;
  if (!Chooses()) {
    Feed(batch, now);
    return;
  }
  if (choice_ == nullptr) {
    choice_ = std::make_unique<EncodingChoice>(worker_->worker->timers(), several_->codec,
                                               several_->ssrc, source_, &chosen_);
    ApplyLatency();
  }
  choice_->OnRtpBatch(batch, now);
}

void SrcPort::Feed(const RtpBatch& batch, Timestamp now) {
  const bool batches = announcer_.carriage() == Announcer::Carriage::kBatch;
  feed_->SetBatches(batches);
  feed_->SetVideo(kind_ == MediaKind::kVideo);
  feed_->SetLatency(latency());
  feed_->OnRtpBatch(batch, now);
}

void SrcPort::ApplyLatency() {
  const TimeDelta own = mode_ == Mode::kForeign ? latency() : TimeDelta::Zero();
  if (feed_ != nullptr) feed_->SetLatency(latency());
  if (RtpSource* asked = Asked()) asked->SetPatience(std::max(own, asked_patience_));
}

void SrcPort::SendEos() {
  if (!active_ || std::exchange(eos_sent_, true)) return;
  GstEvent* eos = gst_event_new_eos();
  if (feed_ != nullptr) {
    feed_->EndOfStream(EventRef::Adopt(eos));
    return;
  }
  announcer_.Announce(pad_, mode_ == Mode::kDirect);
  gst_pad_push_event(pad_, eos);
}

void SrcPort::BeginAnew() {
  if (!active_ || !std::exchange(eos_sent_, false)) return;
  SendCaps();
  const guint group_id = gst_util_group_id_next();
  if (feed_ == nullptr) {
    announcer_.Restart(group_id);
  } else {
    GstEvent* start = gst_event_new_stream_start("");
    gst_event_set_group_id(start, group_id);
    feed_->BeginStream(EventRef::Adopt(start));
  }
  UpdateMode();
}

bool SrcPort::TellDownstream(GstStructure* what) {
  auto event = EventRef::Adopt(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, what));
  if (!active_ || eos_sent_ || mode_ == Mode::kUnlinked) return false;
  if (announcer_.carriage() == Announcer::Carriage::kUnknown) return false;
  if (feed_ == nullptr) {
    if (Blocked()) return false;
    gst_pad_push_event(pad_, event.release());
    return true;
  }
  const std::lock_guard lock(mutex_);
  // What waits must not pile up behind a peer that blocks.
  if (branch_ == nullptr || !branch_->idle()) return false;
  branch_->queue().PushEvent(std::move(event));
  return true;
}

void SrcPort::FeedWantsKeyFrame(Timestamp now) {
  if (RtpSource* asked = Asked()) asked->RequestKeyFrame(now);
}

void SrcPort::FeedIsSilent(Timestamp start, TimeDelta duration) {
  const std::lock_guard lock(mutex_);
  if (branch_ == nullptr) return;
  branch_->queue().PushEvent(EventRef::Adopt(gst_event_new_gap(
      static_cast<GstClockTime>(start.ns()), static_cast<GstClockTime>(duration.ns()))));
}

}  // namespace sfu::gst
