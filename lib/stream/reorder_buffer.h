// Ordered delivery for branches that are not ours (depayloaders, muxers): packets leave in order of
// their outgoing sequence number, after waiting for repairs no longer than the branch's latency.
//
// In-order packets pass at once. At a gap the buffer waits until `latency` after the arrival of the
// first packet behind it, then gives the gap up and says so. Sans-I/O, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "rtp/rtp_packet.h"
#include "rtp/sequence.h"
#include "stream/rtp_batch.h"

namespace sfu {

// A packet in its turn. `entry.packet` is kept alive by `packet`.
struct OrderedPacket {
  RtpPacketRef packet;
  RtpBatchEntry entry;
  uint32_t lost_before = 0;  // packets given up right before this one
  bool discont = false;      // the first one, or one behind a gap
};

struct ReorderStats {
  uint64_t delivered = 0;
  uint64_t lost = 0;        // given up; a packet that comes after that is also counted in `late`
  uint64_t late = 0;        // came after its gap was given up: dropped
  uint64_t duplicates = 0;  // dropped
  uint64_t overflows = 0;   // gaps given up early because the buffer was full
  uint64_t resyncs = 0;     // the sequence numbers began anew elsewhere
};

class ReorderBuffer {
 public:
  // The most patient branch there may be.
  static constexpr TimeDelta kMaxLatency = TimeDelta::Seconds(10);
  // The span of sequence numbers held while waiting: 10 s of 800 packets/s. 384 KiB when it grows
  // that far. When it is full the oldest gap is given up. A power of two.
  static constexpr int64_t kMaxSpan = 8192;

  // `latency` is clamped to 0..kMaxLatency. With 0 order is made only within one Push().
  explicit ReorderBuffer(TimeDelta latency) { SetLatency(latency); }

  // Takes effect for the present gap with the next call of Push() or Poll().
  void SetLatency(TimeDelta latency);
  TimeDelta latency() const { return latency_; }

  // Takes entries in order of arrival, with a reference of its own to each packet, and appends to
  // `out` what may leave now. `out` is the caller's, so that its memory can be used again.
  void Push(std::span<const RtpBatchEntry> entries, Timestamp now, std::vector<OrderedPacket>& out);
  // Appends what may leave now because a deadline has passed.
  void Poll(Timestamp now, std::vector<OrderedPacket>& out);
  // When to call Poll(); Never() when nothing waits.
  Timestamp NextDeadline() const;

  // Appends all that is held, giving up the gaps: for the end of the stream.
  void Flush(std::vector<OrderedPacket>& out);
  // Drops all that is held; the next packet begins anew.
  void Reset();

  size_t held() const { return held_; }
  const ReorderStats& stats() const { return stats_; }

 private:
  struct Slot {
    RtpPacketRef packet;
    RtpBatchEntry entry;
    // The earliest arrival among this packet and those with higher sequence numbers.
    Timestamp first_behind;
  };

  void Insert(const RtpBatchEntry& entry, Timestamp now, std::vector<OrderedPacket>& out);
  bool BeginsAnew(uint16_t sequence_number);
  void Store(int64_t sequence, const RtpBatchEntry& entry, Timestamp now);
  Timestamp FirstBehind(int64_t sequence, Timestamp now) const;
  void ReleaseReady(std::vector<OrderedPacket>& out);
  void SkipGap();
  void Release(std::vector<OrderedPacket>& out);
  void Grow(int64_t span);
  Slot& At(int64_t sequence) { return slots_[static_cast<size_t>(sequence) & (slots_.size() - 1)]; }
  const Slot& At(int64_t sequence) const {
    return slots_[static_cast<size_t>(sequence) & (slots_.size() - 1)];
  }

  TimeDelta latency_;
  std::vector<Slot> slots_;  // size is 0 or a power of two; only next_..highest_ is in use
  int64_t next_ = 0;         // sequence number that is to leave next, unwrapped
  int64_t highest_ = -1;     // highest held; below next_ when nothing is
  int64_t first_held_ = 0;   // lowest held; meaningful while held_ > 0
  size_t held_ = 0;
  uint32_t pending_lost_ = 0;
  bool started_ = false;
  bool discont_ = true;
  bool restart_expected_ = false;  // the last packet was far behind
  uint16_t restart_sequence_ = 0;  // and this one would follow it
  ReorderStats stats_;
};

}  // namespace sfu
