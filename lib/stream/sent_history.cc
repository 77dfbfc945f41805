// The run-length map. All positions are unwrapped modulo 2^32 and compared by how far they lie
// behind the newest, which is right as long as no run is older than 2^31 packets; the newest run's
// start is pulled along to make sure of that.
#include "stream/sent_history.h"

#include <algorithm>

namespace sfu {
namespace {

constexpr size_t kFirstRuns = 8;

// True when `a` comes after `b`, the shorter way round.
bool IsBehind(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) > 0; }

}  // namespace

SentHistory::Mapping SentHistory::MappingOf(const RtpBatchEntry& entry, uint32_t sequence,
                                            uint8_t ring) {
  const RtpPacket& packet = *entry.packet;
  Mapping mapping;
  mapping.index = static_cast<uint32_t>(packet.index) - sequence;
  mapping.timestamp = entry.timestamp - packet.header.timestamp;
  mapping.source = packet.header.ssrc;
  mapping.ring = ring;
  mapping.flip_marker = entry.marker != packet.header.marker;
  if (entry.rewrite_vp8) {
    mapping.rewrite_vp8 = true;
    // A number that the packet does not have must not make a run of its own. The differences wrap
    // as the numbers do, at 7 or 15 bits (RFC 7741, section 4.2).
    const PayloadInfo& info = packet.info;
    if (info.picture_id_offset != 0) {
      mapping.vp8.picture_id_delta = static_cast<uint16_t>(entry.picture_id - info.picture_id) &
                                     (info.picture_id_is_15_bit ? 0x7FFF : 0x7F);
    }
    if (info.tl0_pic_idx_offset != 0) {
      mapping.vp8.tl0_delta = static_cast<uint8_t>(entry.tl0_pic_idx - info.tl0_pic_idx);
    }
  }
  return mapping;
}

std::optional<RtpBatchEntry> SentHistory::Apply(const Mapping& mapping, const PacketRing& ring,
                                                uint32_t sequence) {
  // The ring's index is 64 bits wide: take the one nearest to its newest.
  const auto behind =
      static_cast<int32_t>(static_cast<uint32_t>(ring.newest_index()) - (mapping.index + sequence));
  const RtpPacket* packet = ring.Find(ring.newest_index() - behind);
  if (packet == nullptr || packet->header.ssrc != mapping.source) return std::nullopt;
  RtpBatchEntry entry;
  entry.packet = packet;
  entry.sequence_number = static_cast<uint16_t>(sequence);
  entry.timestamp = packet->header.timestamp + mapping.timestamp;
  entry.marker = packet->header.marker != mapping.flip_marker;
  entry.rewrite_vp8 = mapping.rewrite_vp8;
  if (mapping.rewrite_vp8) {
    entry.picture_id = mapping.vp8.PictureId(packet->info);
    entry.tl0_pic_idx = mapping.vp8.Tl0PicIdx(packet->info);
  }
  return entry;
}

uint32_t SentHistory::Unwrap(uint16_t sequence_number) const {
  return newest_ +
         static_cast<uint32_t>(
             SeqNum(sequence_number).DistanceFrom(SeqNum(static_cast<uint16_t>(newest_))));
}

void SentHistory::Record(const RtpBatch& batch) {
  if (batch.entries.empty()) return;
  const uint8_t ring = RingSlot(batch.ring);
  for (const RtpBatchEntry& entry : batch.entries) {
    const uint32_t sequence = started_ ? Unwrap(entry.sequence_number) : entry.sequence_number;
    const Mapping mapping = MappingOf(entry, sequence, ring);
    if (!started_ || IsBehind(sequence, newest_)) {
      Append(sequence, mapping);
    } else {
      RecordLate(sequence, mapping);
    }
  }
  if (rings_to_release_) ReleaseUnusedRings();
}

std::optional<RtpBatchEntry> SentHistory::Find(uint16_t sequence_number) const {
  if (!started_) return std::nullopt;
  const uint32_t sequence = Unwrap(sequence_number);
  if (newest_ - sequence > kMaxAge) return std::nullopt;  // never sent, or long ago
  const Run* run = RunAt(sequence);
  if (run == nullptr || run->mapping.ring == kNoRing) return std::nullopt;
  return Apply(run->mapping, *rings_[run->mapping.ring], sequence);
}

void SentHistory::Clear() { *this = SentHistory(); }

uint8_t SentHistory::RingSlot(const std::shared_ptr<const PacketRing>& ring) {
  if (!ring) return kNoRing;
  const uint8_t current = current_.mapping.ring;
  if (current != kNoRing && rings_[current] == ring) return current;
  const auto known = std::find(rings_.begin(), rings_.end(), ring);
  if (known != rings_.end()) return static_cast<uint8_t>(known - rings_.begin());
  ReleaseUnusedRings();
  auto slot = std::find(rings_.begin(), rings_.end(), nullptr);
  // Ends, for the current run alone holds but one ring.
  while (slot == rings_.end()) {
    ForgetRuns(1);
    ReleaseUnusedRings();
    slot = std::find(rings_.begin(), rings_.end(), nullptr);
  }
  *slot = ring;
  return static_cast<uint8_t>(slot - rings_.begin());
}

