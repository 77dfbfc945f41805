// Counts heap allocations of the whole process: malloc and its kin are replaced in the benchmark's
// program, for the C++ runtime, GLib and GStreamer alike.
#pragma once

#include <cstdint>

namespace sfu::bench {

// Begins or ends counting; any thread. Off, counting costs one test per allocation.
void CountAllocations(bool on);
// Allocations (reallocations too) counted so far.
uint64_t AllocationCount();

}  // namespace sfu::bench
