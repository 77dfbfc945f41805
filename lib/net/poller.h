// Which file descriptors of a Worker are ready: epoll, with its cost per ready descriptor, not per
// open one. Everything here belongs to the Worker's thread, except as said.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>

#include "base/result.h"
#include "base/time.h"
#include "net/file_descriptor.h"

namespace sfu {

class FdHandler {
 public:
  virtual ~FdHandler() = default;
  // `events` are EPOLLIN, EPOLLOUT, EPOLLERR … as epoll reports them. A handler must clear every
  // condition it is told of, or take its descriptor out: else it is called again at once.
  virtual void OnFdReady(uint32_t events, Timestamp now) = 0;
};

class Poller {
 public:
  // `precise`: epoll_pwait2 may be used. Check is_open(): descriptors may have run out.
  explicit Poller(bool precise);

  bool is_open() const { return epoll_.is_open() && wake_.is_open(); }
  // An eventfd; writing to it from any thread ends a Wait().
  int wake_fd() const { return wake_.get(); }

  // Watches `fd` for `events` (level-triggered). Both must stay until Remove().
  Status Add(int fd, uint32_t events, FdHandler* handler);
  Status Modify(int fd, uint32_t events, FdHandler* handler);
  // Call before the descriptor is closed. After it the handler is not called any more, even if
  // events of the present round are not handed out yet.
  void Remove(int fd, FdHandler* handler);

  // Blocks until something is ready, at most for `timeout`. Without epoll_pwait2 it is rounded up
  // to milliseconds, so that a timer is late rather than the loop busy.
  void Wait(TimeDelta timeout);
  // Calls the handlers of what Wait() found.
  void Dispatch(Timestamp now);

 private:
  // Events taken from the kernel at once; more come in the next round.
  static constexpr int kMaxEvents = 256;

  Status Control(int operation, int fd, uint32_t events, FdHandler* handler);

  FileDescriptor epoll_;
  FileDescriptor wake_;
  bool precise_;
  int ready_ = 0;
  std::array<epoll_event, kMaxEvents> events_;
};

}  // namespace sfu
