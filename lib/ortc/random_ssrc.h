// SSRCs that nobody chose.
#pragma once

#include "base/random.h"
#include "ortc/limits.h"
#include "rtp/sequence.h"

namespace sfu::ortc {

// The first of 2 * kMaxEncodings SSRCs in a row, none of them 0: room for all streams of a Producer
// or Consumer, and their RTX. Whether they are in use elsewhere the caller must see to.
inline Ssrc DrawSsrcs(Random* random) {
  constexpr uint32_t kReserved = 2 * kMaxEncodings;
  return 1 + random->U32() % (UINT32_MAX - kReserved);
}

}  // namespace sfu::ortc
