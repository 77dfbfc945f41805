// What ICE is made of (RFC 8445), as plain values: parameters, candidates, tuples, states.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/socket_address.h"

namespace sfu {

enum class IceProtocol : uint8_t { kUdp, kTcp };
// "udp", "tcp"
std::string_view IceProtocolName(IceProtocol protocol);

// A path of datagrams between us and a peer.
struct IceTuple {
  IceProtocol protocol = IceProtocol::kUdp;
  SocketAddress local;   // as the peer's datagrams name it, never a wildcard
  SocketAddress remote;  // as the datagrams that arrive name it

  bool operator==(const IceTuple&) const = default;
};

struct IceParameters {
  std::string username_fragment;
  std::string password;
  bool ice_lite = false;
};

enum class IceCandidateType : uint8_t { kHost, kServerReflexive, kPeerReflexive, kRelay };
// "host", "srflx", "prflx", "relay"
std::string_view IceCandidateTypeName(IceCandidateType type);

// RFC 6544, section 4.5
enum class IceTcpType : uint8_t { kNone, kActive, kPassive, kSimultaneousOpen };
// "", "active", "passive", "so"
std::string_view IceTcpTypeName(IceTcpType type);

struct IceCandidate {
  std::string foundation;
  uint32_t priority = 0;
  std::string address;  // an IP address or a host name
  IceProtocol protocol = IceProtocol::kUdp;
  uint16_t port = 0;
  IceCandidateType type = IceCandidateType::kHost;
  IceTcpType tcp_type = IceTcpType::kNone;
};

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
