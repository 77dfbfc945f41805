// Open addressing with linear probing; the runs are closed up again when an entry goes.
#include "transport/ssrc_table.h"

#include <algorithm>
#include <utility>

namespace sfu {

const SsrcTable::Entry* SsrcTable::Find(Ssrc ssrc) const {
  if (size_ == 0) return nullptr;
  for (size_t i = Home(ssrc); slots_[i].receiver != nullptr; i = (i + 1) & mask()) {
    if (slots_[i].ssrc == ssrc) return &slots_[i];
  }
  return nullptr;
}

bool SsrcTable::Insert(const Entry& entry) {
  if (Find(entry.ssrc) != nullptr || (entry.learnt && learnt_ >= kMaxLearnt)) return false;
  if ((size_ + 1) * 2 > slots_.size()) Grow();
  Place(entry);
  ++size_;
  if (entry.learnt) ++learnt_;
  return true;
}

void SsrcTable::Place(const Entry& entry) {
  size_t i = Home(entry.ssrc);
  while (slots_[i].receiver != nullptr) i = (i + 1) & mask();
  slots_[i] = entry;
}

void SsrcTable::Grow() {
  constexpr size_t kFirstSize = 16;
  const std::vector<Entry> old =
      std::exchange(slots_, std::vector<Entry>(std::max(kFirstSize, slots_.size() * 2)));
  for (const Entry& entry : old) {
    if (entry.receiver != nullptr) Place(entry);
  }
}

void SsrcTable::Erase(Ssrc ssrc) {
  const Entry* found = Find(ssrc);
  if (found == nullptr) return;
  --size_;
  if (found->learnt) --learnt_;
  size_t hole = static_cast<size_t>(found - slots_.data());
  slots_[hole] = {};
  for (size_t i = (hole + 1) & mask(); slots_[i].receiver != nullptr; i = (i + 1) & mask()) {
    // One that was driven past the hole from its home moves back.
    const size_t from_home = (i - Home(slots_[i].ssrc)) & mask();
    if (from_home < ((i - hole) & mask())) continue;
    slots_[hole] = std::exchange(slots_[i], {});
    hole = i;
  }
}

void SsrcTable::EraseAllOf(const RtpReceiver* receiver) {
  // Erase() moves others about, so that each find begins anew; a receiver has two at most.
  const auto is_own = [&](const Entry& entry) { return entry.receiver == receiver; };
  for (auto it = std::find_if(slots_.begin(), slots_.end(), is_own); it != slots_.end();
       it = std::find_if(slots_.begin(), slots_.end(), is_own)) {
    Erase(it->ssrc);
  }
}

}  // namespace sfu
