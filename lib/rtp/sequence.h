// Sequence numbers and RTP timestamps: comparison modulo 2^16 and 2^32, and unwrapping to 64 bits.
#pragma once

#include <cstdint>
#include <optional>

namespace sfu {

using Ssrc = uint32_t;

// A 16-bit RTP sequence number that compares by the shorter way round (RFC 3550, appendix A.1).
class SeqNum {
 public:
  constexpr SeqNum() = default;
  explicit constexpr SeqNum(uint16_t value) : value_(value) {}
  constexpr uint16_t value() const { return value_; }
  constexpr bool operator==(const SeqNum&) const = default;
  constexpr bool IsNewerThan(SeqNum o) const { return DistanceFrom(o) > 0; }
  // How far this is ahead of `o`: -32768..32767.
  constexpr int DistanceFrom(SeqNum o) const {
    return static_cast<int16_t>(static_cast<uint16_t>(value_ - o.value_));
  }
  constexpr SeqNum operator+(int n) const { return SeqNum(static_cast<uint16_t>(value_ + n)); }

 private:
  uint16_t value_ = 0;
};

// Extends a wrapping counter to 64 bits: each value is taken as the nearest one to the last. Values
// start a whole number of wraps above zero, so stepping backwards stays positive for a long time.
template <typename Wrapped, typename Signed>
class Unwrapper {
 public:
  // Where `value` would come out, without moving on.
  int64_t Peek(Wrapped value) const {
    if (!last_) return kStart + value;
    return *last_ + static_cast<Signed>(static_cast<Wrapped>(value - static_cast<Wrapped>(*last_)));
  }
  int64_t Unwrap(Wrapped value) {
    last_ = Peek(value);
    return *last_;
  }
  void Reset() { last_.reset(); }

 private:
  static constexpr int64_t kStart = int64_t{1} << 40;
  std::optional<int64_t> last_;
};

using SeqUnwrapper = Unwrapper<uint16_t, int16_t>;
using TimestampUnwrapper = Unwrapper<uint32_t, int32_t>;

}  // namespace sfu
