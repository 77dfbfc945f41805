// The Consumer.
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
  AskFor(encoding_ == kNoEncoding ? producer_->best_encoding() : encoding_, now);
}

void Consumer::AskFor(uint8_t encoding, Timestamp now) {
  if (producer_->codec().kind != MediaKind::kVideo) return;
  asked_for_ = encoding;
  asked_at_ = now;
  ++stats_.key_frame_requests;
  tracer_.Emit({TraceType::kPli, true, now, ssrc_});
  producer_->RequestKeyFrameOf(encoding, now);
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
    Desync();
    return;
  }
  const size_t first = producer_->is_simulcast() ? SelectFrom(batch, now) : 0;
  if (first == batch.entries.size()) return;
  encoding_ = batch.encoding;
  // Another SSRC is another source (the sender began anew); its numbers say nothing about ours.
  if (source_ssrc_ != batch.ssrc) {
    synced_ = false;
    source_ssrc_ = batch.ssrc;
  }
  out->ssrc = ssrc_;
  out->payload_type = payload_type_;
  out->encoding = 0;  // what the receiver gets is one stream
  out->ring = batch.ring;
  out->entries.clear();
  for (size_t i = first; i < batch.entries.size(); ++i) ForwardOne(batch.entries[i], out, now);
  if (!out->entries.empty()) sink_->OnRtpBatch(*out, now);
}

// Where in the batch that begins which is to be forwarded; behind its end: nowhere. The encoding
// that runs goes on until a key frame of the best one is there. Without any, the first key frame
// will do, whosesoever: it may be replaced soon.
size_t Consumer::SelectFrom(const RtpBatch& batch, Timestamp now) {
  if (batch.encoding == encoding_) return 0;
  const bool best = batch.encoding == producer_->best_encoding();
  const size_t none = batch.entries.size();
  if (!best && encoding_ != kNoEncoding) return none;
  for (size_t i = 0; i < batch.entries.size(); ++i) {
    if (!MayBegin(*batch.entries[i].packet)) continue;
    if (encoding_ != kNoEncoding) ++stats_.encoding_changes;
    synced_ = false;
    moved_ = true;
    if (best) asked_for_ = kNoEncoding;
    return i;
  }
  if (encoding_ == kNoEncoding && best) stats_.drops.Add(DropReason::kWaitKeyFrame, none);
  if (best && (asked_for_ != batch.encoding || now - asked_at_ >= kAskAgain)) {
    AskFor(batch.encoding, now);
  }
  return none;
}

void Consumer::ForwardOne(const RtpBatchEntry& in, RtpBatch* out, Timestamp now) {
  const RtpPacket& packet = *in.packet;
  // The sender's numbering has jumped: it began anew, or was away for long. Numbers that jumped too
  // could look like old ones, which receivers and SRTP refuse.
  if (synced_ && packet.index - map_.highest_input() > kMaxGap) synced_ = false;
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
  if (sent_any_) AlignTimestamp(packet);
  moved_ = false;
}

// The timestamp goes on as time went by, by the captures. If the source kept its own time line,
// that is what its numbers say already and nothing changes; the comparison allows for the jitter of
// captures. Two encodings mostly have time lines of their own.
void Consumer::AlignTimestamp(const RtpPacket& packet) {
  const int64_t rate = producer_->codec().clock_rate;
  const int64_t elapsed = (packet.capture - last_capture_).ns() / 1'000 * rate / 1'000'000 - ahead_;
  // A frame that was captured before the last one sent cannot be shown before it. What its
  // timestamp is ahead by is taken back at the next change-over, or it would add up.
  const int64_t step = std::max<int64_t>(elapsed, 1);
  const uint32_t expected = last_timestamp_ + static_cast<uint32_t>(step);
  const uint32_t natural = packet.header.timestamp - timestamp_shift_;
  const int64_t off = static_cast<int32_t>(natural - expected);
  const bool behind = static_cast<int32_t>(natural - last_timestamp_) <= 0;
  if (std::abs(off) <= (moved_ ? rate / 20 : rate / 2) && !(moved_ && behind)) return;
  timestamp_shift_ = packet.header.timestamp - expected;
  ahead_ = step - elapsed;
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
