// Removal moves later entries of the same run back, so there are no tombstones to clean up.
#include "ice/tuple_table.h"

#include <array>
#include <cstring>
#include <utility>

namespace sfu {
namespace {

constexpr size_t kInitialSlots = 64;

uint64_t Word(const SocketAddress& address, size_t offset) {
  uint64_t word = 0;
  std::memcpy(&word, address.bytes().data() + offset, sizeof(word));
  return word;
}

uint64_t FamilyBits(const SocketAddress& address) { return address.is_ipv6() ? 1 : 0; }

}  // namespace

TupleTable::TupleTable(const SipKey& key)
    : key_(key), slots_(kInitialSlots), mask_(kInitialSlots - 1) {}

uint64_t TupleTable::Hash(const IceTuple& tuple) const {
  const SocketAddress& local = tuple.local;
  const SocketAddress& remote = tuple.remote;
  const std::array<uint64_t, 5> words = {Word(remote, 0), Word(remote, 8), Word(local, 0),
                                         Word(local, 8),
                                         uint64_t{local.scope_id()} << 32 | remote.scope_id()};
  const uint64_t tail = uint64_t{remote.port()} | uint64_t{local.port()} << 16 |
                        FamilyBits(remote) << 32 | FamilyBits(local) << 33 |
                        static_cast<uint64_t>(tuple.protocol) << 34;
  return SipHash<1, 3>(key_, words, tail);
}

IceTupleEntry* TupleTable::Find(const IceTuple& tuple, uint64_t hash) const {
  for (size_t i = hash & mask_; slots_[i].entry != nullptr; i = (i + 1) & mask_) {
    if (slots_[i].hash == hash && slots_[i].entry->tuple == tuple) return slots_[i].entry;
  }
  return nullptr;
}

void TupleTable::Add(IceTupleEntry* entry) {
  if ((size_ + 1) * 2 > slots_.size()) Grow();
  Insert(entry);
  ++size_;
}

void TupleTable::Insert(IceTupleEntry* entry) {
  size_t i = entry->hash & mask_;
  while (slots_[i].entry != nullptr) i = (i + 1) & mask_;
  slots_[i] = {entry->hash, entry};
}

void TupleTable::Grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.entry != nullptr) Insert(slot.entry);
  }
}

void TupleTable::Remove(const IceTupleEntry* entry) {
  size_t hole = entry->hash & mask_;
  while (slots_[hole].entry != entry) {
    if (slots_[hole].entry == nullptr) return;
    hole = (hole + 1) & mask_;
  }
  for (size_t i = (hole + 1) & mask_; slots_[i].entry != nullptr; i = (i + 1) & mask_) {
    // An entry may move to the hole if that is not before the place where its probing begins.
    const size_t distance = (i - slots_[i].hash) & mask_;
    if (distance >= ((i - hole) & mask_)) {
      slots_[hole] = slots_[i];
      hole = i;
    }
  }
  slots_[hole] = {};
  --size_;
}

}  // namespace sfu
