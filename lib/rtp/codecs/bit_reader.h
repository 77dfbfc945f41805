// Bounds-checked reading and writing of bit fields, most significant bit first. Sticky as
// ByteReader is: after the first access past the end ok() is false, reads give 0 and writes do
// nothing.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace sfu {

class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  // In bits, from the start.
  size_t position() const { return position_; }

  // An unsigned number of `count` bits, 0..32.
  uint32_t Bits(int count) {
    ok_ = ok_ && static_cast<size_t>(count) <= bytes_.size() * 8 - position_;
    if (!ok_) return 0;
    uint32_t value = 0;
    for (int i = 0; i < count; ++i, ++position_) {
      value = value << 1 | ((bytes_[position_ / 8] >> (7 - position_ % 8)) & 1U);
    }
    return value;
  }
  bool Flag() { return Bits(1) != 0; }
  // A number below `limit` (> 0) in the non-symmetric code ns(n) of AV1 (bitstream,
  // section 4.10.7).
  uint32_t NonSymmetric(uint32_t limit) {
    const int width = std::bit_width(limit);
    const uint32_t short_codes = (uint32_t{1} << width) - limit;
    const uint32_t value = Bits(width - 1);
    return value < short_codes ? value : (value << 1) - short_codes + Bits(1);
  }

 private:
  ByteView bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

class BitWriter {
 public:
  // `out` is overwritten from its first bit on.
  explicit BitWriter(MutableBytes out) : out_(out) {}

  bool ok() const { return ok_; }
  // Whole bytes written so far; the unused bits of the last are 0.
  size_t size_bytes() const { return (position_ + 7) / 8; }

  // The low `count` bits of `value`, 0..32.
  void Bits(uint32_t value, int count) {
    ok_ = ok_ && static_cast<size_t>(count) <= out_.size() * 8 - position_;
    if (!ok_) return;
    for (int i = count - 1; i >= 0; --i, ++position_) {
      uint8_t& byte = out_[position_ / 8];
      if (position_ % 8 == 0) byte = 0;
      byte = static_cast<uint8_t>(byte | ((value >> i) & 1U) << (7 - position_ % 8));
    }
  }

 private:
  MutableBytes out_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace sfu
