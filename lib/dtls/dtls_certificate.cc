// Making and reading certificates.
#include "dtls/dtls_certificate.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <fstream>
#include <utility>

namespace sfu {
namespace {

constexpr const char* kNotBefore = "20200101000000Z";
constexpr const char* kNotAfter = "20491231235959Z";

Error OpensslFailed(const char* what) {
  return Error{"", std::string(what) + ": " + OpensslErrorScope::Reason()};
}

bool SetSerial(X509* certificate) {
  uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) return false;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

bool SetNames(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const std::string common_name = "gst-sfu";
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

// nullptr if OpenSSL fails.
X509Handle SelfSign(EVP_PKEY* key) {
  constexpr long kVersion3 = 2;
  X509Handle certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), kVersion3) != 1 ||
      !SetSerial(certificate.get()) || !SetNames(certificate.get()) ||
      ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate.get()), kNotBefore) != 1 ||
      ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()), kNotAfter) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1 ||
      X509_sign(certificate.get(), key, EVP_sha256()) == 0) {
    return nullptr;
  }
  return certificate;
}

BioHandle MemoryBio(const std::string& text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Stands in for OpenSSL's own callback, which would ask on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

std::vector<X509Handle> ReadChain(const std::string& pem) {
  std::vector<X509Handle> chain;
  const BioHandle bio = MemoryBio(pem);
  while (bio != nullptr && chain.size() <= DtlsCertificate::kMaxChain) {
    X509Handle certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassword, nullptr));
    if (certificate == nullptr) break;
    chain.push_back(std::move(certificate));
  }
  return chain;
}

Result<std::string> ReadFile(const std::string& path, const char* field) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{field, "cannot open \"" + path + "\""};
  // One byte more than allowed, so that a longer file is seen to be too long.
  std::string text(DtlsCertificate::kMaxPemSize + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return Error{field, "cannot read \"" + path + "\""};
  }
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace

DtlsCertificate::DtlsCertificate(std::vector<X509Handle> chain, PrivateKeyHandle private_key)
    : chain_(std::move(chain)), private_key_(std::move(private_key)) {
  const std::vector<uint8_t> der = CertificateToDer(x509());
  for (const DtlsHash hash : kAllDtlsHashes) {
    fingerprints_.push_back(MakeDtlsFingerprint(hash, der));
  }
}

Result<std::shared_ptr<const DtlsCertificate>> DtlsCertificate::Generate() {
  const OpensslErrorScope errors;
  PrivateKeyHandle key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpensslFailed("cannot make a P-256 key");
  std::vector<X509Handle> chain;
  chain.push_back(SelfSign(key.get()));
  if (chain.front() == nullptr) return OpensslFailed("cannot make a certificate");
  return std::shared_ptr<const DtlsCertificate>(
      new DtlsCertificate(std::move(chain), std::move(key)));
}

Result<std::shared_ptr<const DtlsCertificate>> DtlsCertificate::FromPem(
    const std::string& certificate, const std::string& private_key) {
  return Parse(certificate, private_key, {"dtlsCertificate", "dtlsPrivateKey"});
}

Result<std::shared_ptr<const DtlsCertificate>> DtlsCertificate::FromPemFiles(
    const std::string& certificate_file, const std::string& private_key_file) {
  const PemFields fields = {"dtlsCertificateFile", "dtlsPrivateKeyFile"};
  const Result<std::string> certificate = ReadFile(certificate_file, fields.certificate);
  if (!certificate) return certificate.error();
  Result<std::string> read = ReadFile(private_key_file, fields.private_key);
  if (!read) return read.error();
  std::string private_key = std::move(read).value();
  Result<std::shared_ptr<const DtlsCertificate>> parsed =
      Parse(certificate.value(), private_key, fields);
  OPENSSL_cleanse(private_key.data(), private_key.size());
  return parsed;
}

Result<std::shared_ptr<const DtlsCertificate>> DtlsCertificate::Parse(
    const std::string& certificate, const std::string& private_key, const PemFields& fields) {
  const OpensslErrorScope errors;
  if (certificate.size() > kMaxPemSize) return Error{fields.certificate, "longer than 64 KiB"};
  if (private_key.size() > kMaxPemSize) return Error{fields.private_key, "longer than 64 KiB"};
  std::vector<X509Handle> chain = ReadChain(certificate);
  if (chain.empty()) return Error{fields.certificate, "no PEM certificate"};
  if (chain.size() > kMaxChain) {
    return Error{fields.certificate,
                 "more than " + std::to_string(kMaxChain) + " certificates in the chain"};
  }
  const BioHandle bio = MemoryBio(private_key);
  PrivateKeyHandle key(
      bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  if (key == nullptr) return Error{fields.private_key, "no PEM private key without a password"};
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    return Error{fields.private_key, "not the key of the certificate"};
  }
  return std::shared_ptr<const DtlsCertificate>(
      new DtlsCertificate(std::move(chain), std::move(key)));
}

std::vector<uint8_t> CertificateToDer(const X509* certificate) {
  const int size = certificate == nullptr ? 0 : i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  std::vector<uint8_t> der(static_cast<size_t>(size));
  unsigned char* out = der.data();
  if (i2d_X509(certificate, &out) != size) der.clear();
  return der;
}

std::string CertificateDerToPem(ByteView der) {
  const OpensslErrorScope errors;
  const unsigned char* in = der.data();
  const X509Handle certificate(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
  const BioHandle bio(BIO_new(BIO_s_mem()));
  if (certificate == nullptr || bio == nullptr ||
      PEM_write_bio_X509(bio.get(), certificate.get()) != 1) {
    return {};
  }
  const char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
}

}  // namespace sfu
