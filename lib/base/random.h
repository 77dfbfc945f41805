// The source of randomness that sans-I/O code is handed. Production seeds it from the kernel
// (net/entropy.h), tests with a constant.
#pragma once

#include <cstdint>

namespace sfu {

// xoshiro256** seeded by SplitMix64: fast, small, reproducible. Not for keys.
class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }
  uint64_t U64() {
    const uint64_t result = Rotl(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = Rotl(state_[3], 45);
    return result;
  }
  uint32_t U32() { return static_cast<uint32_t>(U64() >> 32); }
  uint16_t U16() { return static_cast<uint16_t>(U64() >> 48); }
  // Uniform in [0, 1).
  double Unit() { return static_cast<double>(U64() >> 11) * 0x1.0p-53; }

 private:
  static uint64_t Rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  uint64_t state_[4];
};

}  // namespace sfu
