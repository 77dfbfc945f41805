// A DTLS peer that is nothing but OpenSSL: the other end in tests, and the yardstick in benchmarks.
//
// It never repeats anything by itself, so it is for networks that lose nothing.
#pragma once

#include <openssl/srtp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dtls/dtls_certificate.h"
#include "dtls/dtls_record.h"
#include "dtls/openssl_handles.h"

namespace sfu::test {

struct BareDtlsOptions {
  bool server = false;
  std::string srtp_profiles =
      "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32";
  std::string ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";  // with "@SECLEVEL=0" anything goes
  std::string groups = "P-256:X25519";
  int version = DTLS1_2_VERSION;
  const DtlsCertificate* certificate = nullptr;  // nullptr: it shows none
  long mtu = 1200;
};

// An SSL_CTX of those options; nullptr if OpenSSL does not take them.
inline SslContextHandle NewBareDtlsContext(const BareDtlsOptions& options) {
  SslContextHandle context(
      SSL_CTX_new(options.server ? DTLS_server_method() : DTLS_client_method()));
  SSL_CTX* ctx = context.get();
  SSL_CTX_set_options(ctx,
                      SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(
      ctx, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  const bool ok = SSL_CTX_set_cipher_list(ctx, options.ciphers.c_str()) == 1 &&
                  SSL_CTX_set_min_proto_version(ctx, options.version) == 1 &&
                  SSL_CTX_set_max_proto_version(ctx, options.version) == 1 &&
                  SSL_CTX_set1_groups_list(ctx, options.groups.c_str()) == 1 &&
                  (options.srtp_profiles.empty() ||
                   SSL_CTX_set_tlsext_use_srtp(ctx, options.srtp_profiles.c_str()) == 0) &&
                  (options.certificate == nullptr ||
                   (SSL_CTX_use_certificate(ctx, options.certificate->x509()) == 1 &&
                    SSL_CTX_use_PrivateKey(ctx, options.certificate->private_key()) == 1));
  return ok ? std::move(context) : nullptr;
}

class BareDtls {
 public:
  // `context` is one of NewBareDtlsContext(); the object keeps it alive.
  BareDtls(SSL_CTX* context, bool server, long mtu = 1200)
      : ssl_(SSL_new(context)), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_mtu(ssl_.get(), mtu);
    if (server) {
      SSL_set_accept_state(ssl_.get());
    } else {
      SSL_set_connect_state(ssl_.get());
    }
  }

  // Goes on with the handshake as far as it can; true when it is over.
  bool Handshake() {
    const OpensslErrorScope errors;
    return SSL_do_handshake(ssl_.get()) == 1;
  }
  void Give(ByteView datagram) {
    BIO_write(in_, datagram.data(), static_cast<int>(datagram.size()));
  }
  // What it has to send, one record per datagram.
  std::vector<std::vector<uint8_t>> Take() {
    const char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    const std::vector<uint8_t> all(data, data + size);
    BIO_reset(out_);
    std::vector<std::vector<uint8_t>> datagrams;
    DtlsRecordReader reader(all);
    while (const auto record = reader.Next()) {
      datagrams.emplace_back(record->bytes.begin(), record->bytes.end());
    }
    return datagrams;
  }

  bool Write(ByteView data) {
    const OpensslErrorScope errors;
    return SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())) > 0;
  }
  // One record of application data; empty if there is none.
  std::vector<uint8_t> Read() {
    const OpensslErrorScope errors;
    std::vector<uint8_t> data(2000);
    const int size = SSL_read(ssl_.get(), data.data(), static_cast<int>(data.size()));
    data.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return data;
  }
  void Shutdown() {
    const OpensslErrorScope errors;
    SSL_shutdown(ssl_.get());
  }
  bool was_closed() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  // Asks for another handshake within the association.
  void Renegotiate() {
    const OpensslErrorScope errors;
    SSL_renegotiate(ssl_.get());
    SSL_do_handshake(ssl_.get());
  }
  SSL* ssl() { return ssl_.get(); }

 private:
  SslHandle ssl_;
  BIO* const in_;   // owned by ssl_
  BIO* const out_;  // owned by ssl_
};

}  // namespace sfu::test
