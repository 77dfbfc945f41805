// The send path of net/ alone, measured as the bare loops are: every burst is copied into the send
// arena once per sink and leaves from there.
#pragma once

#include "bare_loops.h"

namespace sfu::bench {

// All bursts from one socket.
LoopResult RunArenaOneSocket(const LoopOptions& options);

// One connected socket per sink, as transports with ports of their own have.
LoopResult RunArenaConnected(const LoopOptions& options);

}  // namespace sfu::bench
