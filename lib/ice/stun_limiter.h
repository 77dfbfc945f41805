// How many wrong connectivity checks are looked at: verifying one costs an HMAC, and answering it
// costs a datagram. Right ones are never limited.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/siphash.h"
#include "base/socket_address.h"
#include "base/time.h"

namespace sfu {

// Counts what happens within one second of the clock.
class SecondCounter {
 public:
  uint32_t Count(Timestamp now) const { return second_ == Second(now) ? count_ : 0; }
  void Add(Timestamp now) {
    count_ = Count(now) + 1;
    second_ = Second(now);
  }

 private:
  static uint32_t Second(Timestamp now) { return static_cast<uint32_t>(now.ns() / 1'000'000'000); }
  uint32_t second_ = 0;
  uint32_t count_ = 0;
};

// Per source address, in a table of fixed size: sources that share a place share its limit. An IPv6
// source is its /64.
class StunLimiter {
 public:
  // Wrong checks per second from one source.
  static constexpr uint32_t kMaxFailures = 50;

  explicit StunLimiter(const SipKey& key) : key_(key) {}

  bool MayTry(const SocketAddress& source, Timestamp now) const {
    return counters_[Place(source)].Count(now) < kMaxFailures;
  }
  void CountFailure(const SocketAddress& source, Timestamp now) {
    counters_[Place(source)].Add(now);
  }

 private:
  static constexpr size_t kPlaces = 4096;

  size_t Place(const SocketAddress& source) const {
    return SipHash<1, 3>(key_, {}, source.Network()) % kPlaces;
  }

  const SipKey key_;
  std::array<SecondCounter, kPlaces> counters_;
};

}  // namespace sfu
