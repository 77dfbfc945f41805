// The kernel wants interface indexes; people write names or addresses.
#include "net/multicast.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/sockaddr.h"

namespace sfu {
namespace {

// 0 when no interface has the address.
unsigned InterfaceOf(const SocketAddress& address) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return 0;
  unsigned index = 0;
  for (const ifaddrs* entry = list; entry != nullptr && index == 0; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    KernelAddress own{};
    if (entry->ifa_addr->sa_family == AF_INET) {
      std::memcpy(&own.v4, entry->ifa_addr, sizeof(own.v4));
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      std::memcpy(&own.v6, entry->ifa_addr, sizeof(own.v6));
    } else {
      continue;
    }
    if (FromKernel(own).bytes() == address.bytes() &&
        FromKernel(own).is_ipv4() == address.is_ipv4()) {
      index = if_nametoindex(entry->ifa_name);
    }
  }
  freeifaddrs(list);
  return index;
}

}  // namespace

Result<unsigned> MulticastInterface(const UdpSocketOptions& options) {
  const std::string& name = options.multicast_interface;
  if (name.empty()) return options.local.is_wildcard() ? 0 : InterfaceOf(options.local);
  const auto address = SocketAddress::ParseIp(name);
  const unsigned index = address ? InterfaceOf(*address) : if_nametoindex(name.c_str());
  if (index == 0) return Error{"multicast_interface", "there is no interface " + name};
  return index;
}

Status JoinMulticast(int fd, const SocketAddress& group, unsigned interface) {
  const int index = static_cast<int>(interface);
  bool joined = false;
  if (group.is_ipv4()) {
    ip_mreqn request{};
    request.imr_multiaddr = ToInAddr(group);
    request.imr_ifindex = index;
    joined =
        setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request)) == 0 &&
        (index == 0 || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof(request)) == 0);
  } else {
    ipv6_mreq request{};
    request.ipv6mr_multiaddr = ToIn6Addr(group);
    request.ipv6mr_interface = interface;
    joined =
        setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof(request)) == 0 &&
        (index == 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index)) == 0);
  }
  if (!joined) return Error{"multicast_group", std::strerror(errno)};
  return OkStatus();
}

}  // namespace sfu
