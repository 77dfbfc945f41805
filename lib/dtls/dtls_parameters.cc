// Fingerprints: their spelling and their comparison.
#include "dtls/dtls_parameters.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <utility>

namespace sfu {
namespace {

struct HashInfo {
  std::string_view name;
  const char* openssl_name;
  size_t size;
};

constexpr std::array<HashInfo, kAllDtlsHashes.size()> kHashes = {{{"sha-1", "SHA1", 20},
                                                                  {"sha-224", "SHA224", 28},
                                                                  {"sha-256", "SHA256", 32},
                                                                  {"sha-384", "SHA384", 48},
                                                                  {"sha-512", "SHA512", 64}}};

const HashInfo& InfoOf(DtlsHash hash) { return kHashes[static_cast<size_t>(hash)]; }

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<DtlsHash> HashFromName(std::string_view name) {
  const auto same = [](char a, char b) { return ToLower(a) == b; };
  for (const DtlsHash hash : kAllDtlsHashes) {
    const std::string_view other = InfoOf(hash).name;
    if (std::equal(name.begin(), name.end(), other.begin(), other.end(), same)) return hash;
  }
  return std::nullopt;
}

// -1 for what is no hexadecimal digit.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ToLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "4A:AD" of exactly `size` bytes.
std::optional<std::vector<uint8_t>> ParseHexBytes(std::string_view text, size_t size) {
  if (text.size() != size * 3 - 1) return std::nullopt;
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) {
    const int high = HexDigit(text[i * 3]);
    const int low = HexDigit(text[i * 3 + 1]);
    if (high < 0 || low < 0 || (i + 1 < size && text[i * 3 + 2] != ':')) return std::nullopt;
    bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return bytes;
}

std::string HexBytes(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const uint8_t byte : bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace

std::string_view DtlsRoleName(DtlsRole role) {
  constexpr std::array<std::string_view, 3> kNames = {"auto", "client", "server"};
  return kNames[static_cast<size_t>(role)];
}

std::string_view DtlsStateName(DtlsState state) {
  constexpr std::array<std::string_view, 5> kNames = {"new", "connecting", "connected", "failed",
                                                      "closed"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view DtlsHashName(DtlsHash hash) { return InfoOf(hash).name; }

std::vector<uint8_t> DtlsDigest(DtlsHash hash, ByteView bytes) {
  std::vector<uint8_t> digest(InfoOf(hash).size);
  size_t size = 0;
  if (EVP_Q_digest(nullptr, InfoOf(hash).openssl_name, nullptr, bytes.data(), bytes.size(),
                   digest.data(), &size) != 1 ||
      size != digest.size()) {
    return {};
  }
  return digest;
}

DtlsFingerprint MakeDtlsFingerprint(DtlsHash hash, ByteView certificate_der) {
  return {std::string(DtlsHashName(hash)), HexBytes(DtlsDigest(hash, certificate_der))};
}

Result<DtlsFingerprintSet> DtlsFingerprintSet::Parse(
    const std::vector<DtlsFingerprint>& fingerprints) {
  const std::string field = "dtlsParameters.fingerprints";
  if (fingerprints.empty()) return Error{field, "no fingerprint given"};
  if (fingerprints.size() > kMaxFingerprints) {
    return Error{field, "more than " + std::to_string(kMaxFingerprints) + " fingerprints"};
  }
  DtlsFingerprintSet set(DtlsHash::kSha1);
  for (size_t i = 0; i < fingerprints.size(); ++i) {
    const std::string entry = field + "[" + std::to_string(i) + "]";
    const std::optional<DtlsHash> hash = HashFromName(fingerprints[i].algorithm);
    if (!hash) {
      return Error{entry + ".algorithm",
                   "unknown algorithm \"" + fingerprints[i].algorithm.substr(0, 32) + "\""};
    }
    std::optional<std::vector<uint8_t>> digest =
        ParseHexBytes(fingerprints[i].value, InfoOf(*hash).size);
    if (!digest) {
      return Error{entry + ".value", "not " + std::to_string(InfoOf(*hash).size) +
                                         " hexadecimal bytes with colons between them"};
    }
    if (*hash > set.hash_) set.digests_.clear();
    set.hash_ = std::max(set.hash_, *hash);
    if (*hash == set.hash_) set.digests_.push_back(*std::move(digest));
  }
  return set;
}

DtlsParameters FromOrtc(const ortc::DtlsParameters& parameters) {
  DtlsParameters result;
  result.role = parameters.role;
  for (const ortc::DtlsFingerprint& fingerprint : parameters.fingerprints) {
    result.fingerprints.push_back(
        {std::string(DtlsHashName(fingerprint.algorithm)), HexBytes(fingerprint.digest)});
  }
  return result;
}

ortc::DtlsParameters ToOrtc(const DtlsParameters& parameters) {
  ortc::DtlsParameters result;
  result.role = parameters.role;
  for (const DtlsFingerprint& fingerprint : parameters.fingerprints) {
    const std::optional<DtlsHash> hash = HashFromName(fingerprint.algorithm);
    if (!hash) continue;
    auto digest = ParseHexBytes(fingerprint.value, InfoOf(*hash).size);
    if (digest) result.fingerprints.push_back({*hash, *std::move(digest)});
  }
  return result;
}

bool DtlsFingerprintSet::Matches(ByteView certificate_der) const {
  const std::vector<uint8_t> digest = DtlsDigest(hash_, certificate_der);
  return std::any_of(digests_.begin(), digests_.end(), [&](const std::vector<uint8_t>& wanted) {
    return wanted.size() == digest.size() &&
           CRYPTO_memcmp(wanted.data(), digest.data(), digest.size()) == 0;
  });
}

}  // namespace sfu
