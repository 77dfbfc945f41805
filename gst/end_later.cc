// Threads that are joined: by who comes next, once they are done, or by AwaitEnds().
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

  void Await() {
    for (;;) {
      std::list<End> ends;
      {
        const std::lock_guard lock(mutex_);
        ends.swap(ends_);
      }
      if (ends.empty()) return;
      for (End& end : ends) end.thread.join();
    }
  }

 private:
  struct End {
    std::atomic<bool> done{false};
    std::thread thread;
  };

  std::mutex mutex_;
  std::list<End> ends_;
};

// Never destroyed: a thread may add one while the process exits.
Ends& TheEnds() {
  static auto* const ends = new Ends;
  return *ends;
}

}  // namespace

void EndLater(std::function<void()> end) { TheEnds().Add(std::move(end)); }

void AwaitEnds() { TheEnds().Await(); }

}  // namespace sfu::gst
