// Owners of OpenSSL's objects, and the rule for its error queue.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace sfu {

template <auto kFree>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BioHandle = std::unique_ptr<BIO, OpensslDeleter<&BIO_free_all>>;
using BioMethodHandle = std::unique_ptr<BIO_METHOD, OpensslDeleter<&BIO_meth_free>>;
using PrivateKeyHandle = std::unique_ptr<EVP_PKEY, OpensslDeleter<&EVP_PKEY_free>>;
using SslContextHandle = std::unique_ptr<SSL_CTX, OpensslDeleter<&SSL_CTX_free>>;
using SslHandle = std::unique_ptr<SSL, OpensslDeleter<&SSL_free>>;
using X509Handle = std::unique_ptr<X509, OpensslDeleter<&X509_free>>;

// OpenSSL's error queue belongs to the thread, and what one call leaves there is taken for the
// error of the next one. Stands at the top of every function that calls into libssl.
class OpensslErrorScope {
 public:
  OpensslErrorScope() { ERR_clear_error(); }
  ~OpensslErrorScope() { ERR_clear_error(); }
  OpensslErrorScope(const OpensslErrorScope&) = delete;
  OpensslErrorScope& operator=(const OpensslErrorScope&) = delete;

  // The last error in OpenSSL's words; empty if there is none.
  static const char* Reason() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason == nullptr ? "" : reason;
  }
};

}  // namespace sfu
