// Counting, reports and answers of one sent stream.
#include "stream/sent_stream.h"

#include <algorithm>
#include <cmath>

namespace sfu {
namespace {

// A report that claims more packets since the last one than this is nonsense, or a first one.
constexpr uint32_t kMaxReportedPackets = 0xFFFF;

}  // namespace

void SentStream::OnSent(const RtpBatch& batch, size_t rtp_bytes, Timestamp now) {
  if (batch.entries.empty()) return;
  if (options_.nack) history_.Record(batch);
  uint64_t payload_bytes = 0;
  for (const RtpBatchEntry& entry : batch.entries) {
    payload_bytes += entry.packet->header.payload_size;
    NoteNewest(entry);
  }
  stats_.packets_sent += batch.entries.size();
  stats_.bytes_sent += payload_bytes;
  stats_.header_bytes_sent += rtp_bytes - std::min<uint64_t>(payload_bytes, rtp_bytes);
  sr_packets_ += static_cast<uint32_t>(batch.entries.size());
  sr_octets_ += static_cast<uint32_t>(payload_bytes);
  rate_.Add(rtp_bytes, now);
}

void SentStream::NoteNewest(const RtpBatchEntry& entry) {
  const SeqNum sequence(entry.sequence_number);
  if (sent_any_ && !sequence.IsNewerThan(newest_sequence_)) return;
  sent_any_ = true;
  newest_sequence_ = sequence;
  newest_timestamp_ = entry.timestamp;
  newest_capture_ = entry.packet->capture;
}

void SentStream::OnNack(std::span<const SeqNum> lost, Timestamp now, const RepairFunction& emit) {
  ++stats_.nack_count;
  stats_.nacked_packets += lost.size();
  if (!options_.nack) return;
  if (!limiter_) limiter_ = std::make_unique<RepairLimiter>();
  for (const SeqNum sequence : lost) AnswerNack(sequence, now, emit);
}

void SentStream::AnswerNack(SeqNum sequence, Timestamp now, const RepairFunction& emit) {
  Repair repair;
  const std::optional<RtpBatchEntry> entry = history_.Find(sequence.value());
  if (!entry) {
    ++stats_.repairs_not_found;
    return;
  }
  if (AskedTooSoon(*entry->packet, now)) {
    ++stats_.repairs_repeated;
    return;
  }
  repair.entry = *entry;
  const RtpHeader& header = entry->packet->header;
  const RepairVerdict verdict = limiter_->Ask(
      sequence, size_t{header.header_size} + header.payload_size, rate_.BytesInWindow(now),
      options_.repair_share, shortest_round_trip_.value_or(RepairLimiter::kUnknownRoundTrip), now);
  if (verdict != RepairVerdict::kSend) {
    ++(verdict == RepairVerdict::kRepeated ? stats_.repairs_repeated : stats_.repairs_refused);
    return;
  }
  if (has_rtx()) {
    repair.rtx = RtxHeader{options_.rtx_ssrc, static_cast<uint8_t>(options_.rtx_payload_type),
                           rtx_sequence_++};
  }
  const size_t size = emit(repair);
  if (size == 0) return;
  ++stats_.packets_sent;
  ++stats_.retransmitted_packets_sent;
  stats_.bytes_sent += header.payload_size;
  stats_.retransmitted_bytes_sent += header.payload_size;
  stats_.header_bytes_sent += size - std::min<size_t>(header.payload_size, size);
  if (has_rtx()) return;
  ++sr_packets_;
  sr_octets_ += header.payload_size;
}

// Whether the request left the peer before the packet, which went out as it came, could be there. A
// packet that was lost on its way to us and came late is asked for by everybody in the meantime. An
// eighth of the round trip is left for its variation.
bool SentStream::AskedTooSoon(const RtpPacket& packet, Timestamp now) const {
  if (!shortest_round_trip_) return false;
  const TimeDelta round_trip = std::min(*shortest_round_trip_, RepairLimiter::kLongestSilence);
  return now - packet.arrival < round_trip - round_trip / 8;
}

bool SentStream::OnReportBlock(const rtcp::ReportBlock& block, NtpTime ntp_now) {
  if (block.ssrc != options_.ssrc || !sent_any_) return false;
  ++stats_.reports_received;
  stats_.fraction_lost = block.fraction();
  stats_.packets_lost = block.cumulative_lost;
  stats_.jitter = TimeDelta::Nanos(
      static_cast<int64_t>(uint64_t{block.jitter} * 1'000'000'000 / options_.clock_rate));
  if (const auto round_trip = block.RoundTrip(CompactNtp(ntp_now))) {
    stats_.round_trip_time = round_trip;
    stats_.total_round_trip_time += *round_trip;
    ++stats_.round_trip_time_measurements;
    LearnShortestRoundTrip(*round_trip);
  }
  return UpdateScore(block);
}

// A busy peer makes one measurement too long, and requests would be ignored that are none too soon:
// a browser repeats those only 100 ms later.
void SentStream::LearnShortestRoundTrip(TimeDelta measured) {
  const TimeDelta shortest = shortest_round_trip_.value_or(measured);
  shortest_round_trip_ = std::min(measured, shortest + (measured - shortest) / 16);
}

bool SentStream::UpdateScore(const rtcp::ReportBlock& block) {
  const uint32_t expected = block.highest_sequence - reported_highest_;
  const uint64_t repaired = stats_.retransmitted_packets_sent - repairs_at_last_report_;
  reported_highest_ = block.highest_sequence;
  repairs_at_last_report_ = stats_.retransmitted_packets_sent;
  // The first report has nothing to be compared with.
  if (stats_.reports_received == 1 || expected > kMaxReportedPackets) return false;
  const auto lost = static_cast<uint32_t>(std::lround(expected * block.fraction()));
  return score_.AddInterval(expected, lost,
                            static_cast<uint32_t>(std::min<uint64_t>(repaired, lost)));
}

std::optional<SenderInfo> SentStream::MakeSenderInfo(Timestamp now, const NtpClock& clock) const {
  if (!sent_any_) return std::nullopt;
  const double since_capture = (now - newest_capture_).seconds();
  const auto ticks = static_cast<int64_t>(std::llround(since_capture * options_.clock_rate));
  SenderInfo info;
  info.ntp = clock.ToNtp(now);
  info.rtp_timestamp = newest_timestamp_ + static_cast<uint32_t>(ticks);
  info.packet_count = sr_packets_;
  info.octet_count = sr_octets_;
  return info;
}

SentStreamStats SentStream::Stats(Timestamp now) const {
  SentStreamStats stats = stats_;
  stats.bitrate = rate_.Rate(now);
  stats.score = score_.value();
  return stats;
}

}  // namespace sfu
