// How a UDP socket is to be made.
#pragma once

#include <cstdint>
#include <string>

#include "base/socket_address.h"

namespace sfu {

// A peer that was cut off for a second answers NACKs with all that is missing at once. The system's
// usual 208 KiB hold some 90 full packets (the kernel counts its own overhead too), this some 900.
inline constexpr int kDefaultReceiveBuffer = 1 << 20;

struct UdpSocketOptions {
  // Where to bind. Port 0: any free one, or one of the range below.
  SocketAddress local;
  // When both are set: the first free port of the range, both ends included; local's port must be
  // 0.
  uint16_t min_port = 0;
  uint16_t max_port = 0;
  bool even_port = false;   // only even ports
  bool ipv6_only = false;   // an IPv6 wildcard socket does not take IPv4 too
  bool reuse_port = false;  // SO_REUSEPORT: several sockets share one port
  // When set: the group to receive. The socket is then bound to the group, so that it gets nothing
  // else, with `local` giving the port. Several sockets may receive one group and port.
  SocketAddress multicast_group;
  // The interface for multicast, as its name or as one of its addresses; empty: local's address, or
  // else the system's choice.
  std::string multicast_interface;
  // Bytes the kernel may buffer; 0: the system's default. Beyond the system's maximum only with
  // CAP_NET_ADMIN; otherwise the maximum is used.
  int send_buffer_size = 0;
  int recv_buffer_size = kDefaultReceiveBuffer;
  bool gro = true;  // receive with UDP GRO where the kernel has it
};

}  // namespace sfu
