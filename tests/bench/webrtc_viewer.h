// A browser, as far as bringing up a transport takes one: it checks the path and goes through the
// DTLS handshake, all with real datagrams. What comes afterwards it leaves to others.
#pragma once

#include <memory>

#include "base/socket_address.h"
#include "dtls/dtls_certificate.h"
#include "dtls/dtls_parameters.h"
#include "dtls/openssl_handles.h"
#include "ice/ice_types.h"
#include "srtp/srtp_parameters.h"

namespace sfu::bench {

// Any number of viewers that share a certificate. One thread.
class WebRtcViewers {
 public:
  // They offer that suite only.
  explicit WebRtcViewers(SrtpSuite suite);

  // What the server is to be told of each.
  DtlsParameters parameters() const;
  // Joins from the UDP socket `fd`, which nobody else reads meanwhile; blocks until the handshake
  // is over. `server` is where the transport with these ICE parameters is. False if there was no
  // answer for a second.
  bool Join(int fd, const SocketAddress& server, const IceParameters& ice);

 private:
  const std::shared_ptr<const DtlsCertificate> certificate_;
  const SslContextHandle context_;
};

}  // namespace sfu::bench
