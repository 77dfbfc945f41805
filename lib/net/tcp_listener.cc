// A sweep each second sees to the time limits, while there are connections.
#include "net/tcp_listener.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

#include "net/sockaddr.h"

namespace sfu {
namespace {

constexpr int kMaxAcceptsPerRound = 64;
// How long to leave connections to the kernel when descriptors have run out.
constexpr TimeDelta kAcceptPause = TimeDelta::Millis(200);

SocketAddress LocalAddress(int fd) {
  KernelAddress address{};
  socklen_t size = sizeof(address);
  if (getsockname(fd, &address.any, &size) != 0) return {};
  return FromKernel(address);
}

}  // namespace

Result<std::unique_ptr<TcpListener>> TcpListener::Create(Worker& worker,
                                                         const TcpListenOptions& options,
                                                         IceDemux& demux, const TcpLimits& limits) {
  auto fd = ListenTcp(options);
  if (!fd) return fd.error();
  const SocketAddress local = LocalAddress(fd.value().get());
  std::unique_ptr<TcpListener> listener(
      new TcpListener(worker, std::move(fd).value(), local, demux, limits));
  const Status watched = worker.poller().Add(listener->fd_.get(), EPOLLIN, listener.get());
  if (!watched) return Error{"", "cannot watch the socket: " + watched.error().reason};
  listener->watched_ = true;
  return listener;
}

TcpListener::TcpListener(Worker& worker, FileDescriptor fd, const SocketAddress& local,
                         IceDemux& demux, const TcpLimits& limits)
    : worker_(worker),
      fd_(std::move(fd)),
      local_(local),
      demux_(demux),
      limits_(limits),
      sweep_timer_(worker.timers(), [this](Timestamp now) { Sweep(now); }),
      accept_timer_(worker.timers(), [this](Timestamp) {
        std::ignore = worker_.poller().Modify(fd_.get(), EPOLLIN, this);
      }) {}

TcpListener::~TcpListener() {
  if (watched_) worker_.poller().Remove(fd_.get(), this);
}

IceTuple TcpListener::TupleOf(const TcpConnection& connection) {
  return {IceProtocol::kTcp, connection.local(), connection.remote()};
}

void TcpListener::OnFdReady(uint32_t, Timestamp now) {
  for (int i = 0; i < kMaxAcceptsPerRound; ++i) {
    KernelAddress remote{};
    socklen_t size = sizeof(remote);
    FileDescriptor fd(accept4(fd_.get(), &remote.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd.is_open()) {
      Accept(std::move(fd), FromKernel(remote), now);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return PauseAccepting(now);
    }
    // Else it was closed before it could be accepted, and there may be others.
    if (errno == EAGAIN) return;
  }
}

// The socket stays ready while nobody accepts; watching it would keep the thread busy.
void TcpListener::PauseAccepting(Timestamp now) {
  ++counters_.refused;
  std::ignore = worker_.poller().Modify(fd_.get(), 0, this);
  accept_timer_.Arm(now + kAcceptPause);
}

void TcpListener::Accept(FileDescriptor fd, const SocketAddress& remote, Timestamp now) {
  if (connection_count() >= limits_.connections) {
    ++counters_.refused;
    return;
  }
  if (waiting_.size() >= limits_.waiting) {
    ++counters_.closed_waiting;
    Close(OldestOfTheLargestNetwork(), now);
  }
  const SocketAddress local = LocalAddress(fd.get());
  TcpConnectionOwner& owner = *this;
  auto connection = std::make_unique<TcpConnection>(worker_, std::move(fd), local, remote, owner,
                                                    scratch_, drops_);
  if (!connection->Start()) {
    ++counters_.refused;
    return;
  }
  ++counters_.accepted;
  const TcpConnection* const key = connection.get();
  waiting_.push_back({std::move(connection), now, false});
  ++waiting_by_network_[remote.Network()];
  places_.emplace(key, std::prev(waiting_.end()));
  if (!sweep_timer_.armed()) sweep_timer_.Arm(now + limits_.sweep);
}

void TcpListener::OnTcpDatagrams(TcpConnection& connection, std::span<ReceivedDatagram> datagrams,
                                 Timestamp now) {
  demux_.OnDatagrams(datagrams, IceProtocol::kTcp, connection, now);
  const List::iterator entry = places_.at(&connection);
  if (!entry->valid && demux_.IsValidated(TupleOf(connection))) {
    StopWaiting(*entry);
    entry->valid = true;
    valid_.splice(valid_.end(), waiting_, entry);
  }
}

void TcpListener::OnTcpClosed(TcpConnection& connection, Timestamp now) {
  Close(places_.at(&connection), now);
}

void TcpListener::Close(List::iterator entry, Timestamp now) {
  if (!entry->valid) StopWaiting(*entry);
  const std::unique_ptr<TcpConnection> connection = std::move(entry->connection);
  (entry->valid ? valid_ : waiting_).erase(entry);
  places_.erase(connection.get());
  demux_.OnPathClosed(TupleOf(*connection), now);
}

void TcpListener::StopWaiting(const Entry& entry) {
  const auto network = waiting_by_network_.find(entry.connection->remote().Network());
  if (--network->second == 0) waiting_by_network_.erase(network);
}

TcpListener::List::iterator TcpListener::OldestOfTheLargestNetwork() {
  const auto largest = std::ranges::max_element(waiting_by_network_, {},
                                                [](const auto& network) { return network.second; });
  return std::ranges::find_if(waiting_, [&](const Entry& entry) {
    return entry.connection->remote().Network() == largest->first;
  });
}

void TcpListener::Sweep(Timestamp now) {
  while (!waiting_.empty() && now - waiting_.front().accepted >= limits_.wait) {
    ++counters_.closed_waiting;
    Close(waiting_.begin(), now);
  }
  for (auto entry = valid_.begin(); entry != valid_.end();) {
    const auto next = std::next(entry);
    const Timestamp stalled = entry->connection->stalled_since();
    const bool slow = !stalled.is_never() && now - stalled >= limits_.stall;
    if (slow) ++counters_.closed_stalled;
    // When its session is gone, or has given the path up, the connection has no use.
    if (slow || !demux_.IsValidated(TupleOf(*entry->connection))) Close(entry, now);
    entry = next;
  }
  if (connection_count() > 0) sweep_timer_.Arm(now + limits_.sweep);
}

}  // namespace sfu
