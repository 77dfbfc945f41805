// A port that is taken is not an error while there are others to try; anything else is.
#include "net/tcp_listen.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <tuple>

#include "net/sockaddr.h"

namespace sfu {
namespace {

// Connections the kernel keeps until they are accepted.
constexpr int kBacklog = 256;

bool SetOption(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

Status CheckOptions(const TcpListenOptions& options) {
  if (!options.local.is_set()) return Error{"local", "must be an IPv4 or IPv6 address"};
  if ((options.min_port == 0) != (options.max_port == 0)) {
    return Error{options.min_port == 0 ? "min_port" : "max_port",
                 "both ends of the port range must be given, or none"};
  }
  if (options.min_port > options.max_port) return Error{"min_port", "is greater than max_port"};
  if (options.min_port != 0 && options.local.port() != 0) {
    return Error{"local", "its port must be 0 when a port range is given"};
  }
  if (options.send_buffer_size < 0) return Error{"send_buffer_size", "is negative"};
  if (options.recv_buffer_size < 0) return Error{"recv_buffer_size", "is negative"};
  return OkStatus();
}

// The socket, nothing when the port is taken, or an error.
Result<std::optional<FileDescriptor>> TryPort(const TcpListenOptions& options, uint16_t port) {
  const bool ipv6 = options.local.is_ipv6();
  FileDescriptor fd(
      socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return Error{"local", std::strerror(errno)};
  if (ipv6 && !SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0)) {
    return Error{"ipv6_only", std::strerror(errno)};
  }
  // A server that is started anew need not wait for its old connections. Accepted sockets inherit
  // the buffer sizes; smaller ones than asked for are no reason to fail.
  SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (const int size = options.send_buffer_size; size > 0) {
    SetOption(fd.get(), SOL_SOCKET, SO_SNDBUF, size);
  }
  if (const int size = options.recv_buffer_size; size > 0) {
    SetOption(fd.get(), SOL_SOCKET, SO_RCVBUF, size);
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
  if (const Status checked = CheckOptions(options); !checked) return checked.error();
  const bool range = options.min_port != 0;
  const int first = range ? options.min_port : options.local.port();
  const int last = range ? options.max_port : first;
  for (int port = first; port <= last; ++port) {
    auto tried = TryPort(options, static_cast<uint16_t>(port));
    if (!tried) return tried.error();
    if (tried.value()) return std::move(*tried.value());
  }
  if (range) return Error{"min_port", "no port of the range is free"};
  return Error{"local", first != 0 ? "the port is in use" : "no port is free"};
}

}  // namespace sfu
