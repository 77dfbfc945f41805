// An address may be used again by another ring: the weak pointer beside it tells.
#include "stream/far_rings.h"

namespace sfu {

std::shared_ptr<PacketRing> FarRings::For(const std::shared_ptr<const PacketRing>& origin,
                                          Ssrc ssrc, TimeDelta retention) {
  const auto key = std::make_pair(origin.get(), ssrc);
  if (const auto known = rings_.find(key); known != rings_.end()) {
    if (auto ring = known->second.ring.lock(); ring && !known->second.origin.expired()) return ring;
  }
  std::erase_if(rings_, [](const auto& item) { return item.second.ring.expired(); });
  auto made = std::make_shared<PacketRing>(retention);
  rings_[key] = {origin, made};
  return made;
}

void FarHistory::Adopt(RtpBatch* batch, TimeDelta retention) {
  if (batch->ring == nullptr || batch->entries.empty()) return;
  if (batch->encoding >= kMaxBatchEncodings) {
    batch->ring = nullptr;
    return;
  }
  if (encodings_.size() <= batch->encoding) encodings_.resize(batch->encoding + size_t{1});
  Encoding& own = encodings_[batch->encoding];
  const Ssrc ssrc = batch->entries.front().packet->header.ssrc;
  if (own.ring == nullptr || ssrc != own.ssrc || own.origin.lock() != batch->ring) {
    own = {batch->ring, ssrc, rings_->For(batch->ring, ssrc, retention)};
  }
  for (const RtpBatchEntry& entry : batch->entries) {
    // Others on this Worker may have brought it already.
    if (own.ring->Find(entry.packet->index) != entry.packet) {
      own.ring->Insert(RtpPacketRef(entry.packet));
    }
  }
  batch->ring = own.ring;
}

}  // namespace sfu
