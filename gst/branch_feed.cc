// Everything here runs on the Worker; the queue is the only thing shared.
#include "branch_feed.h"

#include <algorithm>
#include <utility>

namespace sfu::gst {

BranchFeed::BranchFeed(TimerQueue& timers, BranchQueue* queue, Owner* owner)
    : queue_(queue),
      owner_(owner),
      timer_(timers, [this](Timestamp now) { OnTimer(now); }),
      reorder_(TimeDelta::Zero()) {}

void BranchFeed::OnRtpBatch(const RtpBatch& batch, Timestamp now) {
  if (batch.entries.empty()) return;
  ended_ = false;
  if (last_ && head_.ssrc != batch.ssrc) HandOnAll();
  head_.ssrc = batch.ssrc;
  head_.payload_type = batch.payload_type;
  head_.ring = batch.ring;
  last_ = batch.entries.back();
  last_packet_ = RtpPacketRef(last_->packet);
  silent_since_ = now;
  gap_at_ = now + kGapInterval + reorder_.latency();
  if (!key_frame_for_.is_never()) LookForKeyFrame(batch, now);
  if (batches_) {
    Queue(OwnedBatch(batch), false, now);
  } else {
    reorder_.Push(batch.entries, now, ordered_);
    Emit(now);
  }
  ArmTimer();
}

void BranchFeed::Emit(Timestamp now) {
  size_t begin = 0;
  while (begin < ordered_.size()) {
    // A hole begins a new item, so that the buffer behind it carries the flag.
    size_t end = begin + 1;
    while (end < ordered_.size() && !ordered_[end].discont) ++end;
    OwnedBatch run;
    run.batch = head_;
    for (size_t i = begin; i < end; ++i) {
      run.batch.entries.push_back(ordered_[i].entry);
      run.packets.push_back(std::move(ordered_[i].packet));
    }
    const bool discont = ordered_[begin].discont;
    if (filler_ != nullptr) filler_->Pass(run, now, reorder_.latency());
    if (!run.batch.entries.empty()) Queue(std::move(run), discont, now);
    begin = end;
  }
  ordered_.clear();
}

void BranchFeed::Queue(OwnedBatch batch, bool discont, Timestamp now) {
  if (queue_->Push(std::move(batch), video_, discont) != BranchQueue::PushResult::kWantsKeyFrame) {
    return;
  }
  if (now < next_key_frame_request_) return;
  next_key_frame_request_ = now + kKeyFrameInterval;
  owner_->FeedWantsKeyFrame(now);
}

void BranchFeed::ArmTimer() {
  Timestamp deadline = std::min({reorder_.NextDeadline(), gap_at_, key_frame_at_});
  if (filler_ != nullptr) deadline = std::min(deadline, filler_->deadline());
  if (deadline != timer_.deadline()) timer_.Arm(deadline);
}

void BranchFeed::OnTimer(Timestamp now) {
  reorder_.Poll(now, ordered_);
  Emit(now);
  if (filler_ != nullptr && filler_->deadline() <= now) FillSilence(now);
  if (gap_at_ <= now) TellSilence(now);
  if (key_frame_at_ <= now) {
    key_frame_at_ = Timestamp::Never();
    owner_->FeedWantsKeyFrame(now);
  }
  ArmTimer();
}

void BranchFeed::SetFiller(std::unique_ptr<SilenceFiller> filler, Timestamp now) {
  filler_ = std::move(filler);
  if (filler_ != nullptr && !gap_at_.is_never()) filler_->Expect(now, reorder_.latency());
  ArmTimer();
}

void BranchFeed::FillSilence(Timestamp now) {
  if (batches_) {
    filler_->Stop();
    return;
  }
  OwnedBatch silence = filler_->Fill(head_, now, reorder_.latency());
  if (!silence.batch.entries.empty()) Queue(std::move(silence), false, now);
}

void BranchFeed::WantKeyFrameAt(Timestamp at) {
  key_frame_for_ = std::min(key_frame_for_, at);
  key_frame_at_ = std::min(key_frame_at_, at + kKeyFrameLead);
  ArmTimer();
}

// A key frame from before the wanted time is no answer, and a muxer does not ask again.
void BranchFeed::LookForKeyFrame(const RtpBatch& batch, Timestamp now) {
  for (const RtpBatchEntry& entry : batch.entries) {
    if (!entry.packet->info.key_frame || !entry.packet->info.frame_start) continue;
    if (entry.packet->capture >= key_frame_for_) {
      key_frame_for_ = key_frame_at_ = Timestamp::Never();
      return;
    }
    key_frame_at_ = std::min(key_frame_at_, std::max(now, key_frame_for_));
  }
}

// What may still be repaired is no silence: the gap ends a latency ago.
void BranchFeed::TellSilence(Timestamp now) {
  gap_at_ = now + kGapInterval;
  if (ended_) {
    gap_at_ = Timestamp::Never();
    return;
  }
  const Timestamp end = now - reorder_.latency() - kGapInterval / 2;
  if (end <= silent_since_) return;
  owner_->FeedIsSilent(silent_since_, end - silent_since_);
  silent_since_ = end;
}

void BranchFeed::ExpectSilence(Timestamp now) {
  if (!gap_at_.is_never()) return;
  silent_since_ = now;
  gap_at_ = now + kGapInterval + reorder_.latency();
  if (filler_ != nullptr) filler_->Expect(now, reorder_.latency());
  ArmTimer();
}

void BranchFeed::SetBatches(bool batches) {
  if (std::exchange(batches_, batches) != batches) HandOnAll();
}

void BranchFeed::HandOnAll() {
  reorder_.Flush(ordered_);
  Emit(silent_since_);
  reorder_.Reset();
  last_.reset();
  last_packet_.Reset();
}

void BranchFeed::BeginStream(EventRef event) {
  HandOnAll();
  key_frame_at_ = key_frame_for_ = Timestamp::Never();
  queue_->PushEvent(std::move(event));
  ArmTimer();
}

void BranchFeed::EndOfStream(EventRef eos) {
  HandOnAll();
  ended_ = true;
  gap_at_ = key_frame_at_ = key_frame_for_ = Timestamp::Never();
  if (filler_ != nullptr) filler_->Stop();
  timer_.Cancel();
  queue_->PushEvent(std::move(eos));
}

// What differs from the received packet differs by the same amounts as in the newest one: a
// Consumer changes them only when it begins anew, and then the ring has nothing older that was
// sent.
bool BranchFeed::Refill(const RtpPacket& packet, uint16_t sequence_number,
                        RtpBatchEntry* out) const {
  const RtpPacket& newest = *last_->packet;
  if (packet.header.ssrc != newest.header.ssrc) return false;
  out->packet = &packet;
  out->sequence_number = sequence_number;
  out->timestamp = packet.header.timestamp + (last_->timestamp - newest.header.timestamp);
  out->marker = packet.header.marker;
  out->rewrite_vp8 = last_->rewrite_vp8 && packet.info.valid;
  out->picture_id =
      static_cast<uint16_t>(packet.info.picture_id + (last_->picture_id - newest.info.picture_id));
  out->tl0_pic_idx = static_cast<uint8_t>(packet.info.tl0_pic_idx +
                                          (last_->tl0_pic_idx - newest.info.tl0_pic_idx));
  return true;
}

void BranchFeed::Resend(uint16_t sequence_number) {
  if (!last_ || head_.ring == nullptr) return;
  const uint16_t handed_on = sequence_number;
  if (filler_ != nullptr) sequence_number = filler_->OriginalNumber(sequence_number);
  const int distance = SeqNum(sequence_number).DistanceFrom(SeqNum(last_->sequence_number));
  const RtpPacket* packet = head_.ring->Find(last_->packet->index + distance);
  RtpBatchEntry entry;
  if (packet == nullptr || !Refill(*packet, handed_on, &entry)) return;
  OwnedBatch one;
  one.batch = head_;
  one.batch.entries.push_back(entry);
  one.packets.emplace_back(packet);
  queue_->Push(std::move(one), false, false);
}

}  // namespace sfu::gst
