// Decides which retransmissions a receiver gets: no packet twice within a round trip, and no more
// bytes than a share of the stream, so that a flood of NACKs cannot make a flood of packets.
//
// 2 KiB, so a stream makes one only when it is first asked for a repair.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "rtp/sequence.h"
#include "stream/rate_counter.h"

namespace sfu {

enum class RepairVerdict : uint8_t {
  kSend,
  kRepeated,    // sent again less than a round trip ago: the answer is still under way
  kOverBudget,  // this second's share is used up
};

class RepairLimiter {
 public:
  // What may be repaired in a second whatever the stream's rate, in bytes: ten full packets. A
  // stream that has just begun, or audio, can then always be repaired.
  static constexpr uint64_t kFloorBytes = 12'000;
  // Before the first measurement a round trip is taken to be short: a repeated packet costs less
  // than one that is missed.
  static constexpr TimeDelta kUnknownRoundTrip = TimeDelta::Millis(30);
  // A peer that reports nonsense must not be able to switch its own repair off.
  static constexpr TimeDelta kLongestSilence = TimeDelta::Seconds(1);

  // Asks for one packet of `size` bytes; kSend counts it as sent. `stream_bytes` is what the stream
  // sent in the last second, `share` the fraction of it that may be repaired.
  RepairVerdict Ask(SeqNum sequence, size_t size, uint64_t stream_bytes, double share,
                    TimeDelta round_trip, Timestamp now);

 private:
  // Packets are remembered by the low bits of their numbers; two that collide forget each other,
  // and then the budget alone holds.
  static constexpr size_t kRemembered = 256;
  struct Repair {
    uint16_t sequence = 0;
    bool used = false;
    uint32_t sent_ms = 0;  // modulo 2^32
  };

  std::array<Repair, kRemembered> repairs_{};
  RateCounter sent_;
};

}  // namespace sfu
