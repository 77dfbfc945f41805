// A port that is taken is not an error while there are others to try; anything else is.
#include "net/udp_bind.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "net/multicast.h"
#include "net/sockaddr.h"
#include "net/socket_setup.h"

namespace sfu {
namespace {

// When the kernel chooses the port: how often to ask it for one that fits (even, and with a free
// neighbour). About every second one does.
constexpr int kAnyPortTries = 128;

Status CheckOptions(const UdpSocketOptions& options) {
  if (Status status = CheckSocketOptions(options); !status) return status;
  if (options.even_port && options.local.port() % 2 != 0) {
    return Error{"local", "its port must be even"};
  }
  if (options.multicast_group.is_set()) {
    if (!options.multicast_group.is_multicast()) {
      return Error{"multicast_group", "is not a multicast address"};
    }
    if (options.multicast_group.is_ipv4() != options.local.is_ipv4()) {
      return Error{"multicast_group", "is not of the same family as local"};
    }
  }
  return OkStatus();
}

// Up to the system's limit, or beyond it where that is allowed. A smaller buffer than asked for is
// no reason to fail.
void SetBuffer(int fd, int forced_option, int option, int size) {
  if (size > 0 && !SetSocketOption(fd, SOL_SOCKET, forced_option, size)) {
    SetSocketOption(fd, SOL_SOCKET, option, size);
  }
}

Result<FileDescriptor> OpenSocket(const UdpSocketOptions& options, const NetFeatures& features) {
  const bool ipv6 = options.local.is_ipv6();
  FileDescriptor fd(
      socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return Error{"local", std::strerror(errno)};
  const int s = fd.get();
  if (ipv6 && !SetSocketOption(s, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0)) {
    return Error{"ipv6_only", std::strerror(errno)};
  }
  if (options.reuse_port && !SetSocketOption(s, SOL_SOCKET, SO_REUSEPORT, 1)) {
    return Error{"reuse_port", std::strerror(errno)};
  }
  if (options.multicast_group.is_set() && !SetSocketOption(s, SOL_SOCKET, SO_REUSEADDR, 1)) {
    return Error{"multicast_group", std::strerror(errno)};
  }
  SetBuffer(s, SO_SNDBUFFORCE, SO_SNDBUF, options.send_buffer_size);
  SetBuffer(s, SO_RCVBUFFORCE, SO_RCVBUF, options.recv_buffer_size);
  // Both are of help only; the reader does without as well.
  if (options.gro && features.gro) SetSocketOption(s, SOL_UDP, UDP_GRO, 1);
  if (options.local.is_wildcard()) {
    SetSocketOption(s, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
  }
  return fd;
}

// The socket, nothing when the port is taken, or an error.
Result<std::optional<FileDescriptor>> TryPort(const UdpSocketOptions& options,
                                              const NetFeatures& features, uint16_t port) {
  auto opened = OpenSocket(options, features);
  if (!opened) return opened.error();
  FileDescriptor fd = std::move(opened).value();
  const SocketAddress& group = options.multicast_group;
  unsigned interface = 0;
  SocketAddress address = options.local;
  if (group.is_set()) {
    const auto chosen = MulticastInterface(options);
    if (!chosen) return chosen.error();
    interface = chosen.value();
    // A link-local group means something only together with its interface.
    address = group.is_ipv6() ? SocketAddress::Ipv6(group.bytes(), 0, interface) : group;
  }
  address.set_port(port);
  KernelAddress kernel_address{};
  const socklen_t size = ToKernel(address, options.local.is_ipv6(), &kernel_address);
  if (bind(fd.get(), &kernel_address.any, size) != 0) {
    if (errno == EADDRINUSE) return std::optional<FileDescriptor>();
    return Error{group.is_set() ? "multicast_group" : "local", std::strerror(errno)};
  }
  if (group.is_set()) {
    const Status joined = JoinMulticast(fd.get(), group, interface);
    if (!joined) return joined.error();
  }
  return std::optional<FileDescriptor>(std::move(fd));
}

uint16_t BoundPort(const FileDescriptor& fd) {
  KernelAddress address{};
  socklen_t size = sizeof(address);
  getsockname(fd.get(), &address.any, &size);
  return FromKernel(address).port();
}

// As FindPort() of socket_setup.h.
template <typename Accept>
Status FindUdpPort(const UdpSocketOptions& options, const NetFeatures& features,
                   const Accept& accept) {
  const auto bind = [&](uint16_t port) -> Result<std::optional<FileDescriptor>> {
    if (options.even_port && port % 2 != 0) return std::optional<FileDescriptor>();
    return TryPort(options, features, port);
  };
  return FindPort(options, kAnyPortTries, bind, [&](FileDescriptor fd) -> Result<bool> {
    if (options.even_port && BoundPort(fd) % 2 != 0) return false;
    return accept(std::move(fd));
  });
}

}  // namespace

Result<FileDescriptor> BindUdp(const UdpSocketOptions& options, const NetFeatures& features) {
  if (const Status checked = CheckOptions(options); !checked) return checked.error();
  FileDescriptor bound;
  const Status found = FindUdpPort(options, features, [&bound](FileDescriptor fd) -> Result<bool> {
    bound = std::move(fd);
    return true;
  });
  if (!found) return found.error();
  return bound;
}

Result<std::pair<FileDescriptor, FileDescriptor>> BindUdpPair(const UdpSocketOptions& options,
                                                              const NetFeatures& features) {
  UdpSocketOptions even = options;
  even.even_port = true;
  if (const Status checked = CheckOptions(even); !checked) return checked.error();
  std::pair<FileDescriptor, FileDescriptor> pair;
  const Status found = FindUdpPort(even, features, [&](FileDescriptor fd) -> Result<bool> {
    const int rtcp_port = BoundPort(fd) + 1;
    // The RTCP port is part of the range too.
    if (options.max_port != 0 && rtcp_port > options.max_port) return false;
    auto second = TryPort(options, features, static_cast<uint16_t>(rtcp_port));
    if (!second) return second.error();
    if (!second.value()) return false;
    pair = {std::move(fd), std::move(*second.value())};
    return true;
  });
  if (!found) return found.error();
  return pair;
}

}  // namespace sfu
