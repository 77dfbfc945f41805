// The windowed rate counter.
#include "stream/rate_counter.h"

#include <algorithm>

namespace sfu {
namespace {
constexpr TimeDelta kShortestSpan = TimeDelta::Millis(200);
}  // namespace

void RateCounter::Add(size_t bytes, Timestamp now) {
  const int64_t tick = Tick(now);
  if (first_.is_never()) {
    first_ = now;
    latest_tick_ = tick;
  }
  const int64_t passed = std::min(tick - latest_tick_, static_cast<int64_t>(kBuckets));
  for (int64_t i = 1; i <= passed; ++i) {
    buckets_[static_cast<size_t>(tick - passed + i) % kBuckets] = Bucket();
  }
  latest_tick_ = std::max(latest_tick_, tick);
  Bucket& bucket = buckets_[static_cast<size_t>(latest_tick_) % kBuckets];
  bucket.bytes += static_cast<uint32_t>(bytes);
  ++bucket.packets;
}

DataRate RateCounter::Rate(Timestamp now) const {
  return DataRate::FromBytes(Sum(now).bytes, Span(now));
}

double RateCounter::PacketsPerSecond(Timestamp now) const {
  return Sum(now).packets / Span(now).seconds();
}

RateCounter::Bucket RateCounter::Sum(Timestamp now) const {
  Bucket sum;
  if (first_.is_never()) return sum;
  const int64_t oldest = Tick(now) - static_cast<int64_t>(kBuckets) + 1;
  for (int64_t tick = latest_tick_; tick > latest_tick_ - static_cast<int64_t>(kBuckets); --tick) {
    if (tick < oldest || tick < 0) break;
    const Bucket& bucket = buckets_[static_cast<size_t>(tick) % kBuckets];
    sum.bytes += bucket.bytes;
    sum.packets += bucket.packets;
  }
  return sum;
}

TimeDelta RateCounter::Span(Timestamp now) const {
  if (first_.is_never()) return kWindow;
  return std::clamp(now - first_, kShortestSpan, kWindow);
}

}  // namespace sfu
