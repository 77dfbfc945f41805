// The certificate that we show in DTLS handshakes, with its private key.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "dtls/dtls_parameters.h"
#include "dtls/openssl_handles.h"

namespace sfu {

// Immutable; any thread.
class DtlsCertificate {
 public:
  // A PEM text may have so many bytes, and so many certificates.
  static constexpr size_t kMaxPemSize = 64 * 1024;
  static constexpr size_t kMaxChain = 8;

  // Makes a new key on P-256 and a certificate that it signs itself, valid from 2020 to the end of
  // 2049: no clock is read, and a peer checks the fingerprint, not the dates (RFC 8827, section
  // 6.5). The error's field is empty: OpenSSL failed.
  static Result<std::shared_ptr<const DtlsCertificate>> Generate();

  // A PEM certificate, with those of its issuers behind it if wanted, and its private key,
  // unencrypted. Errors name "dtlsCertificate" or "dtlsPrivateKey".
  static Result<std::shared_ptr<const DtlsCertificate>> FromPem(const std::string& certificate,
                                                                const std::string& private_key);

  // The same from files. Errors name "dtlsCertificateFile" or "dtlsPrivateKeyFile".
  static Result<std::shared_ptr<const DtlsCertificate>> FromPemFiles(
      const std::string& certificate_file, const std::string& private_key_file);

  // One per hash, in the order of kAllDtlsHashes.
  const std::vector<DtlsFingerprint>& fingerprints() const { return fingerprints_; }

  X509* x509() const { return chain_.front().get(); }
  EVP_PKEY* private_key() const { return private_key_.get(); }
  // The certificate, then those of its issuers.
  const std::vector<X509Handle>& chain() const { return chain_; }

 private:
  DtlsCertificate(std::vector<X509Handle> chain, PrivateKeyHandle private_key);

  struct PemFields {
    const char* certificate;
    const char* private_key;
  };
  static Result<std::shared_ptr<const DtlsCertificate>> Parse(const std::string& certificate,
                                                              const std::string& private_key,
                                                              const PemFields& fields);

  const std::vector<X509Handle> chain_;
  const PrivateKeyHandle private_key_;
  std::vector<DtlsFingerprint> fingerprints_;
};

// The certificate as DER; empty for nullptr.
std::vector<uint8_t> CertificateToDer(const X509* certificate);

// PEM of a certificate given as DER, as mediasoup's dtlsRemoteCert; empty if it is none.
std::string CertificateDerToPem(ByteView der);

}  // namespace sfu
