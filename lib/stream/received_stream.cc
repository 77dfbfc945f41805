// The received stream: acceptance by sequence number, and statistics.
#include "stream/received_stream.h"

#include <algorithm>
#include <cstdlib>

namespace sfu {
namespace {

constexpr int64_t kFirstIndex = int64_t{1} << 40;  // stepping back stays positive
constexpr uint32_t kDefaultClockRate = 90'000;
// A late packet's timestamp lies this far behind the newest at most, and hardly ahead (B frames).
constexpr int64_t kMaxLateSeconds = 60;
constexpr int64_t kMaxAheadSeconds = 10;
// A step in transit time beyond this is a jump of a clock, not jitter.
constexpr double kMaxTransitStepSeconds = 5.0;
constexpr double kMaxTransitStep = 0x1p27;  // ticks, for a clock rate that is absurd
constexpr int64_t kMaxLost = 0x7F'FFFF;     // signed 24 bits
constexpr int64_t kMinLost = -0x80'0000;

int64_t TimestampDistance(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b); }

}  // namespace

ReceivedStream::ReceivedStream(Ssrc ssrc, uint32_t clock_rate)
    : ssrc_(ssrc), clock_rate_(clock_rate == 0 ? kDefaultClockRate : clock_rate) {}

ArrivalResult ReceivedStream::Accept(uint16_t sequence, uint32_t rtp_timestamp, size_t size,
                                     Timestamp arrival, bool repaired) {
  ArrivalResult result;
  if (!started_) {
    newest_timestamp_ = rtp_timestamp;
    result = Restart(sequence, sequence);
  } else {
    const int ahead = SeqNum(sequence).DistanceFrom(SeqNum(static_cast<uint16_t>(newest_)));
    const int64_t index = newest_ + ahead;
    const bool in_window = ahead <= 0 && -ahead < kWindow;
    const bool seen = in_window && Seen(index);
    if (ahead > kMaxDropout) {
      result = OnStray(sequence, ArrivalVerdict::kProbation, repaired);
    } else if (ahead <= 0 && (!in_window || IsForeign(rtp_timestamp, seen))) {
      result =
          OnStray(sequence, seen ? ArrivalVerdict::kDuplicate : ArrivalVerdict::kTooOld, repaired);
    } else {
      result = {.verdict = seen ? ArrivalVerdict::kDuplicate : ArrivalVerdict::kAccepted,
                .index = index};
    }
  }
  if (!result.accepted()) {
    ++(result.verdict == ArrivalVerdict::kDuplicate ? duplicates_ : discarded_);
    return result;
  }
  const bool newest = result.restarted || result.index > newest_;
  if (result.restarted) newest_timestamp_ = rtp_timestamp;
  if (result.index > newest_) Advance(result.index);
  Mark(result.index);
  ++packets_;
  bytes_ += size;
  rate_.Add(size, arrival);
  last_arrival_ = arrival;
  if (repaired) {
    ++repaired_;
    return result;
  }
  base_ = std::min(base_, result.index);
  if (newest) TrackTiming(rtp_timestamp, arrival);
  return result;
}

