// libnice trusts attributes to have the length that they must have; StunRequest::Parse() has seen
// to that. Its sent-ID table is for requests of our own, and stays empty.
#include "ice/stun_responder.h"

#include <netinet/in.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace sfu {
namespace {

// The attributes with numbers below 0x8000 that we understand; any other of those is answered with
// 420. Ends with 0.
constexpr std::array<uint16_t, 8> kKnownAttributes = {STUN_ATTRIBUTE_USERNAME,
                                                      STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
                                                      0x001c,  // MESSAGE-INTEGRITY-SHA256
                                                      STUN_ATTRIBUTE_PRIORITY,
                                                      STUN_ATTRIBUTE_USE_CANDIDATE,
                                                      STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
                                                      0x0030,  // NOMINATION
                                                      0};

socklen_t ToSockaddr(const SocketAddress& address, sockaddr_storage* out) {
  if (address.is_ipv4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port());
    std::memcpy(&v4.sin_addr, address.bytes().data(), sizeof(v4.sin_addr));
    std::memcpy(out, &v4, sizeof(v4));
    return sizeof(v4);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port());
  std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof(v6.sin6_addr));
  std::memcpy(out, &v6, sizeof(v6));
  return sizeof(v6);
}

// The user name was looked up already; libnice only wants the password that goes with it.
bool GivePassword(StunAgent*, StunMessage*, uint8_t*, uint16_t, uint8_t** password, size_t* size,
                  void* context) {
  const auto* known = static_cast<const std::string_view*>(context);
  *password = reinterpret_cast<uint8_t*>(const_cast<char*>(known->data()));
  *size = known->size();
  return !known->empty();
}

size_t WriteError(StunAgent* agent, const StunMessage& request, StunError code, MutableBytes out) {
  StunMessage reply{};
  if (!stun_agent_init_error(agent, &reply, out.data(), out.size(), &request, code)) return 0;
  return stun_agent_finish_message(agent, &reply, request.key, request.key_len);
}

bool IsComplete(const StunRequest& request) {
  return !request.username.empty() && request.has_integrity && request.has_fingerprint &&
         request.priority.has_value();
}

}  // namespace

StunResponder::StunResponder() : agent_(std::make_unique<stun_agent_t>()) {
  stun_agent_init(agent_.get(), kKnownAttributes.data(), STUN_COMPATIBILITY_RFC5389,
                  static_cast<StunAgentUsageFlags>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
                                                   STUN_AGENT_USAGE_USE_FINGERPRINT));
}

StunResponder::~StunResponder() = default;

StunResponder::Answer StunResponder::Reply(ByteView datagram, const StunRequest& request,
                                           std::string_view password, const SocketAddress& from,
                                           MutableBytes out) {
  StunAgent* const agent = agent_.get();
  StunMessage check{};
  const StunValidationStatus status =
      stun_agent_validate(agent, &check, datagram.data(), datagram.size(), GivePassword, &password);
  // Not a message at all; Parse() lets none of these through.
  if (status == STUN_VALIDATION_NOT_STUN || status == STUN_VALIDATION_INCOMPLETE_STUN) return {};
  if (status == STUN_VALIDATION_UNAUTHORIZED) {
    return {StunVerdict::kUnauthorized, false,
            WriteError(agent, check, STUN_ERROR_UNAUTHORIZED, out)};
  }
  if (status == STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE) {
    StunMessage reply{};
    return {
        StunVerdict::kUnknownAttribute, true,
        stun_agent_build_unknown_attributes_error(agent, &reply, out.data(), out.size(), &check)};
  }
  const bool authentic = status == STUN_VALIDATION_SUCCESS;
  if (!authentic || !IsComplete(request)) {
    return {StunVerdict::kBadRequest, authentic,
            WriteError(agent, check, STUN_ERROR_BAD_REQUEST, out)};
  }
  if (request.controlled) {
    return {StunVerdict::kRoleConflict, true,
            WriteError(agent, check, STUN_ERROR_ROLE_CONFLICT, out)};
  }
  sockaddr_storage address{};
  const socklen_t address_size = ToSockaddr(from, &address);
  StunMessage reply{};
  bool controlling = false;
  size_t size = out.size();
  const StunUsageIceReturn written = stun_usage_ice_conncheck_create_reply(
      agent, &check, &reply, out.data(), &size, &address, address_size, &controlling, 0,
      STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
  if (written != STUN_USAGE_ICE_RETURN_SUCCESS) return {StunVerdict::kBadRequest, true, 0};
  return {StunVerdict::kValid, true, size};
}

}  // namespace sfu
