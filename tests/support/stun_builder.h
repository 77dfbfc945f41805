// Writes STUN messages as a peer does, without the library that the responder uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace sfu::test {

class StunBuilder {
 public:
  static constexpr uint16_t kBindingRequest = 0x0001;
  static constexpr uint16_t kBindingIndication = 0x0011;

  // `transaction` becomes the last eight bytes of the transaction ID.
  explicit StunBuilder(uint64_t transaction, uint16_t type = kBindingRequest);

  StunBuilder& Add(uint16_t attribute, ByteView value);
  // Attributes as they are, padded to a multiple of four bytes.
  StunBuilder& Append(ByteView attributes);
  StunBuilder& Add32(uint16_t attribute, uint32_t value);
  StunBuilder& Username(std::string_view name);
  StunBuilder& Priority(uint32_t priority) { return Add32(0x0024, priority); }
  StunBuilder& UseCandidate() { return Add(0x0025, {}); }
  StunBuilder& Nomination(uint32_t nomination) { return Add32(0xc001, nomination); }
  StunBuilder& Controlling();
  StunBuilder& Controlled();
  StunBuilder& Integrity(std::string_view password);
  StunBuilder& Fingerprint();

  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  void SetLength(size_t length);

  std::vector<uint8_t> bytes_;
};

// A whole check of a controlling peer.
struct CheckOptions {
  bool use_candidate = false;
  uint32_t nomination = 0;  // 0: without
};
std::vector<uint8_t> MakeCheck(std::string_view local_fragment, std::string_view password,
                               uint64_t transaction, const CheckOptions& options = {});

// A STUN message taken apart again.
struct StunReply {
  uint16_t type = 0;
  uint64_t transaction = 0;
  int error = 0;                 // of ERROR-CODE; 0: there is none
  std::string mapped_address;    // of XOR-MAPPED-ADDRESS, as text
  bool has_integrity = false;    // and it is right for the password
  bool has_fingerprint = false;  // and it is right
};
StunReply ReadReply(ByteView message, std::string_view password);

}  // namespace sfu::test
