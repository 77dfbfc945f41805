// What one transport sent under transport-wide sequence numbers, and what the peer's feedback says
// became of it (draft-holmer-rmcat-transport-wide-cc-extensions-01).
//
// Sans-I/O; one Worker. A transport that numbers nothing has no log: the memory comes with the
// first packet and grows with what is under way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "rtp/rtcp/transport_feedback.h"
#include "rtp/sequence.h"

namespace sfu {

// What feedback said of one packet.
struct SentPacketResult {
  SeqNum sequence;
  uint16_t size = 0;  // bytes of the datagram
  Timestamp sent;     // our clock, to the microsecond
  // On the peer's clock, of which only differences mean something; nothing: lost so far.
  std::optional<Timestamp> arrival;
};

struct SentPacketLogStats {
  uint64_t packets_sent = 0;
  uint64_t feedbacks = 0;               // understood
  uint64_t packets_acked = 0;           // that arrived
  uint64_t bytes_acked = 0;             // of those
  uint64_t packets_lost = 0;            // that did not, as far as is known now
  uint64_t statuses_ignored = 0;        // about packets that were not sent, or are forgotten
  std::optional<double> fraction_lost;  // 0..1, over the last second that had feedback
};

class SentPacketLog {
 public:
  // Packets that are remembered, a power of two: 1.5 s of 30 Mbit/s. 32 KiB then; feedback is about
  // the last quarter of a second and the round trip.
  static constexpr size_t kMaxPackets = 4096;
  // What is not reported by then need not be remembered as long as there is no room.
  static constexpr TimeDelta kMaxAge = TimeDelta::Millis(1500);
  // A reference time that is so far from where it should be by our clock begins a new time line.
  static constexpr TimeDelta kMaxClockJump = TimeDelta::Seconds(60);

  // The number for the next packet; OnSent() says that it was sent, `size` bytes on the wire.
  uint16_t next_sequence() const { return next_; }
  void OnSent(size_t size, Timestamp now);

  // `received` is what TransportFeedback::Parse() found. Tells `each` (may be empty) what is new,
  // in order of sequence: packets that arrived, and those that are reported as lost for the first
  // time. One that was lost may arrive in a later feedback.
  using ResultFunction = std::function<void(const SentPacketResult&)>;
  void OnFeedback(const rtcp::TransportFeedback& feedback,
                  std::span<const rtcp::TransportFeedback::Received> received, Timestamp now,
                  const ResultFunction& each);

  const SentPacketLogStats& stats() const { return stats_; }
  // Bytes on the heap.
  size_t heap_size() const { return packets_.capacity() * sizeof(Packet); }

 private:
  static constexpr size_t kFirstPackets = 128;
  static constexpr TimeDelta kLossInterval = TimeDelta::Seconds(1);

  enum class Status : uint8_t { kNotReported, kLost, kReceived };
  struct Packet {
    uint32_t sent_us = 0;  // modulo 2^32
    uint16_t size = 0;
    Status status = Status::kNotReported;
  };

  Packet& At(uint16_t sequence) { return packets_[sequence & (packets_.size() - 1)]; }
  void MakeRoom(Timestamp now);
  Timestamp ReferenceOf(uint32_t reference_time, Timestamp now);
  void Settle(uint16_t sequence, std::optional<Timestamp> arrival, Timestamp now,
              const ResultFunction& each);
  void MeasureLoss(Timestamp now);

  std::vector<Packet> packets_;  // size is 0 or a power of two
  size_t count_ = 0;             // the last so many numbers are in it
  uint16_t next_ = 0;

  // The peer's clock.
  rtcp::ReferenceTime reference_;
  std::optional<TimeDelta> clock_offset_;  // at the beginning of its time line

  // What fraction_lost is measured over.
  Timestamp interval_start_;
  uint64_t interval_acked_ = 0;
  uint64_t interval_lost_ = 0;

  SentPacketLogStats stats_;
};

}  // namespace sfu
