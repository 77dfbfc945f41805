// A port that is taken is not an error while there are others to try; anything else is.
#include "net/tcp_listen.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "net/sockaddr.h"
#include "net/socket_setup.h"

namespace sfu {
namespace {

// Connections the kernel keeps until they are accepted.
constexpr int kBacklog = 256;

// The socket, nothing when the port is taken, or an error.
Result<std::optional<FileDescriptor>> TryPort(const TcpListenOptions& options, uint16_t port) {
  const bool ipv6 = options.local.is_ipv6();
  FileDescriptor fd(
      socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return Error{"local", std::strerror(errno)};
  if (ipv6 && !SetSocketOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0)) {
    return Error{"ipv6_only", std::strerror(errno)};
  }
  // A server that is started anew need not wait for its old connections. Accepted sockets inherit
  // the buffer sizes; smaller ones than asked for are no reason to fail.
  SetSocketOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (const int size = options.send_buffer_size; size > 0) {
    SetSocketOption(fd.get(), SOL_SOCKET, SO_SNDBUF, size);
  }
  if (const int size = options.recv_buffer_size; size > 0) {
    SetSocketOption(fd.get(), SOL_SOCKET, SO_RCVBUF, size);
  }
  SocketAddress address = options.local;
  address.set_port(port);
  KernelAddress kernel_address{};
  const socklen_t size = ToKernel(address, ipv6, &kernel_address);
  if (bind(fd.get(), &kernel_address.any, size) != 0 || listen(fd.get(), kBacklog) != 0) {
    if (errno == EADDRINUSE) return std::optional<FileDescriptor>();
    return Error{"local", std::strerror(errno)};
  }
  return std::optional<FileDescriptor>(std::move(fd));
}

}  // namespace

Result<FileDescriptor> ListenTcp(const TcpListenOptions& options) {
  if (const Status status = CheckSocketOptions(options); !status) return status.error();
  FileDescriptor listening;
  const Status found = FindPort(
      options, 1, [&](uint16_t port) { return TryPort(options, port); },
      [&](FileDescriptor fd) -> Result<bool> {
        listening = std::move(fd);
        return true;
      });
  if (!found) return found.error();
  return listening;
}

}  // namespace sfu
