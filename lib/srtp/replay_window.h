// Which packet indices have been seen: a sliding window of bits (RFC 3711, section 3.3.2).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace sfu {

// Remembers the last kBits indices below the highest one; kBits is a multiple of 64.
template <int64_t kBits>
class ReplayWindow {
 public:
  enum class Verdict : uint8_t { kFresh, kSeen, kTooOld };

  // `first` (>= 0) is the first index that passed; it counts as seen.
  explicit ReplayWindow(int64_t first) : highest_(first) { Set(first); }

  int64_t highest() const { return highest_; }

  // Changes nothing, so that it can be asked before authentication. `index` >= 0.
  Verdict Check(int64_t index) const {
    if (index > highest_) return Verdict::kFresh;
    if (highest_ - index >= kBits) return Verdict::kTooOld;
    return (words_[Word(index)] & Bit(index)) != 0 ? Verdict::kSeen : Verdict::kFresh;
  }

  // Only for an index that Check() called fresh, once it is authenticated.
  void Mark(int64_t index) {
    if (index > highest_) Advance(index);
    Set(index);
  }

 private:
  static_assert(kBits % 64 == 0);
  static size_t Word(int64_t index) { return static_cast<size_t>(index % kBits / 64); }
  static uint64_t Bit(int64_t index) { return uint64_t{1} << (index % 64); }
  void Set(int64_t index) { words_[Word(index)] |= Bit(index); }

  void Advance(int64_t index) {
    if (index - highest_ >= kBits) {
      words_.fill(0);
    } else {
      for (int64_t i = highest_ + 1; i < index; ++i) words_[Word(i)] &= ~Bit(i);
      words_[Word(index)] &= ~Bit(index);
    }
    highest_ = index;
  }

  int64_t highest_;
  std::array<uint64_t, kBits / 64> words_{};
};

}  // namespace sfu
