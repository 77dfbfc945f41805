// Between libnice's types and ours. Not installed: it names libnice.
#pragma once

#include <agent.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/socket_address.h"
#include "ice/ice_types.h"

namespace sfu {

// RTP and RTCP share one.
inline constexpr guint kNiceComponent = 1;

struct NiceCandidateFree {
  void operator()(NiceCandidate* candidate) const { nice_candidate_free(candidate); }
};
using NiceCandidateHandle = std::unique_ptr<NiceCandidate, NiceCandidateFree>;

SocketAddress FromNice(const NiceAddress& address);
IceCandidate FromNice(const NiceCandidate& candidate);
IceProtocol ProtocolOf(const NiceCandidate& candidate);

// False if `ip` is no IP address.
bool ToNice(const std::string& ip, uint16_t port, NiceAddress* address);
// Null if its address is no IP address.
NiceCandidateHandle ToNice(const IceCandidate& candidate, guint stream);

}  // namespace sfu