// A jump always leads forward, so that an index never comes twice.
ArrivalResult ReceivedStream::Restart(uint16_t first_sequence, uint16_t sequence) {
  int64_t first = kFirstIndex + first_sequence;
  if (started_) {
    const auto step = static_cast<uint16_t>(first_sequence - static_cast<uint16_t>(newest_));
    first = newest_ + (step == 0 ? 65'536 : step);
    expected_before_ += newest_ - base_ + 1;
    ++restarts_;
  }
  started_ = true;
  stray_first_.reset();
  jitter_arrival_.reset();
  seen_.fill(0);
  base_ = first;
  newest_ = first + static_cast<uint16_t>(sequence - first_sequence);
  return {.verdict = ArrivalVerdict::kAccepted,
          .index = newest_,
          .restarted = true,
          .first_index = first};
}

ArrivalResult ReceivedStream::OnStray(uint16_t sequence, ArrivalVerdict verdict, bool repaired) {
  if (repaired) return {.verdict = verdict};
  if (stray_first_) {
    const int step = SeqNum(sequence).DistanceFrom(SeqNum(stray_last_));
    if (step >= 1 && step <= kMaxConfirmGap) return Restart(*stray_first_, sequence);
  }
  stray_first_ = stray_last_ = sequence;
  return {.verdict = verdict};
}

void ReceivedStream::Advance(int64_t index) {
  for (int64_t i = newest_ + 1; i <= index; ++i) Unmark(i);
  newest_ = index;
  stray_first_.reset();
}

// Whether a packet whose number is not ahead bears a timestamp that it cannot have, so that it must
// come from another numbering: a sender that started again with a number a little below.
bool ReceivedStream::IsForeign(uint32_t rtp_timestamp, bool seen) const {
  const int64_t ahead = TimestampDistance(rtp_timestamp, newest_timestamp_);
  const int64_t rate = clock_rate_;
  return ahead > (seen ? 0 : kMaxAheadSeconds * rate) || ahead < -kMaxLateSeconds * rate;
}

void ReceivedStream::TrackTimestamp(uint32_t rtp_timestamp) {
  const int64_t ahead = TimestampDistance(rtp_timestamp, newest_timestamp_);
  if (ahead > 0 || ahead < -kMaxAheadSeconds * int64_t{clock_rate_}) {
    newest_timestamp_ = rtp_timestamp;
  }
}

// Jitter as in RFC 3550, A.8, over the first packets of each timestamp: those that follow it are
// spread out by the sender's pacing, which is not the network's doing.
void ReceivedStream::TrackTiming(uint32_t rtp_timestamp, Timestamp arrival) {
  TrackTimestamp(rtp_timestamp);
  if (jitter_arrival_ && rtp_timestamp == jitter_timestamp_) return;
  if (jitter_arrival_) {
    const double passed = (arrival - *jitter_arrival_).seconds() * clock_rate_;
    const double step =
        passed - static_cast<double>(TimestampDistance(rtp_timestamp, jitter_timestamp_));
    if (std::abs(step) < std::min(kMaxTransitStepSeconds * clock_rate_, kMaxTransitStep)) {
      jitter_q4_ += static_cast<uint32_t>(std::abs(step)) - ((jitter_q4_ + 8) >> 4);
    }
  }
  jitter_arrival_ = arrival;
  jitter_timestamp_ = rtp_timestamp;
}

void ReceivedStream::OnSenderReport(NtpTime ntp, Timestamp now) {
  last_sr_ = CompactNtp(ntp);
  last_sr_arrival_ = now;
}

void ReceivedStream::OnDlrr(CompactNtp ntp_now, CompactNtp last_rr,
                            CompactDelay delay_since_last_rr) {
  const auto measured = RoundTripTime(ntp_now, last_rr, delay_since_last_rr);
  if (measured) round_trip_ = measured;
}

ReceivedStream::Counts ReceivedStream::Current() const {
  return {.expected = expected_before_ + (started_ ? newest_ - base_ + 1 : 0),
          .received = static_cast<int64_t>(packets_ - repaired_),
          .repaired = static_cast<int64_t>(repaired_)};
}

std::optional<rtcp::ReportBlock> ReceivedStream::MakeReport(Timestamp now) {
  if (!started_) return std::nullopt;
  const Counts total = Current();
  const int64_t expected = std::max<int64_t>(0, total.expected - reported_.expected);
  const int64_t lost = std::max<int64_t>(0, expected - (total.received - reported_.received));
  const int64_t repaired = total.repaired - reported_.repaired;
  reported_ = total;
  score_.AddInterval(static_cast<uint32_t>(expected), static_cast<uint32_t>(lost),
                     static_cast<uint32_t>(repaired));
  rtcp::ReportBlock report;
  report.ssrc = ssrc_;
  if (expected > 0) {
    report.fraction_lost = static_cast<uint8_t>(std::min<int64_t>(255, lost * 256 / expected));
  }
  report.cumulative_lost =
      static_cast<int32_t>(std::clamp(total.expected - total.received, kMinLost, kMaxLost));
  report.highest_sequence = static_cast<uint32_t>(newest_);
  report.jitter = jitter_q4_ >> 4;
  if (!last_sr_.is_zero()) {
    report.last_sr = last_sr_;
    report.delay_since_last_sr = CompactDelay(now - last_sr_arrival_);
  }
  return report;
}

ReceivedStreamStats ReceivedStream::Stats(Timestamp now) const {
  const Counts total = Current();
  ReceivedStreamStats stats;
  stats.packets = packets_;
  stats.bytes = bytes_;
  stats.lost = total.expected - total.received;
  stats.repaired = repaired_;
  stats.duplicates = duplicates_;
  stats.discarded = discarded_;
  stats.restarts = restarts_;
  stats.jitter = TimeDelta::Nanos(int64_t{jitter_q4_ >> 4} * 1'000'000'000 / clock_rate_);
  stats.bitrate = rate_.Rate(now);
  stats.score = score_.value();
  stats.round_trip = round_trip_;
  return stats;
}

bool ReceivedStream::Seen(int64_t index) const {
  const auto bit = static_cast<size_t>(index % kWindow);
  return (seen_[bit / 64] >> (bit % 64) & 1) != 0;
}

void ReceivedStream::Mark(int64_t index) {
  const auto bit = static_cast<size_t>(index % kWindow);
  seen_[bit / 64] |= uint64_t{1} << (bit % 64);
}

void ReceivedStream::Unmark(int64_t index) {
  const auto bit = static_cast<size_t>(index % kWindow);
  seen_[bit / 64] &= ~(uint64_t{1} << (bit % 64));
}

}  // namespace sfu
