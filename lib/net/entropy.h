// Seeds for base/random.h, from the kernel; and bytes for keys, from OpenSSL.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace sfu {

// 64 random bits (getrandom(2)). Any thread. Not for keys.
uint64_t EntropySeed();

// Fills `key` with random bytes that nobody can foretell. Any thread. False if there are none.
[[nodiscard]] bool FillKey(MutableBytes key);

}  // namespace sfu
