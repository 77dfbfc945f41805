// Suites by name, keys from parameters and from the DTLS exporter.
#include "srtp/srtp_parameters.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "srtp_test_util.h"

namespace sfu {
namespace {

TEST(SrtpSuite, NamesAndSizes) {
  EXPECT_EQ(SrtpSuiteFromName("AEAD_AES_256_GCM"), SrtpSuite::kAeadAes256Gcm);
  EXPECT_EQ(SrtpSuiteFromName("AEAD_AES_128_GCM"), SrtpSuite::kAeadAes128Gcm);
  EXPECT_EQ(SrtpSuiteFromName("AES_CM_128_HMAC_SHA1_80"), SrtpSuite::kAesCm128HmacSha1_80);
  EXPECT_EQ(SrtpSuiteFromName("AES_CM_128_HMAC_SHA1_32"), SrtpSuite::kAesCm128HmacSha1_32);
  EXPECT_FALSE(SrtpSuiteFromName("aead_aes_256_gcm"));
  EXPECT_FALSE(SrtpSuiteFromName(""));
  EXPECT_EQ(GetSrtpSuiteInfo(SrtpSuite::kAeadAes256Gcm).keying_size(), 44U);
  EXPECT_EQ(GetSrtpSuiteInfo(SrtpSuite::kAeadAes128Gcm).keying_size(), 28U);
  EXPECT_EQ(GetSrtpSuiteInfo(SrtpSuite::kAesCm128HmacSha1_80).keying_size(), 30U);
  EXPECT_EQ(GetSrtpSuiteInfo(SrtpSuite::kAesCm128HmacSha1_32).rtp_overhead(), 4U);
  EXPECT_EQ(GetSrtpSuiteInfo(SrtpSuite::kAesCm128HmacSha1_32).rtcp_overhead(), 14U);
  for (const SrtpSuite suite : kAllSrtpSuites) {
    EXPECT_LE(GetSrtpSuiteInfo(suite).rtp_overhead(), kMaxSrtpOverhead);
    EXPECT_LE(GetSrtpSuiteInfo(suite).rtcp_overhead(), kMaxSrtcpOverhead);
  }
}

TEST(SrtpParameters, RoundTripForEverySuite) {
  for (const SrtpSuite suite : kAllSrtpSuites) {
    const SrtpKey key = TestKey(suite);
    const Result<SrtpKey> parsed = ParseSrtpParameters(ToSrtpParameters(key));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.value().suite, suite);
    EXPECT_EQ(parsed.value().master_key, key.master_key);
    EXPECT_EQ(parsed.value().master_salt, key.master_salt);
  }
}

TEST(SrtpParameters, ErrorsNameTheField) {
  const auto unknown = ParseSrtpParameters({"AES_CM_256_HMAC_SHA1_80", "AAAA"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().ToString(),
            "srtpParameters.cryptoSuite: unknown suite \"AES_CM_256_HMAC_SHA1_80\"");
  const auto garbage = ParseSrtpParameters({"AEAD_AES_128_GCM", "!!!!"});
  ASSERT_FALSE(garbage.ok());
  EXPECT_EQ(garbage.error().ToString(), "srtpParameters.keyBase64: not Base64");
  for (const size_t size : {size_t{0}, size_t{27}, size_t{29}, size_t{44}}) {
    const auto wrong =
        ParseSrtpParameters({"AEAD_AES_128_GCM", Base64Encode(std::vector<uint8_t>(size))});
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().field, "srtpParameters.keyBase64");
    EXPECT_EQ(wrong.error().reason,
              "AEAD_AES_128_GCM needs 28 bytes of key and salt, not " + std::to_string(size));
  }
}

TEST(SrtpParameters, SplitsTheDtlsExport) {
  std::vector<uint8_t> material(56);
  for (size_t i = 0; i < material.size(); ++i) material[i] = static_cast<uint8_t>(i);
  const auto keys = SplitDtlsKeyingMaterial(SrtpSuite::kAeadAes128Gcm, material);
  ASSERT_TRUE(keys.ok());
  const SrtpKey& client = keys.value().client_write;
  const SrtpKey& server = keys.value().server_write;
  EXPECT_EQ(client.key()[0], 0);
  EXPECT_EQ(client.key().size(), 16U);
  EXPECT_EQ(server.key()[0], 16);
  EXPECT_EQ(client.salt()[0], 32);
  EXPECT_EQ(client.salt().size(), 12U);
  EXPECT_EQ(server.salt()[0], 44);
  EXPECT_EQ(server.suite, SrtpSuite::kAeadAes128Gcm);
  material.pop_back();
  EXPECT_FALSE(SplitDtlsKeyingMaterial(SrtpSuite::kAeadAes128Gcm, material).ok());
}

}  // namespace
}  // namespace sfu
