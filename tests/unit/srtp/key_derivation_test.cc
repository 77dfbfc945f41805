// Session keys: the vectors of RFC 3711, appendix B.3, and RFC 6188, section 7.2 (AES-256).
#include "srtp/key_derivation.h"

#include <gtest/gtest.h>

#include "srtp_test_util.h"

namespace sfu {
namespace {

std::vector<uint8_t> Derive(std::string_view key, std::string_view salt, uint8_t label,
                            size_t size) {
  std::vector<uint8_t> out(size, 0xee);
  EXPECT_TRUE(DeriveSrtpKey(FromHex(key), FromHex(salt), label, out));
  return out;
}

constexpr std::string_view kKey = "E1F97A0D3E018BE0D64FA32C06DE4139";
constexpr std::string_view kSalt = "0EC675AD498AFEEBB6960B3AABE6";

TEST(KeyDerivation, Rfc3711AppendixB3) {
  EXPECT_EQ(Derive(kKey, kSalt, 0, 16), FromHex("C61E7A93744F39EE10734AFE3FF7A087"));
  EXPECT_EQ(Derive(kKey, kSalt, 2, 14), FromHex("30CBBC08863D8C85D49DB34A9AE1"));
  EXPECT_EQ(Derive(kKey, kSalt, 1, 94),
            FromHex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE"
                    "E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25"
                    "6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2"));
}

TEST(KeyDerivation, Rfc6188Section72) {
  constexpr std::string_view kKey256 =
      "F0F04914B513F2763A1B1FA130F10E2998F6F6E43E4309D1E622A0E332B9F1B6";
  constexpr std::string_view kSalt256 = "3B04803DE51EE7C96423AB5B78D2";
  EXPECT_EQ(Derive(kKey256, kSalt256, 0, 32),
            FromHex("5BA1064E30EC51613CAD926C5A28EF731EC7FB397F70A960653CAF06554CD8C4"));
  EXPECT_EQ(Derive(kKey256, kSalt256, 2, 14), FromHex("FA31791685CA444A9E07C6C64E93"));
}

TEST(KeyDerivation, RtpAndRtcpKeysDiffer) {
  const SrtpKey key = TestKey(SrtpSuite::kAesCm128HmacSha1_80);
  const auto rtp = DeriveSrtpSessionKeys(key, SrtpChannel::kRtp);
  const auto rtcp = DeriveSrtpSessionKeys(key, SrtpChannel::kRtcp);
  ASSERT_TRUE(rtp && rtcp);
  EXPECT_NE(rtp->key, rtcp->key);
  EXPECT_NE(rtp->auth_key, rtcp->auth_key);
  EXPECT_NE(rtp->salt, rtcp->salt);
}

TEST(KeyDerivation, RefusesKeysOfOtherSizes) {
  std::vector<uint8_t> out(16);
  EXPECT_FALSE(DeriveSrtpKey(std::vector<uint8_t>(24), std::vector<uint8_t>(14), 0, out));
  EXPECT_FALSE(DeriveSrtpKey(std::vector<uint8_t>(16), std::vector<uint8_t>(15), 0, out));
}

}  // namespace
}  // namespace sfu
