// Clocks and cores for benchmarks.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "base/time.h"

namespace sfu::bench {

inline Timestamp ReadClock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return Timestamp::FromNanos(now.tv_sec * 1'000'000'000 + now.tv_nsec);
}
inline Timestamp MonotonicNow() { return ReadClock(CLOCK_MONOTONIC); }
// CPU time that this thread has used, in the kernel too.
inline Timestamp ThreadCpuNow() { return ReadClock(CLOCK_THREAD_CPUTIME_ID); }

inline void SleepFor(TimeDelta span) {
  const timespec time{static_cast<time_t>(span.ns() / 1'000'000'000),
                      static_cast<long>(span.ns() % 1'000'000'000)};
  nanosleep(&time, nullptr);
}

// Keeps the calling thread on core `cpu`; nothing happens for -1 or a core that is not there.
inline void PinThisThread(int cpu) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) return;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
}

}  // namespace sfu::bench
