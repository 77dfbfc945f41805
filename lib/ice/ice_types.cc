// The words that SDP and mediasoup's objects use.
#include "ice/ice_types.h"

#include <array>
#include <cstddef>

namespace sfu {

std::string_view IceProtocolName(IceProtocol protocol) {
  return protocol == IceProtocol::kUdp ? "udp" : "tcp";
}

std::string_view IceCandidateTypeName(IceCandidateType type) {
  constexpr std::array<std::string_view, 4> kNames = {"host", "srflx", "prflx", "relay"};
  return kNames[static_cast<size_t>(type)];
}

std::string_view IceTcpTypeName(IceTcpType type) {
  constexpr std::array<std::string_view, 4> kNames = {"", "active", "passive", "so"};
  return kNames[static_cast<size_t>(type)];
}

std::string_view IceStateName(IceState state) {
  constexpr std::array<std::string_view, 5> kNames = {"new", "connected", "completed",
                                                      "disconnected", "closed"};
  return kNames[static_cast<size_t>(state)];
}

}  // namespace sfu
