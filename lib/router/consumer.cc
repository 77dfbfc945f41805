// The simple Consumer.
#include "router/consumer.h"

#include <algorithm>
#include <utility>

#include "base/prefetch.h"
#include "router/producer.h"

namespace sfu {

Consumer::Consumer(Producer* producer, const ConsumerOptions& options, uint8_t payload_type)
    : producer_(producer),
      ssrc_(options.ssrc),
      payload_type_(payload_type),
      paused_(options.paused),
      id_(options.id) {}

void Consumer::SetSink(RtpBatchSink* sink, Timestamp now) {
  sink_ = sink;
  Desync();
  if (sink_ != nullptr && !paused_) RequestKeyFrame(now);
}

void Consumer::Resume(Timestamp now) {
  if (!std::exchange(paused_, false)) return;
  Desync();
  RequestKeyFrame(now);
}

void Consumer::RequestKeyFrame(Timestamp now) {
  if (producer_->codec().kind != MediaKind::kVideo) return;
  ++stats_.key_frame_requests;
  tracer_.Emit({TraceType::kPli, true, now, ssrc_});
  producer_->RequestKeyFrame(now);
}

void Consumer::SetPatience(TimeDelta patience) {
  patience_ = patience;
  producer_->UpdatePatience();
}

void Consumer::Prefetch() const {
  // Up to the first counters.
  constexpr size_t kHotBytes = 384;
  PrefetchBytes(this, kHotBytes);
}

void Consumer::OnProducerBatch(const RtpBatch& batch, RtpBatch* out, Timestamp now) {
  if (paused_ || sink_ == nullptr) {
    if (paused_) stats_.drops.Add(DropReason::kPaused, batch.entries.size());
    synced_ = false;
    return;
  }
  // Another SSRC is another source (the sender began anew); its numbers say nothing about ours.
  if (source_ssrc_ != batch.ssrc) {
    synced_ = false;
    source_ssrc_ = batch.ssrc;
  }
  out->ssrc = ssrc_;
  out->payload_type = payload_type_;
  out->ring = batch.ring;
  out->entries.clear();
  for (const RtpBatchEntry& entry : batch.entries) ForwardOne(entry, out, now);
  if (!out->entries.empty()) sink_->OnRtpBatch(*out, now);
}

void Consumer::ForwardOne(const RtpBatchEntry& in, RtpBatch* out, Timestamp now) {
  const RtpPacket& packet = *in.packet;
  // The sender's numbering has jumped: it began anew, or was away for long. Numbers that jumped too
  // could look like old ones, which receivers and SRTP refuse.
  if (synced_ && packet.index - map_.highest_input() > kMaxGap) Desync();
  if (!synced_) {
    if (!MayBegin(packet)) {
      stats_.drops.Add(DropReason::kWaitKeyFrame);
      if (!std::exchange(waiting_told_, true)) RequestKeyFrame(now);
      return;
    }
    Begin(packet);
  }
  newest_arrival_ = std::max(newest_arrival_, packet.arrival);
  // Padding alone probes the sender's path, not ours; leaving it out leaves no gap.
  if (packet.header.payload_size == 0) {
    map_.Drop(packet.index);
    return;
  }
  const auto output = map_.Map(packet.index);
  if (!output || TooLate(packet)) {
    stats_.drops.Add(DropReason::kTooOld);
    return;
  }
  Append(in, *output, out, now);
}

bool Consumer::MayBegin(const RtpPacket& packet) const {
  const RtpCodec& codec = producer_->codec();
  if (packet.header.payload_size == 0) return false;
  if (codec.kind == MediaKind::kAudio || codec.id == CodecId::kOther) return true;
  return packet.info.valid && packet.info.key_frame && packet.info.frame_start;
}

void Consumer::Begin(const RtpPacket& packet) {
  synced_ = true;
  waiting_told_ = false;
  sync_point_ = true;
  map_.StartAt(packet.index);
  newest_arrival_ = packet.arrival;
  if (!sent_any_) return;
  // The timestamp goes on as time went by. If the source kept its own time line, that is what its
  // numbers say already and nothing changes; the comparison allows for the jitter of captures.
  const int64_t rate = producer_->codec().clock_rate;
  const int64_t elapsed = (packet.capture - last_capture_).ns() / 1'000 * rate / 1'000'000;
  const uint32_t expected = last_timestamp_ + static_cast<uint32_t>(std::max<int64_t>(elapsed, 1));
  const uint32_t natural = packet.header.timestamp - timestamp_shift_;
  const auto off = static_cast<int32_t>(natural - expected);
  if (std::abs(int64_t{off}) > rate / 2) timestamp_shift_ = packet.header.timestamp - expected;
}

bool Consumer::TooLate(const RtpPacket& packet) const {
  if (!packet.recovered) return false;
  return packet.arrival - packet.capture > std::max(patience_, kLiveDeadline) + kLiveDeadline;
}

void Consumer::Append(const RtpBatchEntry& in, int64_t output, RtpBatch* out, Timestamp now) {
  const RtpPacket& packet = *in.packet;
  RtpBatchEntry entry = in;
  entry.sequence_number = static_cast<uint16_t>(output);
  entry.timestamp = packet.header.timestamp - timestamp_shift_;
  if (producer_->codec().id == CodecId::kVp8 && packet.info.valid) {
    const Vp8Offsets offsets = vp8_.OnPacket(packet.info, std::exchange(sync_point_, false));
    entry.rewrite_vp8 = offsets != Vp8Offsets();
    entry.picture_id = offsets.PictureId(packet.info);
    entry.tl0_pic_idx = offsets.Tl0PicIdx(packet.info);
  }
  out->entries.push_back(entry);
  if (!sent_any_ || output == map_.highest_output()) {
    last_timestamp_ = entry.timestamp;
    last_capture_ = packet.capture;
    sent_any_ = true;
  }
  const bool key_frame = packet.info.valid && packet.info.key_frame && packet.info.frame_start;
  ++stats_.packets_sent;
  stats_.bytes_sent += packet.header.payload_size;
  if (key_frame) ++stats_.key_frames_sent;
  TraceEvent event{TraceType::kRtp,
                   false,
                   now,
                   ssrc_,
                   entry.sequence_number,
                   entry.timestamp,
                   static_cast<uint32_t>(packet.size())};
  tracer_.Emit(event);
  event.type = TraceType::kKeyFrame;
  if (key_frame) tracer_.Emit(event);
}

}  // namespace sfu
