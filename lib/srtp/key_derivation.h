// The session keys that SRTP derives from a master key (RFC 3711, section 4.3; RFC 7714,
// section 11). The key derivation rate is always zero, so they are derived once.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "srtp/srtp_parameters.h"

namespace sfu {

// RTP and RTCP have session keys of their own.
enum class SrtpChannel : uint8_t { kRtp, kRtcp };

inline constexpr size_t kHmacSha1KeySize = 20;

// Overwritten with zeros when it goes.
struct SrtpSessionKeys {
  std::array<uint8_t, kMaxSrtpKeySize> key{};
  std::array<uint8_t, kHmacSha1KeySize> auth_key{};  // not used by AEAD suites
  std::array<uint8_t, kMaxSrtpSaltSize> salt{};

  SrtpSessionKeys() = default;
  SrtpSessionKeys(const SrtpSessionKeys&) = default;
  SrtpSessionKeys& operator=(const SrtpSessionKeys&) = default;
  ~SrtpSessionKeys();
};

// The pseudo-random function AES-CM: fills `out` for one label. `master_key` has 16 or 32 bytes,
// `master_salt` at most 14 (shorter ones count as padded with zeros on the right). False if OpenSSL
// fails.
bool DeriveSrtpKey(ByteView master_key, ByteView master_salt, uint8_t label, MutableBytes out);

// Nothing if OpenSSL fails.
std::optional<SrtpSessionKeys> DeriveSrtpSessionKeys(const SrtpKey& master, SrtpChannel channel);

}  // namespace sfu
