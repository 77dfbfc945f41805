// Everything expensive is in the Worker's reader and arena; this binds them to one descriptor.
#include "net/udp_socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <tuple>

#include "net/sockaddr.h"
#include "net/udp_bind.h"

namespace sfu {
namespace {

// Batches received from one socket in one round of the loop, so that a flooded socket does not
// starve the others. What is left is reported again by the next round.
constexpr int kMaxBatchesPerRound = 4;

}  // namespace

Result<UdpSocket::Ptr> UdpSocket::Create(Worker& worker, const UdpSocketOptions& options,
                                         DatagramReceiver* receiver) {
  auto fd = BindUdp(options, worker.features());
  if (!fd) return fd.error();
  return Adopt(worker, std::move(fd).value(), receiver);
}

Result<UdpSocket::Pair> UdpSocket::CreatePair(Worker& worker, const UdpSocketOptions& options,
                                              DatagramReceiver* rtp_receiver,
                                              DatagramReceiver* rtcp_receiver) {
  auto fds = BindUdpPair(options, worker.features());
  if (!fds) return fds.error();
  auto rtp = Adopt(worker, std::move(fds.value().first), rtp_receiver);
  if (!rtp) return rtp.error();
  auto rtcp = Adopt(worker, std::move(fds.value().second), rtcp_receiver);
  if (!rtcp) return rtcp.error();
  return Pair{std::move(rtp).value(), std::move(rtcp).value()};
}

Result<UdpSocket::Ptr> UdpSocket::Adopt(Worker& worker, FileDescriptor fd,
                                        DatagramReceiver* receiver) {
  Ptr socket(new UdpSocket(worker, receiver));
  KernelAddress bound{};
  socklen_t size = sizeof(bound);
  if (getsockname(fd.get(), &bound.any, &size) != 0) return Error{"", std::strerror(errno)};
  socket->local_ = FromKernel(bound);
  socket->send_.fd = fd.get();
  socket->send_.ipv6 = bound.any.sa_family == AF_INET6;
  socket->send_.wildcard = socket->local_.is_wildcard();
  socket->fd_ = std::move(fd);
  if (receiver != nullptr) {
    const Status watched = worker.poller().Add(socket->fd_.get(), EPOLLIN, socket.get());
    if (!watched) return Error{"", "cannot watch the socket: " + watched.error().reason};
    socket->watched_ = true;
  }
  return socket;
}

UdpSocket::UdpSocket(Worker& worker, DatagramReceiver* receiver)
    : worker_(worker), receiver_(receiver) {}

UdpSocket::~UdpSocket() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  if (send_.first_message >= 0) worker_.send_arena().Flush();
  if (watched_) worker_.poller().Remove(fd_.get(), this);
}

Status UdpSocket::Connect(const SocketAddress& remote) {
  if (!remote.is_set() || remote.port() == 0) return Error{"remote", "needs an address and a port"};
  if (remote.is_ipv6() && !send_.ipv6) return Error{"remote", "is IPv6, but the socket is IPv4"};
  // What is under way goes to the destinations that it was meant for.
  worker_.send_arena().Flush();
  KernelAddress address{};
  const socklen_t size = ToKernel(remote, send_.ipv6, &address);
  if (connect(fd_.get(), &address.any, size) != 0) return Error{"remote", std::strerror(errno)};
  send_.connected = true;
  send_.gso_refused = false;
  return OkStatus();
}

void UdpSocket::Disconnect() {
  if (!send_.connected) return;
  worker_.send_arena().Flush();
  KernelAddress none{};
  none.any.sa_family = AF_UNSPEC;
  std::ignore = connect(fd_.get(), &none.any, sizeof(none.any));
  // A port that the kernel chose is lost with that; one that was given is kept, and this fails.
  KernelAddress address{};
  const socklen_t size = ToKernel(local_, send_.ipv6, &address);
  std::ignore = bind(fd_.get(), &address.any, size);
  send_.connected = false;
  send_.gso_refused = false;
}

MutableBytes UdpSocket::Reserve(size_t size) { return worker_.send_arena().Reserve(size); }

void UdpSocket::Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
                       const SocketAddress& from_hint) {
  worker_.send_arena().Commit(send_, to, sizes, from_hint);
}

bool UdpSocket::PrefersEqualSizes() const { return worker_.send_arena().PrefersEqualSizes(send_); }

DropCounters UdpSocket::drops() const {
  DropCounters drops;
  drops.Add(DropReason::kTooBig, received_.too_big);
  drops.Add(DropReason::kSendFailed, send_.counters.failed);
  return drops;
}

void UdpSocket::OnFdReady(uint32_t, Timestamp now) {
  bool destroyed = false;
  if (read_first_ != nullptr) {
    destroyed_ = &destroyed;
    read_first_->OnFdReady(0, now);
    if (destroyed) return;
    destroyed_ = nullptr;
  }
  for (int i = 0; i < kMaxBatchesPerRound; ++i) {
    const DatagramReader::Batch batch = worker_.reader().Read(fd_.get(), local_, &received_);
    if (!batch.datagrams.empty()) {
      destroyed_ = &destroyed;
      receiver_->OnDatagrams(batch.datagrams, now);
      if (destroyed) return;
      destroyed_ = nullptr;
    }
    if (!batch.more) break;
  }
}

}  // namespace sfu
