// One stream as it is sent to one receiver: what was sent, how it arrived there, and the answers to
// what the receiver asks for. The per-stream half of the Send station.
//
// Sans-I/O: it is told what was written and what RTCP said, and says which packets to send again.
// It writes no packet itself (stream/packet_writer.h). One Worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/data_rate.h"
#include "base/time.h"
#include "rtp/ntp_time.h"
#include "rtp/rtcp/report_block.h"
#include "rtp/sequence.h"
#include "stream/packet_writer.h"
#include "stream/rate_counter.h"
#include "stream/repair_limiter.h"
#include "stream/rtp_batch.h"
#include "stream/score.h"
#include "stream/sent_history.h"

namespace sfu {

struct SentStreamOptions {
  Ssrc ssrc = 0;
  uint32_t clock_rate = 90000;  // Hz, > 0
  bool nack = true;             // the receiver may ask for packets again
  // RTX (RFC 4588). Without a payload type, packets are sent again as they were.
  int rtx_payload_type = -1;
  Ssrc rtx_ssrc = 0;
  uint16_t rtx_first_sequence = 0;  // should be random
  // How much of what the stream sends may be sent again: bytes in one second by bytes in that
  // second. RepairLimiter::kFloorBytes are always allowed.
  double repair_share = 0.25;
};

// The names and meanings of W3C webrtc-stats: outbound-rtp, and remote-inbound-rtp from
// `fraction_lost` on.
struct SentStreamStats {
  uint64_t packets_sent = 0;       // with retransmissions
  uint64_t bytes_sent = 0;         // payload bytes, with retransmissions
  uint64_t header_bytes_sent = 0;  // RTP headers and padding
  uint64_t retransmitted_packets_sent = 0;
  uint64_t retransmitted_bytes_sent = 0;  // payload bytes
  uint32_t nack_count = 0;                // RTCP packets received, as are the next two
  uint32_t pli_count = 0;
  uint32_t fir_count = 0;
  uint64_t nacked_packets = 0;     // sequence numbers asked for
  uint64_t repairs_not_found = 0;  // of those: not sent, or no longer in the ring
  uint64_t repairs_repeated = 0;   // of those: asked again within a round trip
  uint64_t repairs_refused = 0;    // of those: over the budget
  DataRate bitrate;                // RTP bytes over the last second, without retransmissions

  double fraction_lost = 0;  // 0..1, of the last report
  int32_t packets_lost = 0;  // by the receiver's count; negative with duplicates
  TimeDelta jitter;
  std::optional<TimeDelta> round_trip_time;  // of the last report that had one
  TimeDelta total_round_trip_time;
  uint32_t round_trip_time_measurements = 0;
  uint32_t reports_received = 0;
  uint8_t score = Score::kBest;
};

// One packet to be sent again.
struct Repair {
  RtpBatchEntry entry;           // the packet is borrowed from its ring
  std::optional<RtxHeader> rtx;  // write it as this RTX packet; nothing: as it was
};

// What a sender report says of a stream (RFC 3550, section 6.4.1).
struct SenderInfo {
  NtpTime ntp;
  uint32_t rtp_timestamp = 0;
  uint32_t packet_count = 0;
  uint32_t octet_count = 0;
};

class SentStream {
 public:
  // Sends it, and returns the size of the RTP packet as written, SRTP not counted; 0: it could not
  // be sent.
  using RepairFunction = std::function<size_t(const Repair&)>;

  explicit SentStream(const SentStreamOptions& options) : options_(options) {
    rtx_sequence_ = options.rtx_first_sequence;
  }

  Ssrc ssrc() const { return options_.ssrc; }
  bool has_rtx() const { return options_.rtx_payload_type >= 0; }
  Ssrc rtx_ssrc() const { return options_.rtx_ssrc; }
  // Where a stream that takes this one's place must go on: under SRTP no number may come twice.
  uint16_t next_rtx_sequence() const { return rtx_sequence_; }

  // A batch was written; `rtp_bytes` is the sum of the sizes of its packets as written, headers and
  // padding included, SRTP not. Allocates nothing in the steady state.
  void OnSent(const RtpBatch& batch, size_t rtp_bytes, Timestamp now);

  // A NACK: calls `emit` for each packet that is to be sent again, within the call. Numbers may
  // repeat and may be any.
  void OnNack(std::span<const SeqNum> lost, Timestamp now, const RepairFunction& emit);
  void OnPli() { ++stats_.pli_count; }
  void OnFir() { ++stats_.fir_count; }

  // A report block about this stream, as its peer sent it; blocks about other SSRCs are ignored.
  // `ntp_now` is the time of arrival on the clock of our sender reports. True if the score changed.
  bool OnReportBlock(const rtcp::ReportBlock& block, NtpTime ntp_now);

  // The newest packet's capture, extrapolated to `now`. Nothing before the first packet.
  std::optional<SenderInfo> MakeSenderInfo(Timestamp now, const NtpClock& clock) const;

  uint8_t score() const { return score_.value(); }
  std::optional<TimeDelta> round_trip_time() const { return stats_.round_trip_time; }
  const SentHistory& history() const { return history_; }
  SentStreamStats Stats(Timestamp now) const;

  // Forgets what was sent, for a stream that is given away or paused for long: lets go of rings.
  void ForgetHistory() { history_.Clear(); }

 private:
  void NoteNewest(const RtpBatchEntry& entry);
  bool AskedTooSoon(const RtpPacket& packet, Timestamp now) const;
  void AnswerNack(SeqNum sequence, Timestamp now, const RepairFunction& emit);
  void LearnShortestRoundTrip(TimeDelta measured);
  bool UpdateScore(const rtcp::ReportBlock& block);

  const SentStreamOptions options_;
  SentHistory history_;
  std::unique_ptr<RepairLimiter> limiter_;  // made by the first NACK
  RateCounter rate_;
  Score score_;
  uint16_t rtx_sequence_;

  // What sender reports count: this SSRC only, so without RTX.
  uint32_t sr_packets_ = 0;
  uint32_t sr_octets_ = 0;

  bool sent_any_ = false;
  SeqNum newest_sequence_;
  uint32_t newest_timestamp_ = 0;
  Timestamp newest_capture_;

  uint32_t reported_highest_ = 0;        // highest_sequence of the last report
  uint64_t repairs_at_last_report_ = 0;  // retransmitted_packets_sent then

  std::optional<TimeDelta> shortest_round_trip_;  // of the last reports

  SentStreamStats stats_;
};

}  // namespace sfu
