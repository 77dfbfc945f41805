// Certificates and fingerprints.
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <cstdio>
#include <fstream>

#include "dtls_fixture.h"

namespace sfu::test {
namespace {

std::string PemOf(const DtlsCertificate& certificate) {
  return CertificateDerToPem(CertificateToDer(certificate.x509()));
}

std::string KeyPemOf(const DtlsCertificate& certificate, const EVP_CIPHER* cipher = nullptr) {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  std::string password = "secret";
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), certificate.private_key(), cipher,
                                          cipher == nullptr ? nullptr : password.data(),
                                          cipher == nullptr ? 0 : 6, nullptr, nullptr),
            1);
  const char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

// A file that goes when the test is over.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& text)
      : path_(::testing::TempDir() + name) {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The digests of "abc" in FIPS 180-4.
TEST(DtlsFingerprint, IsSpelledAsInSdp) {
  const std::vector<uint8_t> abc = {'a', 'b', 'c'};
  const DtlsFingerprint sha1 = MakeDtlsFingerprint(DtlsHash::kSha1, abc);
  EXPECT_EQ(sha1.algorithm, "sha-1");
  EXPECT_EQ(sha1.value, "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D");
  const DtlsFingerprint sha256 = MakeDtlsFingerprint(DtlsHash::kSha256, abc);
  EXPECT_EQ(sha256.algorithm, "sha-256");
  EXPECT_EQ(sha256.value,
            "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:"
            "F2:00:15:AD");
}

TEST(DtlsCertificate, HasFiveFingerprints) {
  const auto certificate = DtlsCertificate::Generate().value();
  const std::vector<uint8_t> der = CertificateToDer(certificate->x509());
  ASSERT_EQ(certificate->fingerprints().size(), 5u);
  for (size_t i = 0; i < kAllDtlsHashes.size(); ++i) {
    EXPECT_EQ(certificate->fingerprints()[i], MakeDtlsFingerprint(kAllDtlsHashes[i], der));
  }
  EXPECT_NE(DtlsCertificate::Generate().value()->fingerprints(), certificate->fingerprints());
}

TEST(DtlsCertificate, ComesFromPem) {
  const auto made = DtlsCertificate::Generate().value();
  const auto read = DtlsCertificate::FromPem(PemOf(*made), KeyPemOf(*made));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value()->fingerprints(), made->fingerprints());
  EXPECT_TRUE(DtlsContext::Create(read.value()).ok());
}

TEST(DtlsCertificate, ComesFromFiles) {
  const auto made = DtlsCertificate::Generate().value();
  const TemporaryFile certificate("dtls_cert.pem", PemOf(*made));
  const TemporaryFile key("dtls_key.pem", KeyPemOf(*made));
  const auto read = DtlsCertificate::FromPemFiles(certificate.path(), key.path());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value()->fingerprints(), made->fingerprints());
}

TEST(DtlsCertificate, ErrorsNameTheField) {
  const auto made = DtlsCertificate::Generate().value();
  const auto other = DtlsCertificate::Generate().value();
  const std::string pem = PemOf(*made);
  const std::string key = KeyPemOf(*made);
  const auto field = [](const std::string& certificate, const std::string& private_key) {
    const auto result = DtlsCertificate::FromPem(certificate, private_key);
    return result.ok() ? "" : result.error().field;
  };
  EXPECT_EQ(field("nonsense", key), "dtlsCertificate");
  EXPECT_EQ(field(std::string(DtlsCertificate::kMaxPemSize + 1, 'x'), key), "dtlsCertificate");
  EXPECT_EQ(field(pem, "nonsense"), "dtlsPrivateKey");
  EXPECT_EQ(field(pem, KeyPemOf(*other)), "dtlsPrivateKey");
  EXPECT_EQ(field(pem, KeyPemOf(*made, EVP_aes_128_cbc())), "dtlsPrivateKey");
  std::string chain;
  for (size_t i = 0; i <= DtlsCertificate::kMaxChain; ++i) chain += pem;
  EXPECT_EQ(field(chain, key), "dtlsCertificate");

  const TemporaryFile file("dtls_only.pem", pem);
  const auto file_field = [](const std::string& a, const std::string& b) {
    const auto result = DtlsCertificate::FromPemFiles(a, b);
    return result.ok() ? "" : result.error().field;
  };
  EXPECT_EQ(file_field("/nowhere/cert.pem", file.path()), "dtlsCertificateFile");
  EXPECT_EQ(file_field(::testing::TempDir(), file.path()), "dtlsCertificateFile");
  EXPECT_EQ(file_field(file.path(), "/nowhere/key.pem"), "dtlsPrivateKeyFile");
  EXPECT_EQ(file_field(file.path(), file.path()), "dtlsPrivateKeyFile");
}

