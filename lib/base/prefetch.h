// Fetching memory ahead of its use. With hundreds of receivers each one's state has left the cache
// since the last batch; fetched while the receiver before it is served, it costs next to nothing.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sfu {

// Has the first `bytes` bytes at `object` fetched for writing. Never faults.
inline void PrefetchBytes(const void* object, size_t bytes) {
  constexpr size_t kLine = 64;
  for (size_t at = 0; at < bytes; at += kLine) {
    __builtin_prefetch(static_cast<const uint8_t*>(object) + at, 1);
  }
}

}  // namespace sfu
