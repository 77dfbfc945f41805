// SRTP key derivation with AES in counter mode.
#include "srtp/key_derivation.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace sfu {
namespace {

// The labels of RFC 3711, section 4.3.1; RTCP's follow RTP's.
constexpr uint8_t kLabelKey = 0;
constexpr uint8_t kLabelAuthKey = 1;
constexpr uint8_t kLabelSalt = 2;
constexpr uint8_t kRtcpLabelOffset = 3;
// Where the label stands in the counter block: above the 48-bit index, which is zero.
constexpr size_t kLabelOffset = 7;

}  // namespace

SrtpSessionKeys::~SrtpSessionKeys() {
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(auth_key.data(), auth_key.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

bool DeriveSrtpKey(ByteView master_key, ByteView master_salt, uint8_t label, MutableBytes out) {
  const EVP_CIPHER* cipher = master_key.size() == 32   ? EVP_aes_256_ctr()
                             : master_key.size() == 16 ? EVP_aes_128_ctr()
                                                       : nullptr;
  if (cipher == nullptr || master_salt.size() > kMaxSrtpSaltSize) return false;
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::array<uint8_t, 16> counter{};
  std::copy(master_salt.begin(), master_salt.end(), counter.begin());
  counter[kLabelOffset] ^= label;
  std::fill(out.begin(), out.end(), uint8_t{0});
  int size = 0;
  return context != nullptr &&
         EVP_EncryptInit_ex2(context.get(), cipher, master_key.data(), counter.data(), nullptr) ==
             1 &&
         EVP_EncryptUpdate(context.get(), out.data(), &size, out.data(),
                           static_cast<int>(out.size())) == 1;
}

std::optional<SrtpSessionKeys> DeriveSrtpSessionKeys(const SrtpKey& master, SrtpChannel channel) {
  const SrtpSuiteInfo& info = master.info();
  const uint8_t base = channel == SrtpChannel::kRtcp ? kRtcpLabelOffset : 0;
  const auto derive = [&](uint8_t label, MutableBytes out) {
    return DeriveSrtpKey(master.key(), master.salt(), static_cast<uint8_t>(base + label), out);
  };
  SrtpSessionKeys keys;
  if (!derive(kLabelKey, MutableBytes(keys.key).first(info.key_size)) ||
      !derive(kLabelAuthKey, keys.auth_key) ||
      !derive(kLabelSalt, MutableBytes(keys.salt).first(info.salt_size))) {
    return std::nullopt;
  }
  return keys;
}

}  // namespace sfu
