#include "signalling/session_id.h"

#include <openssl/rand.h>

#include <array>
#include <string_view>

namespace sfu::signalling {

std::string NewSessionId() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += kDigits[byte >> 4];
    id += kDigits[byte & 0xF];
  }
  return id;
}

}  // namespace sfu::signalling
