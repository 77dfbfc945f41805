// getrandom may be forbidden by a seccomp filter; then the clock and an address must do.
#include "net/entropy.h"

#include <openssl/rand.h>
#include <sys/random.h>
#include <time.h>

namespace sfu {

uint64_t EntropySeed() {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof(seed), 0) == sizeof(seed)) return seed;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_nsec) * 0x9e3779b97f4a7c15 ^
         static_cast<uint64_t>(now.tv_sec) ^ reinterpret_cast<uintptr_t>(&seed) << 16;
}

bool FillKey(MutableBytes key) { return RAND_bytes(key.data(), static_cast<int>(key.size())) == 1; }

}  // namespace sfu
