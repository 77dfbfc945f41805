// The packet ring. It starts small and doubles while the stream needs it, so an audio stream costs
// little.
#include "stream/packet_ring.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sfu {
namespace {
constexpr size_t kFirstSlots = 64;
}  // namespace

void PacketRing::Insert(RtpPacketRef packet) {
  const int64_t index = packet->index;
  if (count_ == 0) oldest_ = newest_ = index;
  if (index <= newest_ - static_cast<int64_t>(kMaxPackets)) return;
  // A jump ahead empties what falls out of the largest window, slot by slot at most kMaxPackets
  // times.
  while (count_ > 0 && index - oldest_ >= static_cast<int64_t>(kMaxPackets)) DropOldest();
  if (count_ == 0) oldest_ = newest_ = index;
  oldest_ = std::min(oldest_, index);
  newest_ = std::max(newest_, index);
  const auto span = static_cast<size_t>(newest_ - oldest_ + 1);
  if (span > kMaxPackets) return;
  if (span > slots_.size()) Grow(std::max(kFirstSlots, std::bit_ceil(span)));
  const Timestamp now = packet->arrival;
  RtpPacketRef& slot = slots_[Slot(index)];
  if (!slot) ++count_;
  slot = std::move(packet);
  Expire(now);
}

const RtpPacket* PacketRing::Find(int64_t index) const {
  if (count_ == 0 || index < oldest_ || index > newest_) return nullptr;
  const RtpPacket* packet = slots_[Slot(index)].get();
  return packet != nullptr && packet->index == index ? packet : nullptr;
}

void PacketRing::Expire(Timestamp now) {
  while (count_ > 0) {
    const RtpPacketRef& slot = slots_[Slot(oldest_)];
    if (slot && slot->arrival + retention_ > now) return;
    DropOldest();
  }
}

void PacketRing::Clear() {
  slots_.clear();
  slots_.shrink_to_fit();
  count_ = 0;
}

void PacketRing::Grow(size_t slots) {
  std::vector<RtpPacketRef> larger(slots);
  for (RtpPacketRef& packet : slots_) {
    if (!packet) continue;
    const auto slot = static_cast<size_t>(packet->index) & (slots - 1);
    larger[slot] = std::move(packet);
  }
  slots_ = std::move(larger);
}

void PacketRing::DropOldest() {
  RtpPacketRef& slot = slots_[Slot(oldest_)];
  if (slot) {
    slot.Reset();
    --count_;
  }
  ++oldest_;
}

}  // namespace sfu
