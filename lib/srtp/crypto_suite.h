// The SRTP protection suites that libsfu speaks: their names, sizes and overheads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sfu {

enum class SrtpSuite : uint8_t {
  kAeadAes256Gcm,        // RFC 7714
  kAeadAes128Gcm,        // RFC 7714
  kAesCm128HmacSha1_80,  // RFC 3711
  kAesCm128HmacSha1_32,  // RFC 3711; its RTCP has an 80-bit tag (RFC 5764, section 4.1.2)
};

inline constexpr std::array<SrtpSuite, 4> kAllSrtpSuites = {
    SrtpSuite::kAeadAes256Gcm, SrtpSuite::kAeadAes128Gcm, SrtpSuite::kAesCm128HmacSha1_80,
    SrtpSuite::kAesCm128HmacSha1_32};

// Sizes in bytes.
struct SrtpSuiteInfo {
  std::string_view name;  // as in mediasoup's SrtpParameters and in SDP's a=crypto
  uint8_t key_size;       // master key and session key alike
  uint8_t salt_size;      // master salt and session salt alike
  uint8_t rtp_tag_size;
  uint8_t rtcp_tag_size;
  bool aead;

  // Master key and salt, one behind the other, as they are exchanged.
  constexpr size_t keying_size() const { return size_t{key_size} + salt_size; }
  // By how much a packet grows when it is protected.
  constexpr size_t rtp_overhead() const { return rtp_tag_size; }
  // The tag, the E flag and the index.
  constexpr size_t rtcp_overhead() const { return rtcp_tag_size + size_t{4}; }
};

// The largest values among all suites.
inline constexpr size_t kMaxSrtpKeySize = 32;
inline constexpr size_t kMaxSrtpSaltSize = 14;
inline constexpr size_t kMaxSrtpOverhead = 16;
inline constexpr size_t kMaxSrtcpOverhead = 20;

const SrtpSuiteInfo& GetSrtpSuiteInfo(SrtpSuite suite);

// The suite of that exact name; nothing for another.
std::optional<SrtpSuite> SrtpSuiteFromName(std::string_view name);

}  // namespace sfu
