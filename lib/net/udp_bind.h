// Makes bound UDP sockets from options: ports, buffers, multicast.
#pragma once

#include <utility>

#include "base/result.h"
#include "net/features.h"
#include "net/file_descriptor.h"
#include "net/udp_socket_options.h"

namespace sfu {

// A non-blocking socket as the options say. An error names the option.
Result<FileDescriptor> BindUdp(const UdpSocketOptions& options, const NetFeatures& features);

// Two such sockets, on an even port and on the one after it.
Result<std::pair<FileDescriptor, FileDescriptor>> BindUdpPair(const UdpSocketOptions& options,
                                                              const NetFeatures& features);

}  // namespace sfu
