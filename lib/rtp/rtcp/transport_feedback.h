// Transport-wide congestion feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): which of
// a range of packets arrived, and when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

// A feedback as received.
struct TransportFeedback {
  // Arrival times are in ticks, the reference time in its own larger unit.
  static constexpr TimeDelta kTick = TimeDelta::Micros(250);
  static constexpr TimeDelta kReferenceUnit = TimeDelta::Millis(64);

  struct Received {
    SeqNum sequence;
    TimeDelta arrival;  // after the reference time; below zero if it was before
  };

  Ssrc sender_ssrc = 0;
  Ssrc media_ssrc = 0;
  SeqNum base_sequence;         // the first packet reported on
  uint16_t status_count = 0;    // packets reported on, 1..65535
  uint32_t reference_time = 0;  // in kReferenceUnit, 24 bits; see ReferenceTime
  uint8_t feedback_count = 0;   // one more with each feedback; wraps

  // `received` is replaced by the packets that arrived, in order of sequence: at most one per byte
  // of datagram, whatever the status count claims. All others of the range were lost so far.
  // Nothing (and `received` empty) if the chunks cover fewer packets than the status count, an
  // arrival has no delta, or a status has the reserved value.
  static std::optional<TransportFeedback> Parse(const CommonHeader& header, ByteView body,
                                                std::vector<Received>& received);
};

// Follows the 24-bit reference time of one peer, which wraps every 12.4 days.
class ReferenceTime {
 public:
  // The peer's clock at this reference time. Only differences mean something; each value is taken
  // as the nearest one to the last.
  Timestamp Unwrap(uint32_t reference_time);

 private:
  std::optional<int64_t> last_;  // in kReferenceUnit
};

// A feedback to be sent. Keeps its memory from one feedback to the next.
class TransportFeedbackBuilder {
 public:
  // `max_size` bounds the whole packet, in bytes.
  explicit TransportFeedbackBuilder(size_t max_size = 1200) : max_size_(max_size) {}

  // Begins a feedback with the packet `base_sequence` (unwrapped), received or not.
  void Start(Ssrc sender_ssrc, Ssrc media_ssrc, uint8_t feedback_count, int64_t base_sequence);

  // Adds a packet that arrived; those between it and the one before are reported as lost. False,
  // and nothing changed, if the sequence does not ascend, the feedback would grow too large, or the
  // distance in time to the one before is more than 8.19 s: then send this one and start the next.
  bool Add(int64_t sequence, Timestamp arrival);

  bool empty() const { return items_.empty(); }
  // Where the next feedback begins: behind the last packet added.
  int64_t next_sequence() const { return base_sequence_ + StatusCount(); }

  // False if it does not fit or no packet was added.
  bool Write(ByteWriter& writer) const;

 private:
  struct Item {
    uint16_t offset;  // of the sequence number, from the base
    int16_t delta;    // in ticks, from the arrival before (from the reference time for the first)
    uint8_t Symbol() const { return delta >= 0 && delta <= 255 ? 1 : 2; }
  };
  // A place in the row of statuses: `item` is the first one at or behind `offset`.
  struct Cursor {
    size_t offset = 0;
    size_t item = 0;
  };

  int64_t StatusCount() const { return items_.empty() ? 0 : items_.back().offset + 1; }
  size_t RunLength(Cursor at) const;
  uint8_t SymbolAt(Cursor at) const;
  Cursor Advance(Cursor at, size_t symbols) const;
  // The chunk that begins at the cursor, which moves behind it.
  uint16_t NextChunk(Cursor& at) const;
  bool FillVector(Cursor at, size_t capacity, uint8_t max_symbol, uint16_t& bits) const;

  size_t max_size_;
  Ssrc sender_ssrc_ = 0;
  Ssrc media_ssrc_ = 0;
  uint8_t feedback_count_ = 0;
  int64_t base_sequence_ = 0;
  int64_t reference_ = 0;     // in kReferenceUnit
  int64_t last_tick_ = 0;     // of the last arrival
  size_t chunk_symbols_ = 0;  // 7 of them never need more than one chunk
  size_t delta_bytes_ = 0;
  std::vector<Item> items_;  // bounded by max_size_: each has a byte of delta at least
};

}  // namespace sfu::rtcp
