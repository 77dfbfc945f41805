// Where SRTP keys come from: signalled parameters (plain and pipe transports) or the DTLS exporter.
#pragma once

#include <array>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "srtp/crypto_suite.h"

namespace sfu {

// The master key and salt of one direction. Overwritten with zeros when it goes.
struct SrtpKey {
  SrtpSuite suite = SrtpSuite::kAeadAes256Gcm;
  std::array<uint8_t, kMaxSrtpKeySize> master_key{};    // the first key_size bytes count
  std::array<uint8_t, kMaxSrtpSaltSize> master_salt{};  // the first salt_size bytes count

  SrtpKey() = default;
  SrtpKey(const SrtpKey&) = default;
  SrtpKey& operator=(const SrtpKey&) = default;
  ~SrtpKey();

  const SrtpSuiteInfo& info() const { return GetSrtpSuiteInfo(suite); }
  ByteView key() const { return ByteView(master_key).first(info().key_size); }
  ByteView salt() const { return ByteView(master_salt).first(info().salt_size); }
};

// mediasoup's SrtpParameters, as JSON carries them.
struct SrtpParameters {
  std::string crypto_suite;  // "AEAD_AES_256_GCM" …
  std::string key_base64;    // Base64 of master key || master salt
};

// Errors name "srtpParameters.cryptoSuite" or "srtpParameters.keyBase64". The key itself is never
// part of an error.
Result<SrtpKey> ParseSrtpParameters(const SrtpParameters& parameters);

SrtpParameters ToSrtpParameters(const SrtpKey& key);

// Builds a key of `suite` from master key || master salt, keying_size() bytes; the error's field is
// empty. Fill `keying` from a cryptographic random source to make a new key.
Result<SrtpKey> MakeSrtpKey(SrtpSuite suite, ByteView keying);

// The keys of both directions of a DTLS association.
struct DtlsSrtpKeys {
  SrtpKey client_write;  // what the DTLS client protects with
  SrtpKey server_write;
};

// Splits the 2 * keying_size() bytes that the DTLS exporter gives: client key, server key, client
// salt, server salt (RFC 5764, section 4.2). The error's field is empty.
Result<DtlsSrtpKeys> SplitDtlsKeyingMaterial(SrtpSuite suite, ByteView material);

}  // namespace sfu
