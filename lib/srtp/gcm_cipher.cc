// AES-GCM per packet.
//
// EVP_Cipher is used in place of EVP_EncryptUpdate and EVP_EncryptFinal_ex, because it goes to the
// provider by the shortest way: 6 % faster on a 1200-byte packet. With no output it takes
// associated data; with no input it ends the packet, and checks the tag when decrypting.
#include "srtp/gcm_cipher.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>

namespace sfu {
namespace {

// 00 00 || SSRC || 48-bit index, XORed with the salt (RFC 7714, sections 8.1 and 9.1).
std::array<uint8_t, GcmCipher::kNonceSize> MakeNonce(
    const std::array<uint8_t, GcmCipher::kNonceSize>& salt, SrtpPacketId id) {
  std::array<uint8_t, GcmCipher::kNonceSize> nonce = salt;
  StoreBe32(&nonce[2], LoadBe32(&nonce[2]) ^ id.ssrc);
  StoreBe16(&nonce[6], static_cast<uint16_t>(LoadBe16(&nonce[6]) ^ (id.index >> 32)));
  StoreBe32(&nonce[8], LoadBe32(&nonce[8]) ^ static_cast<uint32_t>(id.index));
  return nonce;
}

bool Authenticate(EVP_CIPHER_CTX* context, ByteView bytes) {
  return bytes.empty() ||
         EVP_Cipher(context, nullptr, bytes.data(), static_cast<unsigned>(bytes.size())) >= 0;
}

}  // namespace

std::unique_ptr<PacketCipher> GcmCipher::Create(const SrtpSuiteInfo& info, SrtpDirection direction,
                                                const SrtpSessionKeys& keys) {
  EvpCipherContext context =
      NewEvpCipherContext(info.key_size == 32 ? "AES-256-GCM" : "AES-128-GCM", keys.key.data(),
                          direction == SrtpDirection::kSeal);
  if (context == nullptr) return nullptr;
  return std::unique_ptr<PacketCipher>(new GcmCipher(std::move(context), keys));
}

GcmCipher::GcmCipher(EvpCipherContext context, const SrtpSessionKeys& keys)
    : PacketCipher(kTagSize), context_(std::move(context)) {
  std::copy_n(keys.salt.begin(), salt_.size(), salt_.begin());
}

bool GcmCipher::Run(SrtpPacketId id, ByteView packet, size_t header_size, ByteView trailer,
                    uint8_t* out) {
  const std::array<uint8_t, kNonceSize> nonce = MakeNonce(salt_, id);
  EVP_CIPHER_CTX* context = context_.get();
  if (EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), -1, nullptr) != 1) return false;
  if (!Authenticate(context, packet.first(header_size)) || !Authenticate(context, trailer)) {
    return false;
  }
  const ByteView text = packet.subspan(header_size);
  if (!text.empty() &&
      EVP_Cipher(context, out + header_size, text.data(), static_cast<unsigned>(text.size())) < 0) {
    return false;
  }
  return true;
}

bool GcmCipher::Seal(SrtpPacketId id, MutableBytes packet, size_t header_size, ByteView trailer,
                     uint8_t* tag) {
  if (!Run(id, packet, header_size, trailer, packet.data()) ||
      EVP_Cipher(context_.get(), nullptr, nullptr, 0) < 0) {
    return false;
  }
  OSSL_PARAM wanted[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, kTagSize),
      OSSL_PARAM_construct_end()};
  return EVP_CIPHER_CTX_get_params(context_.get(), wanted) == 1;
}

bool GcmCipher::Open(SrtpPacketId id, ByteView packet, size_t header_size, ByteView trailer,
                     const uint8_t* tag, uint8_t* out) {
  if (!Run(id, packet, header_size, trailer, out)) return false;
  // OpenSSL takes the expected tag through a pointer to non-const, and only reads it.
  std::array<uint8_t, kTagSize> expected;
  std::copy_n(tag, kTagSize, expected.begin());
  const OSSL_PARAM given[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG,
                                                                expected.data(), expected.size()),
                              OSSL_PARAM_construct_end()};
  if (EVP_CIPHER_CTX_set_params(context_.get(), given) != 1 ||
      EVP_Cipher(context_.get(), nullptr, nullptr, 0) < 0) {
    return false;
  }
  if (out != packet.data()) std::copy_n(packet.data(), header_size, out);
  return true;
}

}  // namespace sfu
