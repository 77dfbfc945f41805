// Threads that are joined: by who comes next, once they are done, or by the end of the process.
#include "end_later.h"

#include <atomic>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace sfu::gst {
namespace {

class Ends {
 public:
  Ends() = default;
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() {
    for (End& end : ends_) end.thread.join();
  }

  void Add(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    ends_.remove_if([](End& end) {
      if (!end.done.load()) return false;
      end.thread.join();
      return true;
    });
    End& end = ends_.emplace_back();
    end.thread = std::thread([&end, call = std::move(call)]() mutable {
      call();
      // What it owns ends before it is done.
      call = nullptr;
      end.done = true;
    });
  }

 private:
  struct End {
    std::atomic<bool> done{false};
    std::thread thread;
  };

  std::mutex mutex_;
  std::list<End> ends_;
};

}  // namespace

void EndLater(std::function<void()> end) {
  // First made when something runs that is to end, and so gone before what that began with.
  static Ends ends;
  ends.Add(std::move(end));
}

}  // namespace sfu::gst
