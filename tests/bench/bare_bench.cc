// Prints one line of JSON per sending loop: bare_bench [SINKS [BURST [PACKET_SIZE [SECONDS]]]]
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

#include "arena_loops.h"
#include "bare_loops.h"

namespace {

// Sockets for a thousand sinks, and as many senders.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The argument, or `fallback` when it is missing or not a number between 1 and `max`.
size_t Argument(int argc, char** argv, int index, size_t fallback, size_t max) {
  if (index >= argc) return fallback;
  const unsigned long value = std::strtoul(argv[index], nullptr, 10);
  return value >= 1 && value <= max ? value : fallback;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace sfu::bench;  // NOLINT(google-build-using-namespace)
  RaiseDescriptorLimit();
  LoopOptions options;
  options.sinks = Argument(argc, argv, 1, options.sinks, 10'000);
  const size_t burst = Argument(argc, argv, 2, 10, 40);
  const size_t size = std::max<size_t>(12, Argument(argc, argv, 3, 1212, 1472));
  options.bursts = {std::vector<uint16_t>(burst, static_cast<uint16_t>(size))};
  options.duration = sfu::TimeDelta::Seconds(static_cast<int64_t>(Argument(argc, argv, 4, 2, 600)));
  PrintRow("bare_sendto", options, RunBareSendto(options));
  PrintRow("bare_gso", options, RunBareGso(options));
  PrintRow("arena_one_socket", options, RunArenaOneSocket(options));
  PrintRow("arena_connected", options, RunArenaConnected(options));
  return 0;
}
