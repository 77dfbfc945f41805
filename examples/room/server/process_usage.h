// What this process uses of the machine, as Linux says (proc(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace room {

struct ProcessUsage {
  double cpu_seconds = 0;         // of all threads, user and system
  double start_time_seconds = 0;  // since 1970
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double threads = 0;
  double open_files = 0;
  double max_files = 0;
};

// Of /proc/self/stat: all but start time (which is since boot) and files. Empty if it is none.
std::optional<ProcessUsage> ParseProcessStat(std::string_view stat, double ticks_per_second,
                                             double page_bytes);

// Of this process. What cannot be read is 0.
ProcessUsage ReadProcessUsage();

}  // namespace room
