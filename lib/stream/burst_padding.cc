// One pass: a run grows while all its packets can be padded to its largest; a packet that is too
// small for that may still end the run, unpadded.
#include "stream/burst_padding.h"

#include <algorithm>

namespace sfu {
namespace {

uint32_t Slack(uint32_t target) {
  const uint32_t wanted = std::max(target * kMaxPaddingPercent / 100, kFreePadding);
  return std::min({wanted, target / kSmallestShare, uint32_t{255}});
}

}  // namespace

void ChooseBurstPadding(std::span<const uint16_t> sizes, std::span<uint8_t> padding) {
  const size_t count = std::min(sizes.size(), padding.size());
  size_t begin = 0;
  while (begin < count) {
    uint32_t least = sizes[begin];
    uint32_t target = sizes[begin];
    size_t end = begin + 1;
    for (; end < count; ++end) {
      const uint32_t size = sizes[end];
      const uint32_t new_target = std::max(target, size);
      const uint32_t new_least = std::min(least, size);
      if (new_target - new_least > Slack(new_target)) break;
      target = new_target;
      least = new_least;
    }
    for (size_t i = begin; i < end; ++i) padding[i] = static_cast<uint8_t>(target - sizes[i]);
    if (end < count && sizes[end] < target) {
      padding[end++] = 0;  // the shorter last one
    } else {
      padding[end - 1] = 0;
    }
    begin = end;
  }
}

}  // namespace sfu
