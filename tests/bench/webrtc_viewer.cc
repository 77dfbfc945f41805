// Blocking sockets and the bare OpenSSL client of the tests.
#include "webrtc_viewer.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/sockaddr.h"
#include "tests/support/bare_dtls.h"
#include "tests/support/stun_builder.h"

namespace sfu::bench {
namespace {

constexpr int kPatienceMs = 1000;

// As OpenSSL spells them.
std::string ProfileOf(SrtpSuite suite) {
  switch (suite) {
    case SrtpSuite::kAeadAes256Gcm:
      return "SRTP_AEAD_AES_256_GCM";
    case SrtpSuite::kAeadAes128Gcm:
      return "SRTP_AEAD_AES_128_GCM";
    case SrtpSuite::kAesCm128HmacSha1_32:
      return "SRTP_AES128_CM_SHA1_32";
    default:
      return "SRTP_AES128_CM_SHA1_80";
  }
}

SslContextHandle NewContext(SrtpSuite suite, const DtlsCertificate& certificate) {
  test::BareDtlsOptions options;
  options.srtp_profiles = ProfileOf(suite);
  options.certificate = &certificate;
  return test::NewBareDtlsContext(options);
}

// One peer's socket.
class Path {
 public:
  Path(int fd, const SocketAddress& to) : fd_(fd) { ToKernel(to, false, &to_); }

  void Send(ByteView datagram) const {
    sendto(fd_, datagram.data(), datagram.size(), 0, &to_.any, sizeof(to_.v4));
  }
  // The next datagram; nothing if none comes.
  std::optional<std::vector<uint8_t>> Receive() const {
    pollfd wanted{fd_, POLLIN, 0};
    if (poll(&wanted, 1, kPatienceMs) <= 0) return std::nullopt;
    std::vector<uint8_t> bytes(2048);
    const ssize_t size = recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<size_t>(size));
    return bytes;
  }

 private:
  const int fd_;
  KernelAddress to_{};
};

}  // namespace

WebRtcViewers::WebRtcViewers(SrtpSuite suite)
    : certificate_(DtlsCertificate::Generate().value()),
      context_(NewContext(suite, *certificate_)) {}

DtlsParameters WebRtcViewers::parameters() const {
  return {DtlsRole::kClient, certificate_->fingerprints()};
}

bool WebRtcViewers::Join(int fd, const SocketAddress& server, const IceParameters& ice) {
  const Path path(fd, server);
  path.Send(test::MakeCheck(ice.username_fragment, ice.password, 1, {.use_candidate = true}));
  const auto answer = path.Receive();
  if (!answer || !test::ReadReply(*answer, ice.password).has_integrity) return false;
  test::BareDtls dtls(context_.get(), false);
  while (!dtls.Handshake()) {
    for (const auto& datagram : dtls.Take()) path.Send(datagram);
    const auto received = path.Receive();
    if (!received) return false;
    dtls.Give(*received);
  }
  return true;
}

}  // namespace sfu::bench
