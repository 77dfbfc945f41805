// Seeds for base/random.h, from the kernel.
#pragma once

#include <cstdint>

namespace sfu {

// 64 random bits (getrandom(2)). Any thread. Not for keys: those come from OpenSSL.
uint64_t EntropySeed();

}  // namespace sfu
