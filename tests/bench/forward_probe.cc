// Makes one measurement of the forwarding benchmark and prints it as one line of JSON;
// forward_bench runs it for each row in turn. Options are pairs: row, scenario, consumers, mode
// (saturated or paced), milliseconds, warm-up (milliseconds), suite.
#include <sys/resource.h>

#include <cstdlib>
#include <string>

#include "forward_run.h"

namespace {

// Three sockets per consumer, at most.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

bool SetOption(const std::string& name, const std::string& value, sfu::bench::RunOptions* options) {
  const auto number = static_cast<int64_t>(std::strtoul(value.c_str(), nullptr, 10));
  if (name == "row") {
    options->row = value;
  } else if (name == "scenario") {
    options->scenario = value;
  } else if (name == "consumers" && number >= 1 && number <= 10'000) {
    options->consumers = static_cast<size_t>(number);
  } else if (name == "mode" && (value == "paced" || value == "saturated")) {
    options->paced = value == "paced";
  } else if (name == "milliseconds" && number >= 1) {
    options->duration = sfu::TimeDelta::Millis(number);
  } else if (name == "warm-up") {
    options->warm_up = sfu::TimeDelta::Millis(number);
  } else if (name == "suite") {
    for (const sfu::SrtpSuite suite : sfu::kAllSrtpSuites) {
      if (sfu::GetSrtpSuiteInfo(suite).name == value) options->suite = suite;
    }
    return options->suite.has_value();
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  RaiseDescriptorLimit();
  sfu::bench::RunOptions options;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (SetOption(argv[i], argv[i + 1], &options)) continue;
    std::fprintf(stderr, "bad option: %s %s\n", argv[i], argv[i + 1]);
    return 2;
  }
  return sfu::bench::RunForward(options) ? 0 : 1;
}
