// Drives libsrtp2.
#include "libsrtp2_oracle.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

template <typename Function>
std::vector<uint8_t> Run(Function function, srtp_t session, std::vector<uint8_t> packet) {
  int size = static_cast<int>(packet.size());
  packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
  if (function(session, packet.data(), &size) != srtp_err_status_ok) return {};
  packet.resize(static_cast<size_t>(size));
  return packet;
}

}  // namespace

Libsrtp2Oracle::Libsrtp2Oracle(const SrtpKey& key, Libsrtp2Session::Direction direction)
    : session_(key, direction) {
  EXPECT_TRUE(session_.ok());
}

std::vector<uint8_t> Libsrtp2Oracle::Protect(std::vector<uint8_t> packet) {
  return Run(srtp_protect, session_.get(), std::move(packet));
}
std::vector<uint8_t> Libsrtp2Oracle::ProtectRtcp(std::vector<uint8_t> packet) {
  return Run(srtp_protect_rtcp, session_.get(), std::move(packet));
}
std::vector<uint8_t> Libsrtp2Oracle::Unprotect(std::vector<uint8_t> packet) {
  return Run(srtp_unprotect, session_.get(), std::move(packet));
}
std::vector<uint8_t> Libsrtp2Oracle::UnprotectRtcp(std::vector<uint8_t> packet) {
  return Run(srtp_unprotect_rtcp, session_.get(), std::move(packet));
}

}  // namespace sfu
