// The logging hook: libsfu hands its log lines to whoever installs a sink (the plugin maps them to
// GST_DEBUG categories). Without a sink, nothing is formatted.
//
// Lines about network input go through RateLimitedLog, so a flood of bad packets is not a flood of
// log lines.
#pragma once

#include <string_view>

#include "base/time.h"

namespace sfu {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

// Called on any thread; must not block and must not call back into libsfu.
using LogFunction = void (*)(LogLevel level, std::string_view module, std::string_view message,
                             void* context);

// Installs the process's log function, or removes it with nullptr. Any thread, at any time.
void SetLogFunction(LogFunction function, void* context);

// True when somebody listens; ask before formatting.
bool LogEnabled();

// `module` is the folder that speaks: "rtp", "net" …
void Log(LogLevel level, std::string_view module, std::string_view message);

// Lets one line through per interval and counts the rest.
class RateLimitedLog {
 public:
  explicit RateLimitedLog(TimeDelta interval = TimeDelta::Seconds(1)) : interval_(interval) {}
  // True when a line may be written now; `suppressed` then says how many were held back since.
  bool Allow(Timestamp now, uint64_t* suppressed);

 private:
  TimeDelta interval_;
  Timestamp next_ = Timestamp::FromNanos(0);
  uint64_t suppressed_ = 0;
};

}  // namespace sfu
