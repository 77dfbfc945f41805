// What one stream sent to one receiver, for retransmissions: not the packets, but a run-length map
// from this receiver's sequence numbers to the places of the packets in the ring they came from.
//
// A stream that is forwarded as it comes is one run however long it lasts, so a history costs next
// to nothing. A run ends where the mapping changes: a packet was left out (a dropped temporal
// layer), the source was switched, the stream resumed after a pause.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "rtp/codecs/vp8_rewriter.h"
#include "stream/rtp_batch.h"

namespace sfu {

class SentHistory {
 public:
  // Runs kept, the one that grows included; the oldest fall out. With every second packet left out
  // each packet is a run, and this is 2 s of 256 packets/s; 12 KiB then. Temporal layers leave out
  // whole frames, some 60 a second at most.
  static constexpr size_t kMaxRuns = 512;
  // Rings that runs may lie in: three simulcast streams and the source before a switch.
  static constexpr size_t kMaxRings = 4;
  // How far behind the newest packet a sequence number still names what was sent.
  static constexpr uint32_t kMaxAge = 0x7FFF;

  // Takes note of what was sent, in order. Entries without a ring cannot be found again. Cheap for
  // what continues the newest run and for what comes late or reordered inside a known one; a late
  // packet with a mapping of its own costs an insertion.
  void Record(const RtpBatch& batch);

  // The packet that was sent as `sequence_number`, if it still stands in its ring. It is borrowed
  // from the ring: take a reference to keep it.
  std::optional<RtpBatchEntry> Find(uint16_t sequence_number) const;

  // Forgets all and lets go of the rings.
  void Clear();

  size_t run_count() const { return older_.size() + (started_ ? 1 : 0); }
  // Bytes on the heap.
  size_t heap_size() const { return older_.capacity() * sizeof(Run); }

 private:
  static constexpr uint8_t kNoRing = 0xFF;

  // What is the same for all packets of a run: the sent value minus the received one, modulo.
  struct Mapping {
    uint32_t index = 0;  // place in the ring minus sequence number sent, modulo 2^32
    uint32_t timestamp = 0;
    Ssrc source = 0;  // a ring that began anew under the same numbers has another one
    Vp8Offsets vp8;   // of entries that rewrite_vp8
    uint8_t ring = kNoRing;
    bool rewrite_vp8 = false;
    bool flip_marker = false;
    bool operator==(const Mapping&) const = default;
  };
  // Covers the sequence numbers from `first` to the next run's.
  struct Run {
    uint32_t first = 0;  // unwrapped, modulo 2^32
    Mapping mapping;
  };

  static Mapping MappingOf(const RtpBatchEntry& entry, uint32_t sequence, uint8_t ring);
  static std::optional<RtpBatchEntry> Apply(const Mapping& mapping, const PacketRing& ring,
                                            uint32_t sequence);
  uint32_t Unwrap(uint16_t sequence_number) const;
  uint8_t RingSlot(const std::shared_ptr<const PacketRing>& ring);
  void Append(uint32_t sequence, const Mapping& mapping);
  void RecordLate(uint32_t sequence, const Mapping& mapping);
  // The run that covers the sequence number; null when it is older than all runs.
  const Run* RunAt(uint32_t sequence) const;
  void InsertSingle(uint32_t sequence, const Mapping& mapping);
  void MakeRoom(size_t runs);
  bool IsGone(const Run& run, uint32_t end) const;
  void ForgetRuns(size_t count);
  void ReleaseUnusedRings();

  Run current_;             // the newest run, so that the plain case needs no heap
  std::vector<Run> older_;  // before it, in order of `first`
  std::array<std::shared_ptr<const PacketRing>, kMaxRings> rings_;
  uint32_t newest_ = 0;  // the newest sequence number sent, unwrapped modulo 2^32
  bool started_ = false;
  bool rings_to_release_ = false;  // runs were forgotten; not done at once, for a new run's ring
};

}  // namespace sfu
