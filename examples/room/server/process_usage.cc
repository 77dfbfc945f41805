#include "process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace room {
namespace {

// Places of the fields behind the name of the program, from 0 (proc(5) counts from 3).
constexpr size_t kUserTicks = 11, kSystemTicks = 12, kThreads = 17, kStartTicks = 19, kVirtual = 20,
                 kResidentPages = 21;

double SecondsSinceBoot() {
  std::ifstream file("/proc/uptime");
  double seconds = 0;
  file >> seconds;
  return seconds;
}

double OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator files("/proc/self/fd", error);
  double count = 0;
  for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) ++count;
  return count;
}

}  // namespace

std::optional<ProcessUsage> ParseProcessStat(std::string_view stat, double ticks_per_second,
                                             double page_bytes) {
  // The name may have anything in it, blanks and brackets too.
  const size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  std::istringstream rest{std::string(stat.substr(name_end + 2))};
  std::vector<double> fields;
  std::string state;
  rest >> state;
  fields.push_back(0);
  for (double field = 0; rest >> field;) fields.push_back(field);
  if (fields.size() <= kResidentPages) return std::nullopt;
  ProcessUsage usage;
  usage.cpu_seconds = (fields[kUserTicks] + fields[kSystemTicks]) / ticks_per_second;
  usage.start_time_seconds = fields[kStartTicks] / ticks_per_second;
  usage.threads = fields[kThreads];
  usage.virtual_bytes = fields[kVirtual];
  usage.resident_bytes = fields[kResidentPages] * page_bytes;
  return usage;
}

ProcessUsage ReadProcessUsage() {
  std::ifstream file("/proc/self/stat");
  std::stringstream stat;
  stat << file.rdbuf();
  ProcessUsage usage = ParseProcessStat(stat.str(), static_cast<double>(sysconf(_SC_CLK_TCK)),
                                        static_cast<double>(sysconf(_SC_PAGESIZE)))
                           .value_or(ProcessUsage{});
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  usage.start_time_seconds += now.count() - SecondsSinceBoot();
  usage.open_files = OpenFiles();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_files = static_cast<double>(limit.rlim_cur);
  return usage;
}

}  // namespace room
