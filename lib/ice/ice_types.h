// What ICE is made of (RFC 8445), as plain values: parameters, candidates, tuples, states.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/socket_address.h"
#include "ortc/transport_parameters.h"

namespace sfu {

// As they are signalled.
using ortc::IceCandidate;
using ortc::IceCandidateType;
using ortc::IceParameters;
using ortc::IceProtocol;
using ortc::IceTcpType;

// "udp", "tcp"
std::string_view IceProtocolName(IceProtocol protocol);

// A path of datagrams between us and a peer.
struct IceTuple {
  IceProtocol protocol = IceProtocol::kUdp;
  SocketAddress local;   // as the peer's datagrams name it, never a wildcard
  SocketAddress remote;  // as the datagrams that arrive name it

  bool operator==(const IceTuple&) const = default;
};

// "host", "srflx", "prflx", "relay"
std::string_view IceCandidateTypeName(IceCandidateType type);

// "", "active", "passive", "so"
std::string_view IceTcpTypeName(IceTcpType type);

// As mediasoup's iceState.
enum class IceState : uint8_t {
  kNew,           // no valid check yet
  kConnected,     // the peer can be reached, but has not said which path it wants
  kCompleted,     // the peer has nominated a path
  kDisconnected,  // was connected, and has lost every path; a new check connects it again
  kClosed,
};
// "new", "connected", …
std::string_view IceStateName(IceState state);

}  // namespace sfu
