// Parsing and splitting of SRTP keying material.
#include "srtp/srtp_parameters.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <vector>

#include "base/base64.h"

namespace sfu {
namespace {

Error WrongSize(SrtpSuite suite, size_t wanted, size_t size) {
  return Error{"", std::string(GetSrtpSuiteInfo(suite).name) + " needs " + std::to_string(wanted) +
                       " bytes of key and salt, not " + std::to_string(size)};
}

SrtpKey Join(SrtpSuite suite, ByteView key, ByteView salt) {
  SrtpKey result;
  result.suite = suite;
  std::copy(key.begin(), key.end(), result.master_key.begin());
  std::copy(salt.begin(), salt.end(), result.master_salt.begin());
  return result;
}

}  // namespace

SrtpKey::~SrtpKey() {
  OPENSSL_cleanse(master_key.data(), master_key.size());
  OPENSSL_cleanse(master_salt.data(), master_salt.size());
}

Result<SrtpKey> MakeSrtpKey(SrtpSuite suite, ByteView keying) {
  const SrtpSuiteInfo& info = GetSrtpSuiteInfo(suite);
  if (keying.size() != info.keying_size()) {
    return WrongSize(suite, info.keying_size(), keying.size());
  }
  return Join(suite, keying.first(info.key_size), keying.last(info.salt_size));
}

Result<SrtpKey> ParseSrtpParameters(const SrtpParameters& parameters) {
  const std::optional<SrtpSuite> suite = SrtpSuiteFromName(parameters.crypto_suite);
  if (!suite) {
    return Error{"srtpParameters.cryptoSuite", "unknown suite \"" + parameters.crypto_suite + "\""};
  }
  std::optional<std::vector<uint8_t>> keying = Base64Decode(parameters.key_base64);
  if (!keying) return Error{"srtpParameters.keyBase64", "not Base64"};
  Result<SrtpKey> key = MakeSrtpKey(*suite, *keying);
  OPENSSL_cleanse(keying->data(), keying->size());
  if (!key) return Error{"srtpParameters.keyBase64", key.error().reason};
  return key;
}

SrtpParameters ToSrtpParameters(const SrtpKey& key) {
  std::vector<uint8_t> keying(key.key().begin(), key.key().end());
  keying.insert(keying.end(), key.salt().begin(), key.salt().end());
  SrtpParameters parameters{std::string(key.info().name), Base64Encode(keying)};
  OPENSSL_cleanse(keying.data(), keying.size());
  return parameters;
}

Result<DtlsSrtpKeys> SplitDtlsKeyingMaterial(SrtpSuite suite, ByteView material) {
  const SrtpSuiteInfo& info = GetSrtpSuiteInfo(suite);
  const size_t wanted = 2 * info.keying_size();
  if (material.size() != wanted) return WrongSize(suite, wanted, material.size());
  const ByteView keys = material.first(2 * size_t{info.key_size});
  const ByteView salts = material.subspan(keys.size());
  return DtlsSrtpKeys{Join(suite, keys.first(info.key_size), salts.first(info.salt_size)),
                      Join(suite, keys.last(info.key_size), salts.last(info.salt_size))};
}

}  // namespace sfu
