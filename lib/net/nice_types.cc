// Tables by the order of both sides' enumerators.
#include "net/nice_types.h"

#include <array>

namespace sfu {

SocketAddress FromNice(const NiceAddress& address) {
  std::array<gchar, NICE_ADDRESS_STRING_LEN> text{};
  nice_address_to_string(&address, text.data());
  const auto port = static_cast<uint16_t>(nice_address_get_port(&address));
  return SocketAddress::ParseIp(text.data(), port).value_or(SocketAddress());
}

bool ToNice(const std::string& ip, uint16_t port, NiceAddress* address) {
  nice_address_init(address);
  if (nice_address_set_from_string(address, ip.c_str()) == 0) return false;
  nice_address_set_port(address, port);
  return true;
}

IceProtocol ProtocolOf(const NiceCandidate& candidate) {
  return candidate.transport == NICE_CANDIDATE_TRANSPORT_UDP ? IceProtocol::kUdp
                                                             : IceProtocol::kTcp;
}

IceCandidate FromNice(const NiceCandidate& candidate) {
  constexpr std::array kTypes = {IceCandidateType::kHost, IceCandidateType::kServerReflexive,
                                 IceCandidateType::kPeerReflexive, IceCandidateType::kRelay};
  constexpr std::array kTcpTypes = {IceTcpType::kNone, IceTcpType::kActive, IceTcpType::kPassive,
                                    IceTcpType::kSimultaneousOpen};
  constexpr uint16_t kDiscardPort = 9;  // of active TCP candidates (RFC 6544, section 4.5)
  IceCandidate result;
  const SocketAddress address = FromNice(candidate.addr);
  result.foundation = candidate.foundation;
  result.priority = candidate.priority;
  result.address = address.IpString();
  result.protocol = ProtocolOf(candidate);
  result.type = kTypes[static_cast<size_t>(candidate.type)];
  result.tcp_type = kTcpTypes[static_cast<size_t>(candidate.transport)];
  result.port = result.tcp_type == IceTcpType::kActive ? kDiscardPort : address.port();
  return result;
}

NiceCandidateHandle ToNice(const IceCandidate& candidate, guint stream) {
  constexpr std::array kTypes = {NICE_CANDIDATE_TYPE_HOST, NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE,
                                 NICE_CANDIDATE_TYPE_PEER_REFLEXIVE, NICE_CANDIDATE_TYPE_RELAYED};
  constexpr std::array kTransports = {
      NICE_CANDIDATE_TRANSPORT_UDP, NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE,
      NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE, NICE_CANDIDATE_TRANSPORT_TCP_SO};
  NiceCandidateHandle result(nice_candidate_new(kTypes[static_cast<size_t>(candidate.type)]));
  if (!ToNice(candidate.address, candidate.port, &result->addr)) return nullptr;
  result->stream_id = stream;
  result->component_id = kNiceComponent;
  result->priority = candidate.priority;
  result->transport = kTransports[static_cast<size_t>(candidate.tcp_type)];
  g_strlcpy(result->foundation, candidate.foundation.c_str(), sizeof(result->foundation));
  return result;
}

}  // namespace sfu
