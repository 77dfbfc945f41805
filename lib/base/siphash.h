// SipHash (Aumasson and Bernstein, 2012): a hash with a secret key, for tables whose keys a
// stranger may choose. Without the key nobody can find addresses that fall into one bucket.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace sfu {

// 128 random bits, for instance from net/entropy.h.
struct SipKey {
  uint64_t low = 0;
  uint64_t high = 0;
};

// SipHash-c-d over whole 64-bit words; `tail` ends the message as the algorithm wants it: the bytes
// that are left over, and the length of all in the top byte.
template <int kCompressionRounds, int kFinalRounds>
uint64_t SipHash(const SipKey& key, std::span<const uint64_t> words, uint64_t tail) {
  std::array<uint64_t, 4> v = {key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d,
                               key.low ^ 0x6c7967656e657261, key.high ^ 0x7465646279746573};
  const auto mix = [&v](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      v[0] += v[1];
      v[2] += v[3];
      v[1] = std::rotl(v[1], 13) ^ v[0];
      v[3] = std::rotl(v[3], 16) ^ v[2];
      v[0] = std::rotl(v[0], 32);
      v[2] += v[1];
      v[0] += v[3];
      v[1] = std::rotl(v[1], 17) ^ v[2];
      v[3] = std::rotl(v[3], 21) ^ v[0];
      v[2] = std::rotl(v[2], 32);
    }
  };
  const auto absorb = [&](uint64_t word) {
    v[3] ^= word;
    mix(kCompressionRounds);
    v[0] ^= word;
  };
  for (const uint64_t word : words) absorb(word);
  absorb(tail);
  v[2] ^= 0xff;
  mix(kFinalRounds);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

}  // namespace sfu
