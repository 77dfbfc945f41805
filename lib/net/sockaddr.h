// SocketAddress to and from the kernel's structures.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/socket_address.h"

namespace sfu {

// Room for either kind of address. sockaddr_storage would be 128 bytes, in arrays too much.
union KernelAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// Writes `address` for a socket of family AF_INET6 (`ipv6_socket`) or AF_INET and returns the
// structure's size. On an IPv6 socket an IPv4 address becomes IPv4-mapped.
socklen_t ToKernel(const SocketAddress& address, bool ipv6_socket, KernelAddress* out);

// Not set for a family that is neither AF_INET nor AF_INET6.
SocketAddress FromKernel(const KernelAddress& address);

in_addr ToInAddr(const SocketAddress& address);
// An IPv4 address becomes IPv4-mapped.
in6_addr ToIn6Addr(const SocketAddress& address);
SocketAddress FromInAddr(const in_addr& address, uint16_t port);
SocketAddress FromIn6Addr(const in6_addr& address, uint16_t port, uint32_t scope_id);

}  // namespace sfu
