// One measurement of one row of the forwarding benchmark, in a process of its own.
#pragma once

#include <string>

#include "forwarder.h"

namespace sfu::bench {

struct RunOptions {
  std::string row = "libsfu";
  std::string scenario = "main";
  size_t consumers = 400;
  // False: a burst is sent as soon as all copies of the one before have arrived, which measures CPU
  // time. True: at the scenario's own pace, which measures delay, memory and allocations.
  bool paced = false;
  TimeDelta duration = TimeDelta::Seconds(1);
  TimeDelta warm_up = TimeDelta::Millis(200);
  std::optional<SrtpSuite> suite;
  int cpu = 0;        // what forwards
  int drain_cpu = 1;  // what sends to it and receives from it
};

// Measures and prints one line of JSON. False, with the reason as JSON, if the row cannot run.
bool RunForward(const RunOptions& options);

}  // namespace sfu::bench
