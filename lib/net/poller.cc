// The wake-up eventfd is watched edge-triggered: it is never read, so a wake-up costs one system
// call less.
#include "net/poller.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sfu {
namespace {

// How long to rest when epoll fails for a reason that will not go away by itself.
constexpr int kErrorPauseMs = 10;
// Longer waits are cut, so that they fit the kernel's types; the loop just goes round once more.
constexpr TimeDelta kLongestWait = TimeDelta::Seconds(3600);

}  // namespace

Poller::Poller(bool precise)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      precise_(precise) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  if (is_open() && epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) {
    wake_ = FileDescriptor();
  }
}

Status Poller::Control(int operation, int fd, uint32_t events, FdHandler* handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  if (epoll_ctl(epoll_.get(), operation, fd, &event) == 0) return OkStatus();
  return Error{"fd", std::strerror(errno)};
}

Status Poller::Add(int fd, uint32_t events, FdHandler* handler) {
  return Control(EPOLL_CTL_ADD, fd, events, handler);
}

Status Poller::Modify(int fd, uint32_t events, FdHandler* handler) {
  return Control(EPOLL_CTL_MOD, fd, events, handler);
}

void Poller::Remove(int fd, FdHandler* handler) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  for (int i = 0; i < ready_; ++i) {
    if (events_[i].data.ptr == handler) events_[i].data.ptr = nullptr;
  }
}

void Poller::Wait(TimeDelta timeout) {
  const int64_t ns = std::clamp(timeout, TimeDelta::Zero(), kLongestWait).ns();
  if (precise_) {
    const timespec span{static_cast<time_t>(ns / 1'000'000'000),
                        static_cast<long>(ns % 1'000'000'000)};
    ready_ = epoll_pwait2(epoll_.get(), events_.data(), kMaxEvents, &span, nullptr);
  } else {
    ready_ = epoll_wait(epoll_.get(), events_.data(), kMaxEvents,
                        static_cast<int>((ns + 999'999) / 1'000'000));
  }
  if (ready_ < 0) {
    if (errno != EINTR) poll(nullptr, 0, kErrorPauseMs);
    ready_ = 0;
  }
}

void Poller::Dispatch(Timestamp now) {
  for (int i = 0; i < ready_; ++i) {
    auto* handler = static_cast<FdHandler*>(events_[i].data.ptr);
    if (handler != nullptr) handler->OnFdReady(events_[i].events, now);
  }
  ready_ = 0;
}

}  // namespace sfu
