// Joining a multicast group.
#pragma once

#include "base/result.h"
#include "net/udp_socket_options.h"

namespace sfu {

// The index of the interface that the options mean for multicast; 0: the system's choice. An error
// names the option.
Result<unsigned> MulticastInterface(const UdpSocketOptions& options);

// Has the UDP socket `fd` receive `group` on the interface with that index, which also becomes the
// one it sends multicast from.
Status JoinMulticast(int fd, const SocketAddress& group, unsigned interface);

}  // namespace sfu
