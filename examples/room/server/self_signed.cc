#include "self_signed.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>

namespace room {
namespace {

constexpr long kYear = 365L * 24 * 3600;  // seconds
constexpr long kVersion3 = 2;             // X.509 counts from 0

template <typename T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;

void Need(bool done) {
  if (!done) throw std::runtime_error("--self-signed: no certificate could be made");
}

Cert MakeCertificate(EVP_PKEY* key) {
  Cert certificate(X509_new());
  X509* x509 = certificate.get();
  uint64_t serial = 0;
  Need(x509 != nullptr &&
       RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  X509_NAME* name = X509_get_subject_name(x509);
  const auto* text = reinterpret_cast<const unsigned char*>("sfu-room");
  Need(X509_set_version(x509, kVersion3) == 1 &&
       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial) == 1 &&
       X509_gmtime_adj(X509_getm_notBefore(x509), 0) != nullptr &&
       X509_gmtime_adj(X509_getm_notAfter(x509), kYear) != nullptr &&
       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
       X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1 &&
       X509_sign(x509, key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

std::string MakeSelfSigned() {
  const Key key(EVP_EC_gen("P-256"));
  Need(key != nullptr);
  const Cert certificate = MakeCertificate(key.get());
  const Bio bio(BIO_new(BIO_s_mem()));
  Need(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate.get()) == 1 &&
       PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

}  // namespace room
