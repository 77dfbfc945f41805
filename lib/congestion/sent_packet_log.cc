// A ring of packets, addressed by their numbers.
#include "congestion/sent_packet_log.h"

#include <algorithm>

namespace sfu {
namespace {

uint32_t Micros(Timestamp t) { return static_cast<uint32_t>(t.ns() / 1'000); }

}  // namespace

void SentPacketLog::OnSent(size_t size, Timestamp now) {
  if (count_ == packets_.size()) MakeRoom(now);
  At(next_) = {Micros(now), static_cast<uint16_t>(std::min<size_t>(size, UINT16_MAX)),
               Status::kNotReported};
  count_ = std::min(count_ + 1, packets_.size());
  ++next_;
  ++stats_.packets_sent;
}

// The oldest packet is forgotten, unless feedback about it may still come. A peer that never sent
// any gets no more than the first piece of memory.
void SentPacketLog::MakeRoom(Timestamp now) {
  const size_t size = packets_.size();
  if (size == kMaxPackets) return;
  if (size > 0) {
    if (stats_.feedbacks == 0) return;
    const Packet& oldest = At(next_);
    if (oldest.status != Status::kNotReported) return;
    if (Micros(now) - oldest.sent_us > kMaxAge.us()) return;
  }
  std::vector<Packet> larger(std::max(kFirstPackets, 2 * size));
  for (size_t i = 1; i <= count_; ++i) {
    const auto sequence = static_cast<uint16_t>(next_ - i);
    larger[sequence & (larger.size() - 1)] = At(sequence);
  }
  packets_ = std::move(larger);
}

void SentPacketLog::OnFeedback(const rtcp::TransportFeedback& feedback,
                               std::span<const rtcp::TransportFeedback::Received> received,
                               Timestamp now, const ResultFunction& each) {
  ++stats_.feedbacks;
  const Timestamp reference = ReferenceOf(feedback.reference_time, now);
  // How many packets were sent from the first one reported on to the newest, that one not counted.
  const int64_t behind = SeqNum(next_).DistanceFrom(feedback.base_sequence) - int64_t{1};
  const int64_t first = std::max<int64_t>(0, behind - static_cast<int64_t>(count_) + 1);
  const int64_t end = std::min<int64_t>(behind + 1, feedback.status_count);
  stats_.statuses_ignored +=
      static_cast<uint64_t>(feedback.status_count - std::max<int64_t>(0, end - first));
  auto arrived = received.begin();
  for (int64_t offset = first; offset < end; ++offset) {
    const SeqNum sequence = feedback.base_sequence + static_cast<int>(offset);
    const auto place = [&] {
      return static_cast<uint16_t>(arrived->sequence.value() - feedback.base_sequence.value());
    };
    while (arrived != received.end() && place() < offset) ++arrived;
    std::optional<Timestamp> arrival;
    if (arrived != received.end() && place() == offset) arrival = reference + arrived->arrival;
    Settle(sequence.value(), arrival, now, each);
  }
  MeasureLoss(now);
}

// Any value can come: only those near to where the peer's clock should be go on with its time line.
Timestamp SentPacketLog::ReferenceOf(uint32_t reference_time, Timestamp now) {
  Timestamp reference = reference_.Unwrap(reference_time);
  const auto off = [&] { return (reference - now) - *clock_offset_; };
  if (!clock_offset_ || off() > kMaxClockJump || off() < TimeDelta::Zero() - kMaxClockJump) {
    reference_ = rtcp::ReferenceTime();
    reference = reference_.Unwrap(reference_time);
    clock_offset_ = reference - now;
  }
  return reference;
}

void SentPacketLog::Settle(uint16_t sequence, std::optional<Timestamp> arrival, Timestamp now,
                           const ResultFunction& each) {
  Packet& packet = At(sequence);
  if (packet.status == Status::kReceived || (packet.status == Status::kLost && !arrival)) return;
  if (arrival) {
    if (packet.status == Status::kLost) --stats_.packets_lost;
    ++stats_.packets_acked;
    stats_.bytes_acked += packet.size;
    ++interval_acked_;
  } else {
    ++stats_.packets_lost;
    ++interval_lost_;
  }
  packet.status = arrival ? Status::kReceived : Status::kLost;
  if (!each) return;
  const TimeDelta age = TimeDelta::Micros(Micros(now) - packet.sent_us);
  each({SeqNum(sequence), packet.size, now - age, arrival});
}

void SentPacketLog::MeasureLoss(Timestamp now) {
  if (now - interval_start_ < kLossInterval) return;
  const uint64_t all = interval_acked_ + interval_lost_;
  if (all > 0) {
    stats_.fraction_lost = static_cast<double>(interval_lost_) / static_cast<double>(all);
  }
  interval_start_ = now;
  interval_acked_ = interval_lost_ = 0;
}

}  // namespace sfu
