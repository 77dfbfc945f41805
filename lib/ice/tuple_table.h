// From a datagram's protocol and addresses to the session that it belongs to, in one look-up: open
// addressing with linear probing, at most half full, and a keyed hash, for strangers choose the
// addresses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/datagram.h"
#include "base/siphash.h"
#include "base/time.h"
#include "ice/ice_types.h"

namespace sfu {

class IceLiteSession;

// A path that a valid check came on. Its session owns it.
struct IceTupleEntry {
  IceTuple tuple;
  uint64_t hash = 0;  // of the tuple, by its table
  DatagramSender* via = nullptr;
  IceLiteSession* session = nullptr;
  Timestamp last_check;
  int32_t group = -1;  // the demultiplexer's, while it handles a batch
};

class TupleTable {
 public:
  explicit TupleTable(const SipKey& key);

  uint64_t Hash(const IceTuple& tuple) const;
  // The entry of a tuple, whose hash is `hash`; null if there is none.
  IceTupleEntry* Find(const IceTuple& tuple, uint64_t hash) const;
  IceTupleEntry* Find(const IceTuple& tuple) const { return Find(tuple, Hash(tuple)); }

  // `entry`, with its tuple and hash set, must stay until it is removed. No two may have one tuple.
  void Add(IceTupleEntry* entry);
  void Remove(const IceTupleEntry* entry);

  size_t size() const { return size_; }

 private:
  struct Slot {
    uint64_t hash = 0;
    IceTupleEntry* entry = nullptr;  // null: free
  };

  void Insert(IceTupleEntry* entry);
  void Grow();

  const SipKey key_;
  std::vector<Slot> slots_;  // a power of two
  size_t mask_;
  size_t size_ = 0;
};

}  // namespace sfu
