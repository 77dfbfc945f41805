#include "interleaver.h"

#include <algorithm>
#include <utility>

namespace room {

void Interleaver::Push(Block block) {
  newest_[block.track] = block.time;
  bytes_ += block.data.size();
  const int64_t time = block.time;
  waiting_.emplace(time, std::move(block));
}

std::optional<Block> Interleaver::Pop(int64_t now) {
  if (waiting_.empty()) return std::nullopt;
  const int64_t time = waiting_.begin()->first;
  const bool all_came =
      std::ranges::all_of(newest_, [time](const auto& track) { return track.second >= time; });
  if (!all_came && now - time < patience_ && bytes_ <= kMaxBytes) return std::nullopt;
  return PopAny();
}

std::optional<Block> Interleaver::PopAny() {
  if (waiting_.empty()) return std::nullopt;
  auto node = waiting_.extract(waiting_.begin());
  bytes_ -= node.mapped().data.size();
  return std::move(node.mapped());
}

}  // namespace room
