// HMAC-SHA1 on OpenSSL's SHA-1 states. OpenSSL 3 deprecates these functions in favour of EVP, which
// cannot copy a state without an allocation; they remain part of every 3.x release.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "srtp/hmac_sha1.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace sfu {
namespace {

constexpr size_t kBlockSize = 64;

void StartWithPaddedKey(ByteView key, uint8_t pad, SHA_CTX* state) {
  std::array<uint8_t, kBlockSize> block;
  block.fill(pad);
  for (size_t i = 0; i < std::min(key.size(), kBlockSize); ++i) block[i] ^= key[i];
  SHA1_Init(state);
  SHA1_Update(state, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
}

}  // namespace

HmacSha1::HmacSha1(ByteView key) {
  StartWithPaddedKey(key, 0x36, &inner_);
  StartWithPaddedKey(key, 0x5c, &outer_);
}

HmacSha1::~HmacSha1() {
  OPENSSL_cleanse(&inner_, sizeof(inner_));
  OPENSSL_cleanse(&outer_, sizeof(outer_));
}

std::array<uint8_t, HmacSha1::kSize> HmacSha1::Compute(ByteView first, ByteView second) const {
  std::array<uint8_t, kSize> digest;
  SHA_CTX state = inner_;
  SHA1_Update(&state, first.data(), first.size());
  SHA1_Update(&state, second.data(), second.size());
  SHA1_Final(digest.data(), &state);
  state = outer_;
  SHA1_Update(&state, digest.data(), digest.size());
  SHA1_Final(digest.data(), &state);
  return digest;
}

}  // namespace sfu
