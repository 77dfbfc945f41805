// Our sessions against an OpenSSL that knows nothing of them: what is agreed on, what is refused,
// and whether our records are OpenSSL's.
#include <gtest/gtest.h>

#include "dtls_fixture.h"
#include "tests/support/bare_dtls.h"

namespace sfu::test {
namespace {

// One of our sessions and a bare peer of the other role.
class Pair {
 public:
  explicit Pair(BareDtlsOptions options, bool show_certificate = true) : ours(OurContext()) {
    if (show_certificate) options.certificate = &TheirContext()->certificate();
    context_ = NewBareDtlsContext(options);
    EXPECT_NE(context_, nullptr);
    bare = std::make_unique<BareDtls>(context_.get(), options.server, options.mtu);
    const DtlsRole role = options.server ? DtlsRole::kServer : DtlsRole::kClient;
    EXPECT_TRUE(ours.session.Connect(ParametersOf(*TheirContext(), role), now_).ok());
    ours.session.Start(now_);
    Exchange();
  }

  // Until both have said everything.
  void Exchange() {
    for (int i = 0; i < 6; ++i) {
      for (const Datagram& datagram : ours.TakeSent()) bare->Give(datagram);
      done = bare->Handshake();
      for (const Datagram& datagram : bare->Take()) ours.session.Receive(datagram, now_);
    }
  }

  // The suite that both have; empty if there is none.
  std::string Suite() {
    const auto keys = ours.session.TakeSrtpKeys();
    return keys ? std::string(keys->send.info().name) : "";
  }

  End ours;
  std::unique_ptr<BareDtls> bare;
  bool done = false;

