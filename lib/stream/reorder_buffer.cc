// The window is a ring of slots addressed by the unwrapped sequence number. Each held packet knows
// the earliest arrival among itself and all behind it, so the deadline of any gap is read from the
// packet right behind the gap.
#include "stream/reorder_buffer.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sfu {
namespace {
constexpr int64_t kFirstSlots = 32;
}  // namespace

void ReorderBuffer::SetLatency(TimeDelta latency) {
  latency_ = std::clamp(latency, TimeDelta::Zero(), kMaxLatency);
}

void ReorderBuffer::Push(std::span<const RtpBatchEntry> entries, Timestamp now,
                         std::vector<OrderedPacket>& out) {
  for (const RtpBatchEntry& entry : entries) Insert(entry, now, out);
  Poll(now, out);
}

void ReorderBuffer::Poll(Timestamp now, std::vector<OrderedPacket>& out) {
  ReleaseReady(out);
  while (held_ > 0 && At(first_held_).first_behind + latency_ <= now) {
    SkipGap();
    ReleaseReady(out);
  }
}

Timestamp ReorderBuffer::NextDeadline() const {
  return held_ == 0 ? Timestamp::Never() : At(first_held_).first_behind + latency_;
}

void ReorderBuffer::Flush(std::vector<OrderedPacket>& out) {
  ReleaseReady(out);
  while (held_ > 0) {
    SkipGap();
    ReleaseReady(out);
  }
}

void ReorderBuffer::Reset() {
  for (Slot& slot : slots_) slot.packet.Reset();
  held_ = 0;
  highest_ = next_ - 1;
  pending_lost_ = 0;
  started_ = false;
  discont_ = true;
  restart_expected_ = false;
}

void ReorderBuffer::Insert(const RtpBatchEntry& entry, Timestamp now,
                           std::vector<OrderedPacket>& out) {
  if (!started_) {
    started_ = true;
    next_ = entry.sequence_number;
    highest_ = next_ - 1;
  }
  const auto next = SeqNum(static_cast<uint16_t>(next_));
  const int ahead = SeqNum(entry.sequence_number).DistanceFrom(next);
  if (ahead < -kMaxSpan) {
    if (!BeginsAnew(entry.sequence_number)) {
      ++stats_.late;
      return;
    }
    Flush(out);
    ++stats_.resyncs;
    next_ = entry.sequence_number;
    highest_ = next_ - 1;
    discont_ = true;
    Store(next_, entry, now);
    return;
  }
  restart_expected_ = false;
  if (ahead < 0) {
    ++stats_.late;
    return;
  }
  const int64_t sequence = next_ + ahead;
  // Full: the oldest gaps are given up until the new packet fits.
  while (held_ > 0 && sequence - next_ >= kMaxSpan) {
    ++stats_.overflows;
    SkipGap();
    ReleaseReady(out);
  }
  if (sequence - next_ >= kMaxSpan) {
    pending_lost_ += static_cast<uint32_t>(sequence - next_);
    stats_.lost += static_cast<uint64_t>(sequence - next_);
    next_ = sequence;
    highest_ = sequence - 1;
  }
  Store(sequence, entry, now);
  if (sequence == next_) ReleaseReady(out);
}

// A stream that was restarted by its sender lies far behind: believed when two packets in a row
// agree, so that one stray packet does no harm (as RFC 3550, appendix A.1).
bool ReorderBuffer::BeginsAnew(uint16_t sequence_number) {
  const bool agree = restart_expected_ && restart_sequence_ == sequence_number;
  restart_expected_ = !agree;
  restart_sequence_ = static_cast<uint16_t>(sequence_number + 1);
  return agree;
}

void ReorderBuffer::Store(int64_t sequence, const RtpBatchEntry& entry, Timestamp now) {
  Grow(std::max(sequence, highest_) - next_ + 1);
  Slot& slot = At(sequence);
  if (slot.packet) {
    ++stats_.duplicates;
    return;
  }
  slot.first_behind = FirstBehind(sequence, now);
  slot.packet = RtpPacketRef(entry.packet);
  slot.entry = entry;
  first_held_ = held_ == 0 ? sequence : std::min(first_held_, sequence);
  highest_ = std::max(highest_, sequence);
  ++held_;
}

Timestamp ReorderBuffer::FirstBehind(int64_t sequence, Timestamp now) const {
  for (int64_t behind = std::max(sequence + 1, first_held_); behind <= highest_; ++behind) {
    if (At(behind).packet) return At(behind).first_behind;
  }
  return now;
}

void ReorderBuffer::ReleaseReady(std::vector<OrderedPacket>& out) {
  while (held_ > 0 && first_held_ == next_) Release(out);
}

void ReorderBuffer::SkipGap() {
  const auto lost = static_cast<uint32_t>(first_held_ - next_);
  pending_lost_ += lost;
  stats_.lost += lost;
  next_ = first_held_;
}

void ReorderBuffer::Release(std::vector<OrderedPacket>& out) {
  Slot& slot = At(next_);
  out.push_back({std::move(slot.packet), slot.entry, pending_lost_, discont_ || pending_lost_ > 0});
  pending_lost_ = 0;
  discont_ = false;
  ++stats_.delivered;
  ++next_;
  --held_;
  if (held_ == 0) {
    highest_ = next_ - 1;
    return;
  }
  first_held_ = next_;
  while (!At(first_held_).packet) ++first_held_;
}

void ReorderBuffer::Grow(int64_t span) {
  if (span <= static_cast<int64_t>(slots_.size())) return;
  const auto size = static_cast<size_t>(
      std::max(kFirstSlots, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(span)))));
  std::vector<Slot> larger(size);
  for (int64_t sequence = next_; sequence <= highest_; ++sequence) {
    Slot& slot = At(sequence);
    if (slot.packet) larger[static_cast<size_t>(sequence) & (size - 1)] = std::move(slot);
  }
  slots_ = std::move(larger);
}

}  // namespace sfu
