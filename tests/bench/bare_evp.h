// What SRTP costs at least: the OpenSSL calls that a suite cannot do without, with the algorithm
// fetched and the key set once.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>

#include "srtp/srtp_parameters.h"

namespace sfu::bench {

// The suite's EVP calls and nothing else.
class BareEvp {
 public:
  explicit BareEvp(SrtpSuite suite) : info_(GetSrtpSuiteInfo(suite)) {
    const char* name = !info_.aead            ? "AES-128-CTR"
                       : info_.key_size == 32 ? "AES-256-GCM"
                                              : "AES-128-GCM";
    EVP_CIPHER* algorithm = EVP_CIPHER_fetch(nullptr, name, nullptr);
    EVP_EncryptInit_ex2(cipher_, algorithm, key_, nonce_, nullptr);
    EVP_CIPHER_free(algorithm);
    if (info_.aead) return;
    char digest[] = "SHA1";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    mac_ = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    EVP_MAC_init(mac_, key_, 20, params);
  }
  ~BareEvp() {
    EVP_CIPHER_CTX_free(cipher_);
    EVP_MAC_CTX_free(mac_);
  }
  BareEvp(const BareEvp&) = delete;
  BareEvp& operator=(const BareEvp&) = delete;

  // `size` bytes, 12 of them header; room for the tag lies behind them.
  void Protect(uint16_t seq, uint8_t* packet, size_t size) {
    const int text_size = static_cast<int>(size) - kHeaderSize;
    nonce_[9] = static_cast<uint8_t>(seq);
    nonce_[8] = static_cast<uint8_t>(seq >> 8);
    int done = 0;
    EVP_EncryptInit_ex2(cipher_, nullptr, nullptr, nonce_, nullptr);
    if (info_.aead) EVP_EncryptUpdate(cipher_, nullptr, &done, packet, kHeaderSize);
    EVP_EncryptUpdate(cipher_, packet + kHeaderSize, &done, packet + kHeaderSize, text_size);
    if (info_.aead) {
      EVP_EncryptFinal_ex(cipher_, packet + size, &done);
      EVP_CIPHER_CTX_ctrl(cipher_, EVP_CTRL_AEAD_GET_TAG, info_.rtp_tag_size, packet + size);
    } else {
      size_t mac_size = 0;
      EVP_MAC_init(mac_, nullptr, 0, nullptr);
      EVP_MAC_update(mac_, packet, size);
      EVP_MAC_update(mac_, nonce_, 4);
      EVP_MAC_final(mac_, packet + size, &mac_size, 20);
    }
  }

 private:
  static constexpr int kHeaderSize = 12;

  const SrtpSuiteInfo& info_;
  EVP_CIPHER_CTX* cipher_ = EVP_CIPHER_CTX_new();
  EVP_MAC_CTX* mac_ = nullptr;
  uint8_t key_[32] = {1, 2, 3};
  uint8_t nonce_[16] = {4, 5, 6};
};

}  // namespace sfu::bench