 private:
  SslContextHandle context_;
  Timestamp now_;
};

std::string SuiteFor(const std::string& offer) { return Pair({.srtp_profiles = offer}).Suite(); }

TEST(DtlsSuites, OurOrderDecides) {
  constexpr const char* kGcm128 = "SRTP_AEAD_AES_128_GCM";
  constexpr const char* kGcm256 = "SRTP_AEAD_AES_256_GCM";
  constexpr const char* kCm80 = "SRTP_AES128_CM_SHA1_80";
  constexpr const char* kCm32 = "SRTP_AES128_CM_SHA1_32";
  const auto list = [](std::initializer_list<const char*> names) {
    std::string joined;
    for (const char* name : names) joined.append(joined.empty() ? "" : ":").append(name);
    return joined;
  };
  // Chromium's offer, then Firefox's.
  EXPECT_EQ(SuiteFor(list({kCm80, kGcm256, kGcm128})), "AEAD_AES_128_GCM");
  EXPECT_EQ(SuiteFor(list({kGcm128, kGcm256, kCm80, kCm32})), "AEAD_AES_128_GCM");
  EXPECT_EQ(SuiteFor(list({kCm32, kCm80, kGcm256})), "AEAD_AES_256_GCM");
  EXPECT_EQ(SuiteFor(list({kCm32, kCm80})), "AES_CM_128_HMAC_SHA1_80");
  EXPECT_EQ(SuiteFor(kCm32), "AES_CM_128_HMAC_SHA1_32");
}

// The exporter gives the bare peer the same bytes.
TEST(DtlsSuites, KeysAreThoseOfTheExporter) {
  for (const bool server : {false, true}) {
    Pair pair({.server = server, .srtp_profiles = "SRTP_AES128_CM_SHA1_80"});
    const auto keys = pair.ours.session.TakeSrtpKeys();
    ASSERT_TRUE(keys.has_value());
    std::vector<uint8_t> material(60);
    const std::string label = "EXTRACTOR-dtls_srtp";
    ASSERT_EQ(SSL_export_keying_material(pair.bare->ssl(), material.data(), material.size(),
                                         label.data(), label.size(), nullptr, 0, 0),
              1);
    const auto expected =
        SplitDtlsKeyingMaterial(SrtpSuite::kAesCm128HmacSha1_80, material).value();
    const SrtpKey& client = server ? keys->send : keys->receive;
    const SrtpKey& bare_server = server ? keys->receive : keys->send;
    EXPECT_EQ(client.master_key, expected.client_write.master_key);
    EXPECT_EQ(client.master_salt, expected.client_write.master_salt);
    EXPECT_EQ(bare_server.master_key, expected.server_write.master_key);
    EXPECT_EQ(bare_server.master_salt, expected.server_write.master_salt);
  }
}

TEST(DtlsSuites, WithoutACommonProfileThereIsNoTransport) {
  Pair pair({.srtp_profiles = ""});
  EXPECT_EQ(pair.ours.session.state(), DtlsState::kFailed);
  EXPECT_EQ(pair.ours.session.failure(), DtlsFailure::kNoSrtpProfile);
  EXPECT_EQ(pair.Suite(), "");
}

TEST(DtlsSuites, OldAndWeakPeersAreRefused) {
  const std::vector<BareDtlsOptions> offers = {
      {.ciphers = "ALL:@SECLEVEL=0", .version = DTLS1_VERSION},
      {.ciphers = "eNULL:@SECLEVEL=0"},
      {.ciphers = "aNULL:@SECLEVEL=0"},
      {.ciphers = "AES128-GCM-SHA256"},           // no forward secrecy
      {.ciphers = "ECDHE-ECDSA-AES128-SHA256"}};  // no AEAD
  for (const BareDtlsOptions& offer : offers) {
    Pair pair(offer);
    EXPECT_EQ(pair.ours.session.failure(), DtlsFailure::kHandshake) << offer.ciphers;
    EXPECT_FALSE(pair.done);
  }
}

TEST(DtlsSuites, ACertificateIsRequired) {
  Pair pair({}, false);
  EXPECT_EQ(pair.ours.session.failure(), DtlsFailure::kHandshake);
  EXPECT_EQ(pair.Suite(), "");
}

struct CipherCase {
  const char* name;
  bool bare_is_server;
};

class DtlsRecords : public ::testing::TestWithParam<CipherCase> {
 protected:
  Pair pair_{{.server = GetParam().bare_is_server, .ciphers = GetParam().name}};
};

TEST_P(DtlsRecords, AreThoseOfOpenssl) {
  ASSERT_EQ(pair_.ours.session.state(), DtlsState::kConnected);
  ASSERT_TRUE(pair_.done);
  EXPECT_STREQ(SSL_get_cipher_name(pair_.bare->ssl()), GetParam().name);
  for (uint8_t i = 0; i < 20; ++i) {
    const std::vector<uint8_t> data(1 + i * 50, i);
    ASSERT_TRUE(pair_.ours.session.SendData(data));
    pair_.bare->Give(pair_.ours.TakeSent().at(0));
    EXPECT_EQ(pair_.bare->Read(), data);
    ASSERT_TRUE(pair_.bare->Write(data));
    pair_.ours.session.Receive(pair_.bare->Take().at(0), Timestamp());
    ASSERT_EQ(pair_.ours.data.size(), i + 1u);
    EXPECT_EQ(pair_.ours.data.back(), data);
  }
}

TEST_P(DtlsRecords, EndWithCloseNotify) {
  pair_.ours.session.Close();
  pair_.bare->Give(pair_.ours.TakeSent().at(0));
  EXPECT_TRUE(pair_.bare->Read().empty());
  EXPECT_TRUE(pair_.bare->was_closed());
}

TEST_P(DtlsRecords, ThePeersCloseNotifyIsAnswered) {
  pair_.bare->Shutdown();
  pair_.ours.session.Receive(pair_.bare->Take().at(0), Timestamp());
  EXPECT_EQ(pair_.ours.session.state(), DtlsState::kClosed);
  pair_.bare->Give(pair_.ours.TakeSent().at(0));
  EXPECT_TRUE(pair_.bare->Read().empty());
  EXPECT_TRUE(pair_.bare->was_closed());
}

TEST_P(DtlsRecords, CarryNoRenegotiation) {
  // A client's ClientHello or a server's HelloRequest, encrypted.
  pair_.bare->Renegotiate();
  const std::vector<Datagram> asked = pair_.bare->Take();
  ASSERT_FALSE(asked.empty());
  for (const Datagram& datagram : asked) pair_.ours.session.Receive(datagram, Timestamp());
  EXPECT_EQ(pair_.ours.session.state(), DtlsState::kConnected);
  EXPECT_TRUE(pair_.ours.sent.empty());
  EXPECT_EQ(pair_.ours.drops(DropReason::kDtlsUnexpected), asked.size());
}

INSTANTIATE_TEST_SUITE_P(Ciphers, DtlsRecords,
                         ::testing::Values(CipherCase{"ECDHE-ECDSA-AES128-GCM-SHA256", false},
                                           CipherCase{"ECDHE-ECDSA-AES256-GCM-SHA384", false},
                                           CipherCase{"ECDHE-ECDSA-CHACHA20-POLY1305", false},
                                           CipherCase{"ECDHE-ECDSA-AES128-GCM-SHA256", true},
                                           CipherCase{"ECDHE-ECDSA-AES256-GCM-SHA384", true},
                                           CipherCase{"ECDHE-ECDSA-CHACHA20-POLY1305", true}),
                         [](const ::testing::TestParamInfo<CipherCase>& param) {
                           std::string name = param.param.name;
                           name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                           return name + (param.param.bare_is_server ? "Server" : "Client");
                         });

}  // namespace
}  // namespace sfu::test
