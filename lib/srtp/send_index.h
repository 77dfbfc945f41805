// The index (rollover counter || sequence number) of each packet that one stream sends.
#pragma once

#include <algorithm>
#include <optional>

#include "srtp/replay_window.h"
#include "srtp/srtp.h"
#include "srtp/srtp_layout.h"

namespace sfu {

class SrtpSendIndex {
 public:
  // `highest` is where an earlier stream of the same SSRC and key ended, -1 for none.
  explicit SrtpSendIndex(int64_t highest = -1) : ended_(highest), highest_(highest) {}

  // The highest index that Commit() saw, -1 before the first.
  int64_t highest() const { return highest_; }

  // The index of the packet `seq`; nothing if it must not be sent: no receiver could read it.
  std::optional<int64_t> Find(uint16_t seq) const {
    if (highest_ < 0) return seq;
    const int distance = SeqNum(seq).DistanceFrom(SeqNum(static_cast<uint16_t>(highest_)));
    // Reordering across the very start must not count as a jump ahead: if that one packet were
    // lost, the receiver would never find the rollover counter.
    const bool before_first_cycle = highest_ + distance < 0;
    if (before_first_cycle ? -distance < kSrtpReplayWindow : -distance >= kSrtpReplayWindow) {
      return std::nullopt;
    }
    const int64_t index = GuessSrtpIndex(highest_, seq);
    if (index >= kSrtpIndexEnd) return std::nullopt;
    return index;
  }

  // Whether Find() gives an index that no packet had yet.
  bool IsFresh(uint16_t seq) const {
    const std::optional<int64_t> index = Find(seq);
    return index && *index > ended_ && (!used_ || used_->Check(*index) == Used::Verdict::kFresh);
  }

  // Once the packet with `index` is protected.
  void Commit(int64_t index) {
    highest_ = std::max(highest_, index);
    if (!used_) {
      used_.emplace(index);
    } else if (used_->Check(index) == Used::Verdict::kFresh) {
      used_->Mark(index);
    }
  }

 private:
  using Used = ReplayWindow<kSrtpReplayWindow>;

  const int64_t ended_;  // indices up to here may have been used by an earlier stream
  int64_t highest_;
  std::optional<Used> used_;
};

}  // namespace sfu
