// Owns an OpenSSL cipher context whose key is set once; per packet only the nonce changes.
#pragma once

#include <openssl/evp.h>

#include <memory>

namespace sfu {

struct EvpCipherContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using EvpCipherContext = std::unique_ptr<EVP_CIPHER_CTX, EvpCipherContextDeleter>;

// A context with `key` set; nullptr if OpenSSL has no algorithm `name`. The algorithm is fetched
// here, for a fetch per packet would cost more than the packet.
inline EvpCipherContext NewEvpCipherContext(const char* name, const uint8_t* key, bool encrypt) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  EvpCipherContext context(EVP_CIPHER_CTX_new());
  if (cipher == nullptr || context == nullptr ||
      EVP_CipherInit_ex2(context.get(), cipher, key, nullptr, encrypt ? 1 : 0, nullptr) != 1) {
    context.reset();
  }
  EVP_CIPHER_free(cipher);
  return context;
}

}  // namespace sfu
