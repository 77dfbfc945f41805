// What making a UDP socket and making a listening TCP socket have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/result.h"
#include "base/socket_address.h"
#include "net/file_descriptor.h"

namespace sfu {

// False if the system refused.
bool SetSocketOption(int fd, int level, int option, int value);

// The members that UdpSocketOptions and TcpListenOptions share: an address, a port range that is
// whole or absent, buffer sizes that are not negative. Errors name the member.
template <typename Options>
Status CheckSocketOptions(const Options& options) {
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

// Binds one port after the other of the options' range, or its one port, or `any_port_tries` times
// whichever the system chooses, by `bind(port)`, until `accept` takes what came of it. `bind` gives
// a socket, nothing when the port is taken, or an error, which ends the search; `accept` gives
// whether the socket is the one, or an error.
template <typename Options, typename Bind, typename Accept>
Status FindPort(const Options& options, int any_port_tries, const Bind& bind,
                const Accept& accept) {
  const bool range = options.min_port != 0;
  const uint16_t fixed = options.local.port();
  const int tries = range        ? options.max_port - options.min_port + 1
                    : fixed != 0 ? 1
                                 : any_port_tries;
  for (int i = 0; i < tries; ++i) {
    const uint16_t port = range ? static_cast<uint16_t>(options.min_port + i) : fixed;
    Result<std::optional<FileDescriptor>> tried = bind(port);
    if (!tried) return tried.error();
    if (!tried.value()) continue;
    Result<bool> accepted = accept(std::move(*tried.value()));
    if (!accepted) return accepted.error();
    if (accepted.value()) return OkStatus();
  }
  if (fixed != 0) return Error{"local", "the port is in use"};
  return Error{range ? "min_port" : "local",
               range ? "no port of the range is free" : "no suitable port is free"};
}

}  // namespace sfu
