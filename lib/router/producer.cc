// The Producer: counts what comes in and hands each batch to every Consumer.
#include "router/producer.h"

#include <algorithm>
#include <utility>

namespace sfu {

Producer::Producer(const ProducerOptions& options, const Wakeup& wakeup)
    : id_(options.id),
      codec_(options.codec),
      wakeup_(wakeup),
      paused_(options.paused),
      key_frame_request_delay_(options.key_frame_request_delay),
      encodings_(1, Encoding(options.key_frame_request_delay)) {}

void Producer::SetUpstream(RtpSource* upstream) {
  upstream_ = upstream;
  if (upstream_ != nullptr) upstream_->SetPatience(patience_);
}

void Producer::OnRtpBatch(const RtpBatch& batch, Timestamp now) {
  if (batch.encoding >= kMaxEncodings) {
    stats_.drops.Add(DropReason::kTooManyStreams, batch.entries.size());
    return;
  }
  // A Consumer's sink may add and remove Consumers, of this Producer too.
  const bool outermost = !std::exchange(dispatching_, true);
  if (!outermost) {
    // A sink feeds its own Producer; the scratch is in use.
    RtpBatch scratch;
    Take(batch, &scratch, now);
    return;
  }
  Take(batch, &scratch_, now);
  scratch_.ring.reset();
  dispatching_ = false;
  if (!removed_.empty()) Sweep();
}

void Producer::Take(const RtpBatch& batch, RtpBatch* scratch, Timestamp now) {
  while (encodings_.size() <= batch.encoding) encodings_.emplace_back(key_frame_request_delay_);
  Encoding& encoding = encodings_[batch.encoding];
  if (encoding.stats.ssrc != batch.ssrc) encoding.stats.ssrc = batch.ssrc;
  Count(batch, &encoding, now);
  if (is_simulcast()) best_encoding_ = FindBest(now);
  if (paused_) {
    stats_.drops.Add(DropReason::kPaused, batch.entries.size());
    return;
  }
  Dispatch(batch, scratch, now);
}

bool Producer::IsAlive(size_t encoding, Timestamp now) const {
  if (encoding >= encodings_.size()) return false;
  const auto last = encodings_[encoding].last_media;
  return last && now - *last < kEncodingTimeout;
}

DataRate Producer::EncodingBitrate(size_t encoding, Timestamp now) const {
  return encoding < encodings_.size() ? encodings_[encoding].rate.Rate(now) : DataRate();
}

// While all are silent there is nothing better than what was best.
uint8_t Producer::FindBest(Timestamp now) const {
  for (size_t i = encodings_.size(); i-- > 0;) {
    if (IsAlive(i, now)) return static_cast<uint8_t>(i);
  }
  return best_encoding_;
}

void Producer::Dispatch(const RtpBatch& batch, RtpBatch* scratch, Timestamp now) {
  const size_t count = consumers_.size();
  for (size_t i = 0; i < count; ++i) {
    if (i + 2 < count && consumers_[i + 2] != nullptr) consumers_[i + 2]->Prefetch();
    if (i + 1 < count && consumers_[i + 1] != nullptr) consumers_[i + 1]->PrefetchSink();
    if (consumers_[i] != nullptr) consumers_[i]->OnProducerBatch(batch, scratch, now);
  }
}

void Producer::Count(const RtpBatch& batch, Encoding* encoding, Timestamp now) {
  for (const RtpBatchEntry& entry : batch.entries) {
    const RtpPacket& packet = *entry.packet;
    // Several packets of one H264 or H265 key frame look like its beginning.
    const bool key_frame = packet.info.valid && packet.info.key_frame && packet.info.frame_start &&
                           encoding->last_key_frame != packet.header.timestamp;
    if (key_frame) encoding->last_key_frame = packet.header.timestamp;
    NoteAudioLevel(packet, now);
    orientation_.OnPacket(packet);
    ++encoding->stats.packets_received;
    encoding->stats.bytes_received += packet.header.payload_size;
    encoding->rate.Add(packet.size(), now);
    if (packet.header.payload_size > 0) encoding->last_media = now;
    ++stats_.packets_received;
    stats_.bytes_received += packet.header.payload_size;
    if (key_frame) {
      ++encoding->stats.key_frames;
      ++stats_.key_frames;
      encoding->requester.OnKeyFrame(now);
    }
    TraceEvent event{TraceType::kRtp,
                     true,
                     now,
                     packet.header.ssrc,
                     entry.sequence_number,
                     packet.header.timestamp,
                     static_cast<uint32_t>(packet.size())};
    tracer_.Emit(event);
    event.type = TraceType::kKeyFrame;
    if (key_frame) tracer_.Emit(event);
  }
}

void Producer::NoteAudioLevel(const RtpPacket& packet, Timestamp now) {
  const auto bytes = packet.extension(ExtensionType::kAudioLevel);
  if (!bytes) return;
  const auto level = AudioLevel::Parse(*bytes);
  if (!level) return;
  stats_.audio_level = level;
  if (paused_) return;
  for (AudioLevelSink* sink : level_sinks_) sink->OnAudioLevel(*level, now);
}

void Producer::BeginAnew() {
  for (const auto& consumer : consumers_) {
    if (consumer != nullptr) consumer->Desync();
  }
}

void Producer::Pause() {
  if (std::exchange(paused_, true)) return;
  BeginAnew();
  for (AudioLevelSink* sink : level_sinks_) sink->OnAudioPaused();
}

void Producer::Resume(Timestamp now) {
  if (!std::exchange(paused_, false)) return;
  if (codec_.kind == MediaKind::kVideo && !consumers_.empty()) RequestKeyFrame(now);
}

void Producer::RequestKeyFrameOf(uint8_t encoding, Timestamp now) {
  if (codec_.kind != MediaKind::kVideo || paused_ || encoding >= encodings_.size()) return;
  if (encodings_[encoding].requester.Request(now)) SendRequestUpstream(encoding, now);
  TellDeadline();
}

Timestamp Producer::NextDeadline() const {
  Timestamp next = Timestamp::Never();
  for (const Encoding& encoding : encodings_) {
    next = std::min(next, encoding.requester.next_deadline());
  }
  return next;
}

void Producer::HandleTimeout(Timestamp now) {
  for (size_t i = 0; i < encodings_.size(); ++i) {
    const bool wanted = encodings_[i].requester.HandleTimeout(now);
    if (wanted && !paused_) SendRequestUpstream(static_cast<uint8_t>(i), now);
  }
}

void Producer::TellDeadline() const {
  const Timestamp deadline = NextDeadline();
  if (wakeup_ && !deadline.is_never()) wakeup_(deadline);
}

void Producer::SendRequestUpstream(uint8_t encoding, Timestamp now) {
  if (upstream_ == nullptr) return;
  ++stats_.key_frame_requests;
  ++encodings_[encoding].stats.key_frame_requests;
  tracer_.Emit({TraceType::kPli, false, now, encodings_[encoding].stats.ssrc});
  if (is_simulcast()) {
    upstream_->RequestKeyFrameOf(encoding, now);
  } else {
    upstream_->RequestKeyFrame(now);
  }
}

void Producer::UpdatePatience() {
  TimeDelta most = TimeDelta::Zero();
  for (const auto& consumer : consumers_) {
    if (consumer != nullptr) most = std::max(most, consumer->patience());
  }
  if (most == patience_) return;
  patience_ = most;
  if (upstream_ != nullptr) upstream_->SetPatience(most);
}

Consumer* Producer::AddConsumer(const ConsumerOptions& options) {
  const auto payload_type =
      static_cast<uint8_t>(options.payload_type >= 0 ? options.payload_type : codec_.payload_type);
  consumers_.push_back(std::make_unique<Consumer>(this, options, payload_type));
  return consumers_.back().get();
}

void Producer::RemoveConsumer(Consumer* consumer) {
  const auto it = std::find_if(consumers_.begin(), consumers_.end(),
                               [&](const auto& own) { return own.get() == consumer; });
  if (it == consumers_.end()) return;
  removed_.push_back(std::move(*it));
  if (!dispatching_) Sweep();
  UpdatePatience();
}

void Producer::Sweep() {
  removed_.clear();
  std::erase(consumers_, nullptr);
}

}  // namespace sfu
