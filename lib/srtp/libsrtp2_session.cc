// Creates libsrtp2 sessions.
#include "srtp/libsrtp2_session.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "srtp/srtp.h"

namespace sfu {
namespace {

void SetPolicy(SrtpSuite suite, srtp_policy_t* policy) {
  switch (suite) {
    case SrtpSuite::kAeadAes256Gcm:
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
      break;
    case SrtpSuite::kAeadAes128Gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
      break;
    case SrtpSuite::kAesCm128HmacSha1_80:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
      break;
    case SrtpSuite::kAesCm128HmacSha1_32:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
      break;
  }
}

}  // namespace

Libsrtp2Session::Libsrtp2Session(const SrtpKey& key, Direction direction) : info_(key.info()) {
  // libsrtp2's state is global to the process and never torn down. A second call fails, and others
  // in the process may have made the first one; whether it is ready shows in srtp_create.
  [[maybe_unused]] static const srtp_err_status_t initialized = srtp_init();
  std::array<uint8_t, kMaxSrtpKeySize + kMaxSrtpSaltSize> keying{};
  std::copy(key.key().begin(), key.key().end(), keying.begin());
  std::copy(key.salt().begin(), key.salt().end(), keying.begin() + key.info().key_size);
  srtp_policy_t policy{};
  SetPolicy(key.suite, &policy);
  policy.ssrc.type = direction == Direction::kOutbound ? ssrc_any_outbound : ssrc_any_inbound;
  policy.key = keying.data();
  policy.window_size = kSrtpReplayWindow;
  policy.allow_repeat_tx = 1;
  if (srtp_create(&session_, &policy) != srtp_err_status_ok) session_ = nullptr;
  OPENSSL_cleanse(keying.data(), keying.size());
}

Libsrtp2Session::~Libsrtp2Session() {
  if (session_ != nullptr) srtp_dealloc(session_);
}

}  // namespace sfu
