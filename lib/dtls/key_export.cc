// The key block of TLS 1.2 and the exporter for SRTP.
#include "dtls/key_export.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/srtp.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sfu {
namespace {

constexpr std::string_view kSrtpLabel = "EXTRACTOR-dtls_srtp";
constexpr std::string_view kKeyBlockLabel = "key expansion";

// Bytes on the stack that are overwritten with zeros when they go.
template <size_t kSize>
struct SecretBytes {
  std::array<uint8_t, kSize> bytes{};

  SecretBytes() = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { OPENSSL_cleanse(bytes.data(), kSize); }
};

using KdfHandle = std::unique_ptr<EVP_KDF, OpensslDeleter<&EVP_KDF_free>>;
using KdfContextHandle = std::unique_ptr<EVP_KDF_CTX, OpensslDeleter<&EVP_KDF_CTX_free>>;

OSSL_PARAM OctetParam(const char* key, ByteView bytes) {
  // OpenSSL's parameters are not const, but it does not write to these.
  return OSSL_PARAM_construct_octet_string(key, const_cast<uint8_t*>(bytes.data()), bytes.size());
}

ByteView BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Fills `out` with the pseudo-random function of the session's master secret (RFC 5246, section 5).
bool ComputeKeyBlock(SSL* ssl, MutableBytes out) {
  SecretBytes<SSL_MAX_MASTER_KEY_LENGTH> master;
  const size_t master_size =
      SSL_SESSION_get_master_key(SSL_get0_session(ssl), master.bytes.data(), master.bytes.size());
  std::array<uint8_t, SSL3_RANDOM_SIZE> client_random;
  std::array<uint8_t, SSL3_RANDOM_SIZE> server_random;
  SSL_get_client_random(ssl, client_random.data(), client_random.size());
  SSL_get_server_random(ssl, server_random.data(), server_random.size());
  const EVP_MD* digest = SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(ssl));
  const KdfHandle kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_TLS1_PRF, nullptr));
  if (digest == nullptr || kdf == nullptr) return false;
  const KdfContextHandle context(EVP_KDF_CTX_new(kdf.get()));
  const std::array<OSSL_PARAM, 6> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                       const_cast<char*>(EVP_MD_get0_name(digest)), 0),
      OctetParam(OSSL_KDF_PARAM_SECRET, ByteView(master.bytes).first(master_size)),
      OctetParam(OSSL_KDF_PARAM_SEED, BytesOf(kKeyBlockLabel)),
      OctetParam(OSSL_KDF_PARAM_SEED, server_random),
      OctetParam(OSSL_KDF_PARAM_SEED, client_random),
      OSSL_PARAM_construct_end()};
  return context != nullptr &&
         EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1;
}

std::optional<DtlsCipher> CipherOf(const SSL* ssl) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  switch (cipher == nullptr ? NID_undef : SSL_CIPHER_get_cipher_nid(cipher)) {
    case NID_aes_128_gcm:
      return DtlsCipher::kAes128Gcm;
    case NID_aes_256_gcm:
      return DtlsCipher::kAes256Gcm;
    case NID_chacha20_poly1305:
      return DtlsCipher::kChaCha20Poly1305;
    default:
      return std::nullopt;
  }
}

std::optional<SrtpSuite> SuiteOf(SSL* ssl) {
  const SRTP_PROTECTION_PROFILE* profile = SSL_get_selected_srtp_profile(ssl);
  switch (profile == nullptr ? 0 : profile->id) {
    case SRTP_AEAD_AES_128_GCM:
      return SrtpSuite::kAeadAes128Gcm;
    case SRTP_AEAD_AES_256_GCM:
      return SrtpSuite::kAeadAes256Gcm;
    case SRTP_AES128_CM_SHA1_80:
      return SrtpSuite::kAesCm128HmacSha1_80;
    case SRTP_AES128_CM_SHA1_32:
      return SrtpSuite::kAesCm128HmacSha1_32;
    default:
      return std::nullopt;
  }
}

}  // namespace

bool ExportDtlsRecordKeys(SSL* ssl, DtlsWriteKey* client, DtlsWriteKey* server) {
  const std::optional<DtlsCipher> cipher = CipherOf(ssl);
  if (!cipher) return false;
  const DtlsCipherInfo& info = GetDtlsCipherInfo(*cipher);
  SecretBytes<2 * (kMaxDtlsKeySize + kMaxDtlsFixedIvSize)> block;
  const size_t size = 2 * (size_t{info.key_size} + info.fixed_iv_size);
  if (!ComputeKeyBlock(ssl, MutableBytes(block.bytes).first(size))) return false;
  // Client key, server key, client IV, server IV.
  ByteReader reader(ByteView(block.bytes).first(size));
  for (DtlsWriteKey* key : {client, server}) {
    key->cipher = *cipher;
    std::copy_n(reader.Bytes(info.key_size).begin(), info.key_size, key->key.begin());
  }
  for (DtlsWriteKey* key : {client, server}) {
    std::copy_n(reader.Bytes(info.fixed_iv_size).begin(), info.fixed_iv_size,
                key->fixed_iv.begin());
  }
  return true;
}

std::optional<DtlsSrtpKeys> ExportDtlsSrtpKeys(SSL* ssl) {
  const std::optional<SrtpSuite> suite = SuiteOf(ssl);
  if (!suite) return std::nullopt;
  SecretBytes<2 * (kMaxSrtpKeySize + kMaxSrtpSaltSize)> material;
  const size_t size = 2 * GetSrtpSuiteInfo(*suite).keying_size();
  if (SSL_export_keying_material(ssl, material.bytes.data(), size, kSrtpLabel.data(),
                                 kSrtpLabel.size(), nullptr, 0, 0) != 1) {
    return std::nullopt;
  }
  Result<DtlsSrtpKeys> keys = SplitDtlsKeyingMaterial(*suite, ByteView(material.bytes).first(size));
  if (!keys) return std::nullopt;
  return std::move(keys).value();
}

}  // namespace sfu
