// The addresses of this machine, for whoever listens on all of them and must tell peers which.
#pragma once

#include <vector>

#include "base/socket_address.h"

namespace sfu {

// IPv4 addresses, then IPv6 ones, of interfaces that are up; without link-local ones, and without
// loopback unless there is nothing else. Ports are 0.
std::vector<SocketAddress> LocalAddresses();

}  // namespace sfu
