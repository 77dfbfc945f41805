// What two peers tell each other to connect: mediasoup's IceParameters, IceCandidate and
// DtlsParameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sfu::ortc {

// RFC 8445, section 5.3.
struct IceParameters {
  std::string username_fragment;  // 4..256 ice-chars
  std::string password;           // 22..256 ice-chars
  bool ice_lite = false;

  bool operator==(const IceParameters&) const = default;
};

enum class IceProtocol : uint8_t { kUdp, kTcp };
enum class IceCandidateType : uint8_t { kHost, kServerReflexive, kPeerReflexive, kRelay };
// RFC 6544, section 4.5; kNone with UDP.
enum class IceTcpType : uint8_t { kNone, kActive, kPassive, kSimultaneousOpen };

struct IceCandidate {
  std::string foundation;  // 1..32 ice-chars
  uint32_t priority = 0;
  std::string address;  // an IP address, or a host name that is announced
  IceProtocol protocol = IceProtocol::kUdp;
  uint16_t port = 0;
  IceCandidateType type = IceCandidateType::kHost;
  IceTcpType tcp_type = IceTcpType::kNone;

  bool operator==(const IceCandidate&) const = default;
};

// kAuto: whatever the other side's role leaves.
enum class DtlsRole : uint8_t { kAuto, kClient, kServer };
// RFC 8122, section 5, without the broken md2 and md5.
enum class FingerprintAlgorithm : uint8_t { kSha1, kSha224, kSha256, kSha384, kSha512 };

// Bytes of a digest.
constexpr size_t DigestSize(FingerprintAlgorithm algorithm) {
  switch (algorithm) {
    case FingerprintAlgorithm::kSha1:
      return 20;
    case FingerprintAlgorithm::kSha224:
      return 28;
    case FingerprintAlgorithm::kSha256:
      return 32;
    case FingerprintAlgorithm::kSha384:
      return 48;
    case FingerprintAlgorithm::kSha512:
      return 64;
  }
  return 0;
}

struct DtlsFingerprint {
  FingerprintAlgorithm algorithm = FingerprintAlgorithm::kSha256;
  std::vector<uint8_t> digest;  // DigestSize(algorithm) bytes

  bool operator==(const DtlsFingerprint&) const = default;
};

struct DtlsParameters {
  DtlsRole role = DtlsRole::kAuto;
  std::vector<DtlsFingerprint> fingerprints;  // at least one

  bool operator==(const DtlsParameters&) const = default;
};

}  // namespace sfu::ortc
