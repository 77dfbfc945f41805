// Local user names and passwords of ICE (RFC 8445, section 5.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace sfu {

struct IceCredentials {
  // Six bits in each: 48 bits of user name, 144 of password (at least 24 and 128 are asked for).
  static constexpr size_t kUsernameFragmentSize = 8;
  static constexpr size_t kPasswordSize = 24;
  static constexpr size_t kRandomBytes = kUsernameFragmentSize + kPasswordSize;

  std::string username_fragment;
  std::string password;

  // Made of bytes from a cryptographic random source.
  static IceCredentials FromRandom(std::span<const uint8_t, kRandomBytes> random);

  // Lengths and characters as the standard has them. An error names "usernameFragment" or
  // "password".
  Status Check() const;
};

}  // namespace sfu
