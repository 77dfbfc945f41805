// The candidates of an ICE-lite agent: host candidates for the addresses that peers can reach it
// at.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ice/ice_types.h"

namespace sfu {

struct IceListenAddress {
  IceProtocol protocol = IceProtocol::kUdp;
  std::string address;  // an IP address or a host name, as peers are to use it
  uint16_t port = 0;
};

// In the order given, the first ones preferred; all of one protocol (`prefer_tcp`: TCP, else UDP)
// before all of the other (RFC 8445, section 5.1.2; RFC 6544, section 4.2). TCP candidates are
// passive.
std::vector<IceCandidate> MakeLiteCandidates(const std::vector<IceListenAddress>& addresses,
                                             bool prefer_tcp);

// Whether `address` can be written into a candidate. An error names "announcedAddress".
Status CheckAnnouncedAddress(const std::string& address);

}  // namespace sfu
