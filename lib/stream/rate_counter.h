// How many bytes and packets passed in the last second, without allocation.
//
// Time is cut into buckets, so that the cost of one packet is an addition. Packets count from the
// moment they are added and fall out of the window a bucket at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/data_rate.h"
#include "base/time.h"

namespace sfu {

class RateCounter {
 public:
  static constexpr size_t kBuckets = 20;
  static constexpr TimeDelta kBucketLength = TimeDelta::Millis(50);
  static constexpr TimeDelta kWindow = kBucketLength * static_cast<int64_t>(kBuckets);

  // One packet of `bytes` at `now`. A `now` before the latest one counts as the latest.
  void Add(size_t bytes, Timestamp now);
  // Over the window that ends at `now`; in the first second over the time since the first packet,
  // but no less than 200 ms, so that one packet makes no huge rate.
  DataRate Rate(Timestamp now) const;
  // Bytes in the window that ends at `now`.
  uint64_t BytesInWindow(Timestamp now) const { return Sum(now).bytes; }
  // Packets in the window, over the same time.
  double PacketsPerSecond(Timestamp now) const;

 private:
  struct Bucket {
    uint32_t bytes = 0;
    uint32_t packets = 0;
  };
  static int64_t Tick(Timestamp now) { return now.ns() / kBucketLength.ns(); }
  Bucket Sum(Timestamp now) const;
  TimeDelta Span(Timestamp now) const;

  std::array<Bucket, kBuckets> buckets_{};
  int64_t latest_tick_ = 0;
  Timestamp first_ = Timestamp::Never();
};

}  // namespace sfu
