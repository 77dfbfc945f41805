// HMAC-SHA1: vectors of RFC 2202.
#include "srtp/hmac_sha1.h"

#include <gtest/gtest.h>

#include "srtp_test_util.h"

namespace sfu {
namespace {

std::vector<uint8_t> Mac(ByteView key, ByteView first, ByteView second) {
  const auto mac = HmacSha1(key).Compute(first, second);
  return {mac.begin(), mac.end()};
}

TEST(HmacSha1, Rfc2202Vectors) {
  const std::vector<uint8_t> key(20, 0x0b);
  const std::vector<uint8_t> data = FromHex("4869205468657265");  // "Hi There"
  const std::vector<uint8_t> wanted = FromHex("b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(Mac(key, data, {}), wanted);
  for (size_t cut = 0; cut <= data.size(); ++cut) {
    EXPECT_EQ(Mac(key, ByteView(data).first(cut), ByteView(data).subspan(cut)), wanted);
  }
  const std::vector<uint8_t> fifty_dd(50, 0xdd);
  EXPECT_EQ(Mac(std::vector<uint8_t>(20, 0xaa), fifty_dd, {}),
            FromHex("125d7342b9ac11cd91a39af48aa17b4f63f175d3"));
}

TEST(HmacSha1, KeepsItsKeyBetweenPackets) {
  const HmacSha1 hmac(std::vector<uint8_t>(20, 0x0b));
  const std::vector<uint8_t> data = FromHex("4869205468657265");
  EXPECT_EQ(hmac.Compute(data, {}), hmac.Compute(data, {}));
}

}  // namespace
}  // namespace sfu
