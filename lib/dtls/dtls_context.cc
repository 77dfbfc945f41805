// The settings of OpenSSL.
#include "dtls/dtls_context.h"

#include <openssl/srtp.h>

#include <string>
#include <utility>

#include "dtls/dtls_handshake.h"

namespace sfu {
namespace {

constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// OpenSSL is quickest with P-256.
constexpr const char* kGroups = "P-256:X25519:P-384";
constexpr const char* kSrtpProfiles =
    "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32";

int AcceptAnyCertificate(X509_STORE_CTX*, void*) { return 1; }

bool Configure(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, AcceptAnyCertificate, nullptr);
  SSL_CTX_set_max_cert_list(context, static_cast<long>(DtlsHandshake::kMaxMessage));
  // SSL_CTX_set_tlsext_use_srtp() returns 0 if it went well.
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
         SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
         SSL_CTX_set_tlsext_use_srtp(context, kSrtpProfiles) == 0;
}

bool UseCertificate(SSL_CTX* context, const DtlsCertificate& certificate) {
  if (SSL_CTX_use_certificate(context, certificate.x509()) != 1 ||
      SSL_CTX_use_PrivateKey(context, certificate.private_key()) != 1) {
    return false;
  }
  for (size_t i = 1; i < certificate.chain().size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, certificate.chain()[i].get()) != 1) return false;
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<const DtlsContext>> DtlsContext::Create(
    std::shared_ptr<const DtlsCertificate> certificate) {
  const OpensslErrorScope errors;
  SslContextHandle context(SSL_CTX_new(DTLS_method()));
  BioMethodHandle bio_method = DtlsHandshake::NewBioMethod();
  if (context == nullptr || bio_method == nullptr || !Configure(context.get())) {
    return Error{"", std::string("cannot set OpenSSL up: ") + OpensslErrorScope::Reason()};
  }
  if (!UseCertificate(context.get(), *certificate)) {
    return Error{"dtlsCertificate",
                 std::string("OpenSSL refuses it: ") + OpensslErrorScope::Reason()};
  }
  return std::shared_ptr<const DtlsContext>(
      new DtlsContext(std::move(certificate), std::move(context), std::move(bio_method)));
}

}  // namespace sfu
