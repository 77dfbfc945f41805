// Only link-local addresses keep their scope, or one peer would have two spellings.
#include "net/sockaddr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace sfu {

in_addr ToInAddr(const SocketAddress& address) {
  in_addr out{};
  std::memcpy(&out, address.bytes().data(), sizeof(out));
  return out;
}

in6_addr ToIn6Addr(const SocketAddress& address) {
  in6_addr out{};
  if (address.is_ipv4() && !address.is_wildcard()) {
    out.s6_addr[10] = out.s6_addr[11] = 0xff;
    std::copy_n(address.bytes().begin(), 4, out.s6_addr + 12);
  } else {
    std::copy(address.bytes().begin(), address.bytes().end(), out.s6_addr);
  }
  return out;
}

SocketAddress FromInAddr(const in_addr& address, uint16_t port) {
  SocketAddress::Ipv4Bytes bytes;
  std::memcpy(bytes.data(), &address, bytes.size());
  return SocketAddress::Ipv4(bytes, port);
}

SocketAddress FromIn6Addr(const in6_addr& address, uint16_t port, uint32_t scope_id) {
  SocketAddress::Ipv6Bytes bytes;
  std::memcpy(bytes.data(), &address, bytes.size());
  const bool scoped = IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MC_LINKLOCAL(&address);
  return SocketAddress::Ipv6(bytes, port, scoped ? scope_id : 0);
}

socklen_t ToKernel(const SocketAddress& address, bool ipv6_socket, KernelAddress* out) {
  if (!ipv6_socket && address.is_ipv4()) {
    out->v4 = {};
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(address.port());
    out->v4.sin_addr = ToInAddr(address);
    return sizeof(out->v4);
  }
  out->v6 = {};
  out->v6.sin6_family = AF_INET6;
  out->v6.sin6_port = htons(address.port());
  out->v6.sin6_addr = ToIn6Addr(address);
  out->v6.sin6_scope_id = address.scope_id();
  return sizeof(out->v6);
}

SocketAddress FromKernel(const KernelAddress& address) {
  if (address.any.sa_family == AF_INET) {
    return FromInAddr(address.v4.sin_addr, ntohs(address.v4.sin_port));
  }
  if (address.any.sa_family == AF_INET6) {
    return FromIn6Addr(address.v6.sin6_addr, ntohs(address.v6.sin6_port), address.v6.sin6_scope_id);
  }
  return {};
}

}  // namespace sfu
