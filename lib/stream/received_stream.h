// One SSRC as it is received: puts sequence numbers into order without end, tells new packets from
// duplicates and strays, and keeps the reception statistics (RFC 3550, sections 6.4 and A.1..A.8).
//
// Belongs to one Worker. About 900 bytes, no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/data_rate.h"
#include "base/time.h"
#include "rtp/ntp_time.h"
#include "rtp/rtcp/report_block.h"
#include "rtp/sequence.h"
#include "stream/packet_ring.h"
#include "stream/rate_counter.h"
#include "stream/score.h"

namespace sfu {

enum class ArrivalVerdict : uint8_t {
  kAccepted,
  kDuplicate,  // had it
  kTooOld,     // kWindow or more behind the newest
  kProbation,  // far ahead of the newest: kept out until a second packet confirms the jump
};

struct ArrivalResult {
  ArrivalVerdict verdict = ArrivalVerdict::kTooOld;
  // If accepted: the sequence number unwrapped to 64 bits. Its low 16 bits are the sequence number;
  // it never comes twice, not even after a restart of the sender, which always leads forward.
  int64_t index = 0;
  // With the first packet, and when the sender's numbering has jumped: whoever waits for older
  // packets may stop (NackGenerator::Restart).
  bool restarted = false;
  // If restarted: where the new numbering begins. Below `index` if packets of it were kept out on
  // probation; those may be asked for again.
  int64_t first_index = 0;

  bool accepted() const { return verdict == ArrivalVerdict::kAccepted; }
};

struct ReceivedStreamStats {
  uint64_t packets = 0;     // accepted, repairs included
  uint64_t bytes = 0;       // of those
  int64_t lost = 0;         // on the first way: what repair brought back later still counts
  uint64_t repaired = 0;    // brought back by retransmission
  uint64_t duplicates = 0;  // dropped: had it
  uint64_t discarded = 0;   // dropped: too old, or on probation
  uint32_t restarts = 0;    // jumps of the sender's numbering
  TimeDelta jitter;
  DataRate bitrate;
  uint8_t score = Score::kBest;
  std::optional<TimeDelta> round_trip;  // 0..kMaxRoundTripTime
};

class ReceivedStream {
 public:
  // How far behind the newest a packet may be: what the ring could hold.
  static constexpr int64_t kWindow = static_cast<int64_t>(PacketRing::kMaxPackets);
  // A larger step forward is a jump, to be confirmed by a second packet (RFC 3550, A.1).
  static constexpr int64_t kMaxDropout = 3000;
  // How far behind its predecessor the confirming packet may be: some get lost.
  static constexpr int kMaxConfirmGap = 8;

  // `clock_rate` in Hz; 0 counts as 90000.
  ReceivedStream(Ssrc ssrc, uint32_t clock_rate);

  // Takes in one packet of `size` bytes. `repaired`: it is the answer to a NACK, as itself or by
  // RTX; such a packet does not count against loss, moves no statistics of timing, and never starts
  // a new numbering.
  ArrivalResult Accept(uint16_t sequence, uint32_t rtp_timestamp, size_t size, Timestamp arrival,
                       bool repaired);

  // The index that this sequence number would get if it is near the newest; for what must be known
  // before Accept(). Meaningful after the first packet.
  int64_t Peek(uint16_t sequence) const {
    return newest_ + SeqNum(sequence).DistanceFrom(SeqNum(static_cast<uint16_t>(newest_)));
  }

  // A sender report of this SSRC.
  void OnSenderReport(NtpTime ntp, Timestamp now);
  // A DLRR item for the SSRC of our receiver reports (RFC 3611, section 4.5). `ntp_now` is on the
  // clock that our reference time reports carry. Garbage is clamped to 0..kMaxRoundTripTime.
  void OnDlrr(CompactNtp ntp_now, CompactNtp last_rr, CompactDelay delay_since_last_rr);

  // The block for a receiver report to be sent now; closes the interval over which the fraction
  // lost and the score are measured. Nothing before the first packet.
  std::optional<rtcp::ReportBlock> MakeReport(Timestamp now);
  // The stream is known to be silent: the score is 0 until packets are reported again.
  void SetInactive() { score_.SetInactive(); }

  Ssrc ssrc() const { return ssrc_; }
  uint32_t clock_rate() const { return clock_rate_; }
  uint8_t score() const { return score_.value(); }
  // The largest index accepted; meaningful after the first packet.
  int64_t newest_index() const { return newest_; }
  // When the last packet was accepted; nothing before the first.
  std::optional<Timestamp> last_arrival() const { return last_arrival_; }
  std::optional<TimeDelta> round_trip() const { return round_trip_; }
  DataRate Bitrate(Timestamp now) const { return rate_.Rate(now); }
  ReceivedStreamStats Stats(Timestamp now) const;

 private:
  struct Counts {
    int64_t expected = 0;
    int64_t received = 0;  // without repairs
    int64_t repaired = 0;
  };

  ArrivalResult Restart(uint16_t first_sequence, uint16_t sequence);
  ArrivalResult OnStray(uint16_t sequence, ArrivalVerdict verdict, bool repaired);
  void Advance(int64_t index);
  bool IsForeign(uint32_t rtp_timestamp, bool seen) const;
  void TrackTiming(uint32_t rtp_timestamp, Timestamp arrival);
  void TrackTimestamp(uint32_t rtp_timestamp);
  Counts Current() const;

  bool Seen(int64_t index) const;
  void Mark(int64_t index);
  void Unmark(int64_t index);

  const Ssrc ssrc_;
  const uint32_t clock_rate_;

  bool started_ = false;
  int64_t base_ = 0;    // where the present numbering begins
  int64_t newest_ = 0;  // the largest index accepted
  std::array<uint64_t, kWindow / 64> seen_{};
  std::optional<uint16_t> stray_first_;  // of a run that may be a new numbering
  uint16_t stray_last_ = 0;

  uint32_t newest_timestamp_ = 0;
  std::optional<Timestamp> last_arrival_;
  std::optional<Timestamp> jitter_arrival_;  // of the packet with jitter_timestamp_
  uint32_t jitter_timestamp_ = 0;
  uint32_t jitter_q4_ = 0;  // ticks * 16

  int64_t expected_before_ = 0;  // in numberings that ended
  uint64_t packets_ = 0;
  uint64_t bytes_ = 0;
  uint64_t repaired_ = 0;
  uint64_t duplicates_ = 0;
  uint64_t discarded_ = 0;
  uint32_t restarts_ = 0;
  Counts reported_;  // at the last report
  RateCounter rate_;
  Score score_;

  CompactNtp last_sr_;
  Timestamp last_sr_arrival_;
  std::optional<TimeDelta> round_trip_;
};

}  // namespace sfu
