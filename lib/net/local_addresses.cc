// Interfaces in the kernel's order.
#include "net/local_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <memory>

#include "net/sockaddr.h"

namespace sfu {
namespace {

bool IsLinkLocal(const SocketAddress& address) {
  const auto& bytes = address.bytes();
  if (address.is_ipv4()) return bytes[0] == 169 && bytes[1] == 254;
  return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

SocketAddress ReadAddress(const ifaddrs& interface) {
  const sockaddr* const address = interface.ifa_addr;
  if (address == nullptr || (interface.ifa_flags & IFF_UP) == 0) return {};
  KernelAddress kernel{};
  const auto* bytes = reinterpret_cast<const uint8_t*>(address);
  if (address->sa_family == AF_INET) {
    std::copy_n(bytes, sizeof(kernel.v4), reinterpret_cast<uint8_t*>(&kernel.v4));
  } else if (address->sa_family == AF_INET6) {
    std::copy_n(bytes, sizeof(kernel.v6), reinterpret_cast<uint8_t*>(&kernel.v6));
  } else {
    return {};
  }
  SocketAddress found = FromKernel(kernel);
  found.set_port(0);
  return found;
}

}  // namespace

std::vector<SocketAddress> LocalAddresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(list, freeifaddrs);
  std::vector<SocketAddress> addresses;
  for (const ifaddrs* interface = list; interface != nullptr; interface = interface->ifa_next) {
    const SocketAddress address = ReadAddress(*interface);
    if (address.is_set() && !IsLinkLocal(address)) addresses.push_back(address);
  }
  std::stable_partition(addresses.begin(), addresses.end(),
                        [](const SocketAddress& address) { return address.is_ipv4(); });
  if (!std::ranges::all_of(addresses, &SocketAddress::is_loopback)) {
    std::erase_if(addresses, [](const SocketAddress& address) { return address.is_loopback(); });
  }
  return addresses;
}

}  // namespace sfu
