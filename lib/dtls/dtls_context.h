// How we speak DTLS: one OpenSSL context per certificate, shared by all sessions that show it.
#pragma once

#include <memory>

#include "base/result.h"
#include "dtls/dtls_certificate.h"
#include "dtls/openssl_handles.h"

namespace sfu {

// DTLS 1.2 only, with forward secrecy and AEAD ciphers. SRTP profiles (RFC 5764) in our order:
// AES-128-GCM, AES-256-GCM, AES-CM with 80-bit tags, with 32-bit tags; as the server our order
// decides. No session cache, tickets, renegotiation or compression. The peer must show a
// certificate; any is taken here, for its fingerprint decides (DtlsSession). Immutable, any thread;
// must outlive its sessions' handshakes (they share ownership).
class DtlsContext {
 public:
  // The error's field is "dtlsCertificate" if OpenSSL does not take the certificate or its key (an
  // RSA key of 512 bits, say), else empty.
  static Result<std::shared_ptr<const DtlsContext>> Create(
      std::shared_ptr<const DtlsCertificate> certificate);

  const DtlsCertificate& certificate() const { return *certificate_; }
  SSL_CTX* ssl_context() const { return ssl_context_.get(); }
  // The kind of BIO that joins an SSL object with its DtlsHandshake.
  const BIO_METHOD* bio_method() const { return bio_method_.get(); }

 private:
  DtlsContext(std::shared_ptr<const DtlsCertificate> certificate, SslContextHandle ssl_context,
              BioMethodHandle bio_method)
      : certificate_(std::move(certificate)),
        ssl_context_(std::move(ssl_context)),
        bio_method_(std::move(bio_method)) {}

  const std::shared_ptr<const DtlsCertificate> certificate_;
  const SslContextHandle ssl_context_;
  const BioMethodHandle bio_method_;
};

}  // namespace sfu
