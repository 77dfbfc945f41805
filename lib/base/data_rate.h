// A bit rate as a type of its own, in bits per second.
#pragma once

#include <compare>
#include <cstdint>

#include "base/time.h"

namespace sfu {

class DataRate {
 public:
  constexpr DataRate() = default;
  static constexpr DataRate BitsPerSecond(int64_t v) { return DataRate(v); }
  static constexpr DataRate KilobitsPerSecond(int64_t v) { return DataRate(v * 1'000); }
  // The rate at which `bytes` pass in `span`; zero for an empty span.
  static constexpr DataRate FromBytes(int64_t bytes, TimeDelta span) {
    return span.ns() <= 0
               ? DataRate(0)
               : DataRate(static_cast<int64_t>(static_cast<double>(bytes) * 8.0 / span.seconds()));
  }
  constexpr int64_t bps() const { return bps_; }
  constexpr auto operator<=>(const DataRate&) const = default;

 private:
  explicit constexpr DataRate(int64_t bps) : bps_(bps) {}
  int64_t bps_ = 0;
};

}  // namespace sfu
