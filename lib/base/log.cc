// The logging hook. The function and its context live together behind one atomic pointer's worth of
// state guarded by a mutex: logging is rare by design.
#include "base/log.h"

#include <atomic>
#include <mutex>

namespace sfu {
namespace {

struct Sink {
  std::mutex mutex;
  LogFunction function = nullptr;
  void* context = nullptr;
  std::atomic<bool> enabled{false};
};

// A log sink is per process by nature; it is the one piece of shared state in base/.
Sink& TheSink() {
  static Sink sink;
  return sink;
}

}  // namespace

void SetLogFunction(LogFunction function, void* context) {
  Sink& sink = TheSink();
  const std::lock_guard lock(sink.mutex);
  sink.function = function;
  sink.context = context;
  sink.enabled.store(function != nullptr, std::memory_order_release);
}

bool LogEnabled() { return TheSink().enabled.load(std::memory_order_relaxed); }

void Log(LogLevel level, std::string_view module, std::string_view message) {
  if (!LogEnabled()) return;
  Sink& sink = TheSink();
  const std::lock_guard lock(sink.mutex);
  if (sink.function != nullptr) sink.function(level, module, message, sink.context);
}

bool RateLimitedLog::Allow(Timestamp now, uint64_t* suppressed) {
  if (now < next_) {
    ++suppressed_;
    return false;
  }
  *suppressed = suppressed_;
  suppressed_ = 0;
  next_ = now + interval_;
  return true;
}

}  // namespace sfu
