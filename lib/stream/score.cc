// The score's history and its weighted mean.
#include "stream/score.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sfu {
namespace {
constexpr double kCostOfRepair = 0.2;
constexpr double kTenths = 10.0;
}  // namespace

bool Score::AddInterval(uint32_t expected, uint32_t lost, uint32_t repaired) {
  if (expected == 0) return false;
  lost = std::min(lost, expected);
  repaired = std::min(repaired, lost);
  const double damage = (lost - repaired + kCostOfRepair * repaired) / expected;
  marks_[next_] = static_cast<uint8_t>(std::lround(kBest * kTenths * std::pow(1.0 - damage, 4)));
  next_ = static_cast<uint8_t>((next_ + 1) % kHistory);
  count_ = static_cast<uint8_t>(std::min<size_t>(count_ + size_t{1}, kHistory));
  uint32_t sum = 0;
  uint32_t weights = 0;
  for (uint32_t age = 0; age < count_; ++age) {
    const uint32_t weight = count_ - age;
    sum += weight * marks_[(next_ + kHistory - 1 - age) % kHistory];
    weights += weight;
  }
  return Set(static_cast<uint8_t>(std::lround(sum / (kTenths * weights))));
}

bool Score::SetInactive() {
  count_ = 0;
  return Set(0);
}

bool Score::Set(uint8_t value) { return std::exchange(value_, value) != value; }

}  // namespace sfu
