// Makes listening TCP sockets from options.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/socket_address.h"
#include "net/file_descriptor.h"

namespace sfu {

struct TcpListenOptions {
  // Where to listen. Port 0: any free one, or one of the range below.
  SocketAddress local;
  // When both are set: the first free port of the range, both ends included; local's port must be
  // 0.
  uint16_t min_port = 0;
  uint16_t max_port = 0;
  bool ipv6_only = false;  // an IPv6 wildcard socket does not take IPv4 too
  // Bytes the kernel may buffer per connection; 0: the system's default.
  int send_buffer_size = 0;
  int recv_buffer_size = 0;
};

// A non-blocking socket as the options say. An error names the option.
Result<FileDescriptor> ListenTcp(const TcpListenOptions& options);

}  // namespace sfu