// Row 43 of the hostile inputs: a chain larger than the MTU goes out in fragments.
TEST(DtlsCertificate, ChainMayExceedTheMtu) {
  const auto made = DtlsCertificate::Generate().value();
  std::string chain;
  for (size_t i = 0; i < DtlsCertificate::kMaxChain; ++i) chain += PemOf(*made);
  const auto context =
      DtlsContext::Create(DtlsCertificate::FromPem(chain, KeyPemOf(*made)).value()).value();
  End server(context);
  End client(TheirContext());
  Timestamp now;
  ASSERT_TRUE(client.session.Connect(ParametersOf(*context, DtlsRole::kServer), now).ok());
  ASSERT_TRUE(server.session.Connect(ParametersOf(*TheirContext(), DtlsRole::kClient), now).ok());
  client.session.Start(now);
  for (int i = 0; i < 3; ++i) {
    for (const Datagram& datagram : client.TakeSent()) server.session.Receive(datagram, now);
    for (const Datagram& datagram : server.TakeSent()) client.session.Receive(datagram, now);
  }
  EXPECT_EQ(client.session.state(), DtlsState::kConnected);
  EXPECT_EQ(server.session.state(), DtlsState::kConnected);
  EXPECT_GT(server.sent_count, 2u);
  EXPECT_LE(server.largest, 1200u);
}

TEST(DtlsParameters, CanBeSignalledByJson) {
  const DtlsParameters ours = ParametersOf(*OurContext(), DtlsRole::kServer);
  const ortc::DtlsParameters signalled = ToOrtc(ours);
  EXPECT_EQ(signalled.role, DtlsRole::kServer);
  ASSERT_EQ(signalled.fingerprints.size(), 5u);
  EXPECT_EQ(signalled.fingerprints[4].algorithm, DtlsHash::kSha512);
  EXPECT_EQ(signalled.fingerprints[4].digest.size(), 64u);
  EXPECT_EQ(FromOrtc(signalled).role, DtlsRole::kServer);
  EXPECT_EQ(FromOrtc(signalled).fingerprints, ours.fingerprints);
  EXPECT_TRUE(ToOrtc({DtlsRole::kAuto, {{"md5", "00"}, {"sha-1", "00"}}}).fingerprints.empty());
}

TEST(DtlsFingerprintSet, TakesAnyHashInAnySpelling) {
  const auto& certificate = OurContext()->certificate();
  const std::vector<uint8_t> der = CertificateToDer(certificate.x509());
  for (DtlsFingerprint fingerprint : certificate.fingerprints()) {
    EXPECT_TRUE(DtlsFingerprintSet::Parse({fingerprint}).value().Matches(der));
    for (char& c : fingerprint.value) c = static_cast<char>(std::tolower(c));
    for (char& c : fingerprint.algorithm) c = static_cast<char>(std::toupper(c));
    EXPECT_TRUE(DtlsFingerprintSet::Parse({fingerprint}).value().Matches(der));
    fingerprint.value[0] = fingerprint.value[0] == '0' ? '1' : '0';
    EXPECT_FALSE(DtlsFingerprintSet::Parse({fingerprint}).value().Matches(der));
  }
}

TEST(DtlsFingerprintSet, TheStrongestHashDecides) {
  const std::vector<uint8_t> ours = CertificateToDer(OurContext()->certificate().x509());
  const std::vector<uint8_t> theirs = CertificateToDer(TheirContext()->certificate().x509());
  // A weaker one that matches does not make up for it.
  const auto mixed = DtlsFingerprintSet::Parse({MakeDtlsFingerprint(DtlsHash::kSha1, ours),
                                                MakeDtlsFingerprint(DtlsHash::kSha256, theirs)})
                         .value();
  EXPECT_FALSE(mixed.Matches(ours));
  EXPECT_TRUE(mixed.Matches(theirs));
  // Several of one hash are several certificates.
  const auto both = DtlsFingerprintSet::Parse({MakeDtlsFingerprint(DtlsHash::kSha256, ours),
                                               MakeDtlsFingerprint(DtlsHash::kSha256, theirs)})
                        .value();
  EXPECT_TRUE(both.Matches(ours));
  EXPECT_TRUE(both.Matches(theirs));
}

TEST(DtlsFingerprintSet, ErrorsNameTheEntry) {
  const DtlsFingerprint good = MakeDtlsFingerprint(DtlsHash::kSha256, {});
  const auto field = [&](const DtlsFingerprint& second) {
    const auto result = DtlsFingerprintSet::Parse({good, second});
    return result.ok() ? "" : result.error().field;
  };
  EXPECT_EQ(field(good), "");
  EXPECT_EQ(field({"md5", "00"}), "dtlsParameters.fingerprints[1].algorithm");
  EXPECT_EQ(field({"", good.value}), "dtlsParameters.fingerprints[1].algorithm");
  EXPECT_EQ(field({"sha-256", ""}), "dtlsParameters.fingerprints[1].value");
  EXPECT_EQ(field({"sha-1", good.value}), "dtlsParameters.fingerprints[1].value");
  std::string dashes = good.value;
  dashes[2] = '-';
  EXPECT_EQ(field({"sha-256", dashes}), "dtlsParameters.fingerprints[1].value");
  EXPECT_EQ(DtlsFingerprintSet::Parse({}).error().field, "dtlsParameters.fingerprints");
  const std::vector<DtlsFingerprint> many(DtlsFingerprintSet::kMaxFingerprints + 1, good);
  EXPECT_EQ(DtlsFingerprintSet::Parse(many).error().field, "dtlsParameters.fingerprints");
}

}  // namespace
}  // namespace sfu::test
