// Priorities are compared by the peer only with those of our other candidates.
#include "ice/lite_candidates.h"

#include <algorithm>
#include <cstddef>

namespace sfu {
namespace {

constexpr uint32_t kHostTypePreference = 126;
// Local preferences. UDP usually; TCP passive by RFC 6544 (direction 4, other 8191); and UDP where
// TCP is to come first.
constexpr uint32_t kUdpPreference = 65535;
constexpr uint32_t kTcpPreference = 4 * 8192 + 8191;
constexpr uint32_t kUdpAfterTcpPreference = 32767;
// Only RTP and RTCP together: component 1.
constexpr uint32_t kComponentPreference = 256 - 1;
constexpr size_t kMaxHostName = 255;

uint32_t Priority(IceProtocol protocol, bool prefer_tcp, size_t index) {
  uint32_t local = kTcpPreference;
  if (protocol == IceProtocol::kUdp) local = prefer_tcp ? kUdpAfterTcpPreference : kUdpPreference;
  local -= static_cast<uint32_t>(std::min<size_t>(index, 8191));
  return kHostTypePreference << 24 | local << 8 | kComponentPreference;
}

}  // namespace

std::vector<IceCandidate> MakeLiteCandidates(const std::vector<IceListenAddress>& addresses,
                                             bool prefer_tcp) {
  std::vector<IceCandidate> candidates;
  for (size_t i = 0; i < addresses.size(); ++i) {
    IceCandidate candidate;
    // Each has a base of its own.
    candidate.foundation = std::to_string(i + 1);
    candidate.priority = Priority(addresses[i].protocol, prefer_tcp, i);
    candidate.address = addresses[i].address;
    candidate.protocol = addresses[i].protocol;
    candidate.port = addresses[i].port;
    if (candidate.protocol == IceProtocol::kTcp) candidate.tcp_type = IceTcpType::kPassive;
    candidates.push_back(std::move(candidate));
  }
  std::ranges::stable_sort(candidates, std::ranges::greater(), &IceCandidate::priority);
  return candidates;
}

Status CheckAnnouncedAddress(const std::string& address) {
  constexpr const char* kField = "announcedAddress";
  if (address.empty()) return Error{kField, "is empty"};
  if (address.size() > kMaxHostName) return Error{kField, "is longer than 255 characters"};
  if (const auto ip = SocketAddress::ParseIp(address)) {
    return ip->is_wildcard() ? Status(Error{kField, "is the wildcard address"}) : OkStatus();
  }
  constexpr std::string_view kHostNameChars =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  if (address.find_first_not_of(kHostNameChars) != std::string::npos) {
    return Error{kField, "is neither an IP address nor a host name"};
  }
  return OkStatus();
}

}  // namespace sfu