void SentHistory::Append(uint32_t sequence, const Mapping& mapping) {
  newest_ = sequence;
  if (!started_) {
    started_ = true;
    current_ = {sequence, mapping};
  } else if (mapping != current_.mapping) {
    MakeRoom(1);
    older_.push_back(current_);
    current_ = {sequence, mapping};
  } else if (sequence - current_.first > 2 * kMaxAge) {
    // Keeps all positions within reach of signed comparison.
    current_.first = sequence - kMaxAge;
  } else if (!older_.empty() && sequence - current_.first > PacketRing::kMaxPackets) {
    // What was before has left its ring, or its ring has left the stream.
    ForgetRuns(older_.size());
  }
}

void SentHistory::RecordLate(uint32_t sequence, const Mapping& mapping) {
  if (newest_ - sequence > kMaxAge) return;
  const Run* run = RunAt(sequence);
  if (run != nullptr) {
    if (run->mapping != mapping) InsertSingle(sequence, mapping);
    return;
  }
  Run& first = older_.empty() ? current_ : older_.front();
  if (first.mapping == mapping) {
    first.first = sequence;
  } else {
    InsertSingle(sequence, mapping);
  }
}

const SentHistory::Run* SentHistory::RunAt(uint32_t sequence) const {
  if (!IsBehind(current_.first, sequence)) return &current_;
  const auto after =
      std::upper_bound(older_.begin(), older_.end(), sequence,
                       [](uint32_t value, const Run& run) { return IsBehind(run.first, value); });
  return after == older_.begin() ? nullptr : &*std::prev(after);
}

// Makes a run of one packet inside another run, or before all runs.
void SentHistory::InsertSingle(uint32_t sequence, const Mapping& mapping) {
  MakeRoom(3);
  const Run* around = RunAt(sequence);
  // Before all runs nothing is known of what follows the packet.
  const Mapping rest = around != nullptr ? around->mapping : Mapping();
  older_.push_back(current_);
  auto next =
      std::upper_bound(older_.begin(), older_.end(), sequence,
                       [](uint32_t value, const Run& run) { return IsBehind(run.first, value); });
  if (next == older_.end() || next->first != sequence + 1) {
    next = older_.insert(next, {sequence + 1, rest});
  }
  if (next != older_.begin() && std::prev(next)->first == sequence) {
    std::prev(next)->mapping = mapping;
  } else {
    older_.insert(next, {sequence, mapping});
  }
  current_ = older_.back();
  older_.pop_back();
}

// Room for so many more runs: first by forgetting those whose packets are gone, then by growing.
void SentHistory::MakeRoom(size_t runs) {
  if (older_.size() + runs <= older_.capacity() && run_count() + runs <= kMaxRuns) return;
  size_t gone = 0;
  while (gone < older_.size()) {
    const uint32_t end = gone + 1 < older_.size() ? older_[gone + 1].first : current_.first;
    if (!IsGone(older_[gone], end)) break;
    ++gone;
  }
  // At the bound many are forgotten at once, so that the cost is spread over as many packets.
  if (run_count() - gone + runs > kMaxRuns) gone = std::max(gone, older_.size() / 4 + 1);
  if (gone > 0) ForgetRuns(gone);
  if (older_.size() + runs > older_.capacity()) {
    older_.reserve(std::min(kMaxRuns, std::max(kFirstRuns, 2 * older_.capacity())));
  }
}

// True when no packet of the run, which ends before `end`, can be found any more.
bool SentHistory::IsGone(const Run& run, uint32_t end) const {
  if (run.mapping.ring == kNoRing || newest_ - end > kMaxAge) return true;
  const PacketRing& ring = *rings_[run.mapping.ring];
  return ring.empty() ||
         IsBehind(static_cast<uint32_t>(ring.oldest_index()), run.mapping.index + end - 1);
}

void SentHistory::ForgetRuns(size_t count) {
  older_.erase(older_.begin(), older_.begin() + static_cast<std::ptrdiff_t>(count));
  rings_to_release_ = true;
}

void SentHistory::ReleaseUnusedRings() {
  std::array<bool, kMaxRings> used{};
  if (current_.mapping.ring != kNoRing) used[current_.mapping.ring] = true;
  for (const Run& run : older_) {
    if (run.mapping.ring != kNoRing) used[run.mapping.ring] = true;
  }
  for (size_t i = 0; i < kMaxRings; ++i) {
    if (!used[i]) rings_[i].reset();
  }
  rings_to_release_ = false;
}

}  // namespace sfu
