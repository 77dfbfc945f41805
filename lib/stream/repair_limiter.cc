// The table of recent repairs and the budget.
#include "stream/repair_limiter.h"

#include <algorithm>

namespace sfu {

RepairVerdict RepairLimiter::Ask(SeqNum sequence, size_t size, uint64_t stream_bytes, double share,
                                 TimeDelta round_trip, Timestamp now) {
  Repair& last = repairs_[sequence.value() % kRemembered];
  const auto now_ms = static_cast<uint32_t>(now.ms());
  // A receiver asks again after its own estimate of the round trip, which may be a little shorter
  // than ours: an eighth less is no repetition.
  const TimeDelta wait = std::min(round_trip - round_trip / 8, kLongestSilence);
  if (last.used && last.sequence == sequence.value() &&
      static_cast<int64_t>(now_ms - last.sent_ms) < wait.ms()) {
    return RepairVerdict::kRepeated;
  }
  const auto budget =
      std::max(kFloorBytes, static_cast<uint64_t>(static_cast<double>(stream_bytes) * share));
  if (sent_.BytesInWindow(now) + size > budget) return RepairVerdict::kOverBudget;
  sent_.Add(size, now);
  last = {sequence.value(), true, now_ms};
  return RepairVerdict::kSend;
}

}  // namespace sfu
