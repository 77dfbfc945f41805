// A STUN message as the network brought it, read strictly (RFC 8489, RFC 8445 section 16.1): the
// one gate that a datagram passes before anything else, libnice too, looks into it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace sfu {

enum class StunClass : uint8_t { kRequest, kIndication, kSuccess, kError };

struct StunRequest {
  static constexpr uint16_t kBinding = 1;
  // Longer messages are not read: a check of a browser has about 100 bytes.
  static constexpr size_t kMaxSize = 1500;
  // Attributes of one message; browsers send eight.
  static constexpr size_t kMaxAttributes = 32;
  // RFC 8489, section 14.3
  static constexpr size_t kMaxUsername = 508;

  StunClass message_class = StunClass::kRequest;
  uint16_t method = 0;
  uint64_t transaction = 0;   // the last eight of the transaction ID's twelve bytes
  std::string_view username;  // points into the datagram; empty: there was none
  bool has_integrity = false;
  bool has_fingerprint = false;
  bool use_candidate = false;
  bool controlled = false;  // ICE-CONTROLLED: the peer thinks that we are controlling
  std::optional<uint32_t> priority;
  // Of draft-thatcher-ice-renomination: the higher the newer.
  std::optional<uint32_t> nomination;

  // The part of the user name that names one of our sessions.
  std::string_view local_fragment() const { return username.substr(0, username.find(':')); }

  // Nothing for anything but a whole STUN message with the magic cookie whose attributes fit, have
  // the length they must have, and are not repeated; MESSAGE-INTEGRITY may be followed only by
  // attributes that are then not read, FINGERPRINT by nothing.
  static std::optional<StunRequest> Parse(ByteView datagram);
};

}  // namespace sfu
