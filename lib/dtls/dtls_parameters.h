// What the two ends of a DTLS association tell each other by signalling: mediasoup's
// DtlsParameters.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "ortc/transport_parameters.h"

namespace sfu {

using ortc::DtlsRole;

// "auto", "client", "server", as in DtlsParameters.
std::string_view DtlsRoleName(DtlsRole role);

// As mediasoup's dtlsState.
enum class DtlsState : uint8_t { kNew, kConnecting, kConnected, kFailed, kClosed };

// "new", "connecting" …
std::string_view DtlsStateName(DtlsState state);

// The hash functions of a=fingerprint (RFC 8122, section 5), the stronger the larger. MD5 and MD2
// are refused.
using DtlsHash = ortc::FingerprintAlgorithm;

inline constexpr std::array<DtlsHash, 5> kAllDtlsHashes = {
    DtlsHash::kSha1, DtlsHash::kSha224, DtlsHash::kSha256, DtlsHash::kSha384, DtlsHash::kSha512};

// "sha-256" …
std::string_view DtlsHashName(DtlsHash hash);

// As JSON and SDP carry it.
struct DtlsFingerprint {
  std::string algorithm;  // "sha-256"; upper case is understood
  std::string value;      // "4A:AD:…"; lower case is understood

  bool operator==(const DtlsFingerprint&) const = default;
};

struct DtlsParameters {
  DtlsRole role = DtlsRole::kAuto;  // of whom the parameters describe
  std::vector<DtlsFingerprint> fingerprints;
};

// To and from the form that ortc/transport_parameters_json.h reads and writes.
DtlsParameters FromOrtc(const ortc::DtlsParameters& parameters);
// What is no fingerprint is left out.
ortc::DtlsParameters ToOrtc(const DtlsParameters& parameters);

// The largest digest, in bytes.
inline constexpr size_t kMaxDtlsDigestSize = 64;

// A digest of `bytes`, usually a certificate as DER. Empty if OpenSSL has no such hash.
std::vector<uint8_t> DtlsDigest(DtlsHash hash, ByteView bytes);

// The digest of a certificate in the form of SDP.
DtlsFingerprint MakeDtlsFingerprint(DtlsHash hash, ByteView certificate_der);

// The fingerprints that a peer has announced, ready to be compared.
class DtlsFingerprintSet {
 public:
  static constexpr size_t kMaxFingerprints = 16;

  // Errors name "dtlsParameters.fingerprints" or one entry of it, as in
  // "dtlsParameters.fingerprints[1].algorithm".
  static Result<DtlsFingerprintSet> Parse(const std::vector<DtlsFingerprint>& fingerprints);

  // Whether the certificate has one of the fingerprints of the strongest hash that was announced
  // (RFC 8122, section 5: several values of one hash stand for several certificates).
  bool Matches(ByteView certificate_der) const;

 private:
  explicit DtlsFingerprintSet(DtlsHash hash) : hash_(hash) {}

  DtlsHash hash_;
  std::vector<std::vector<uint8_t>> digests_;  // of hash_
};

}  // namespace sfu
