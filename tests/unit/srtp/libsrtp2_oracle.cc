// Drives libsrtp2.
#include "libsrtp2_oracle.h"

#include <gtest/gtest.h>

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

template <typename Function>
std::vector<uint8_t> Run(Function function, srtp_t session, std::vector<uint8_t> packet) {
  int size = static_cast<int>(packet.size());
  packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
  if (function(session, packet.data(), &size) != srtp_err_status_ok) return {};
  packet.resize(static_cast<size_t>(size));
  return packet;
}

}  // namespace

Libsrtp2Oracle::Libsrtp2Oracle(const SrtpKey& key, Direction direction) {
  // It fails if a libsrtp2 back end was first; srtp_create shows whether the library is ready.
  [[maybe_unused]] static const srtp_err_status_t initialized = srtp_init();
  std::vector<uint8_t> keying(key.key().begin(), key.key().end());
  keying.insert(keying.end(), key.salt().begin(), key.salt().end());
  srtp_policy_t policy{};
  SetPolicy(key.suite, &policy);
  policy.ssrc.type = direction == Direction::kSend ? ssrc_any_outbound : ssrc_any_inbound;
  policy.key = keying.data();
  policy.window_size = 4096;
  policy.allow_repeat_tx = 1;
  EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
}

Libsrtp2Oracle::~Libsrtp2Oracle() { srtp_dealloc(session_); }

std::vector<uint8_t> Libsrtp2Oracle::Protect(std::vector<uint8_t> packet) {
  return Run(srtp_protect, session_, std::move(packet));
}
std::vector<uint8_t> Libsrtp2Oracle::ProtectRtcp(std::vector<uint8_t> packet) {
  return Run(srtp_protect_rtcp, session_, std::move(packet));
}
std::vector<uint8_t> Libsrtp2Oracle::Unprotect(std::vector<uint8_t> packet) {
  return Run(srtp_unprotect, session_, std::move(packet));
}
std::vector<uint8_t> Libsrtp2Oracle::UnprotectRtcp(std::vector<uint8_t> packet) {
  return Run(srtp_unprotect_rtcp, session_, std::move(packet));
}

}  // namespace sfu
