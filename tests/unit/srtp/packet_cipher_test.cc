// One packet under given session keys: the vectors of RFC 3711, appendix B.2, and RFC 7714,
// sections 16 and 17.
#include "srtp/packet_cipher.h"

#include <gtest/gtest.h>

#include <numeric>

#include "srtp_test_util.h"

namespace sfu {
namespace {

constexpr std::string_view kRtp =
    "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070"
    "61727465 73207472 6573";
constexpr std::string_view kRtcp =
    "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef"
    "deadbeef deadbeef deadbeef";
constexpr SrtpPacketId kRtpId = {0x5501a0b2, 0xf17b};
constexpr SrtpPacketId kRtcpId = {0x4d617273, 0x5d4};

// Keys 00 01 02 …, salt "Quid pro quo".
SrtpSessionKeys Rfc7714Keys() {
  SrtpSessionKeys keys;
  std::iota(keys.key.begin(), keys.key.end(), uint8_t{0});
  const std::vector<uint8_t> salt = FromHex("517569642070726f2071756f");
  std::copy(salt.begin(), salt.end(), keys.salt.begin());
  return keys;
}

struct Vector {
  SrtpSuite suite;
  SrtpChannel channel;
  std::string_view plain;
  std::string_view sealed;  // with the tag, without the RTCP index
};
const Vector kVectors[] = {
    {SrtpSuite::kAeadAes128Gcm, SrtpChannel::kRtp, kRtp,
     "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a"
     "51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce"},
    {SrtpSuite::kAeadAes256Gcm, SrtpChannel::kRtp, kRtp,
     "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02"
     "76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13"},
    {SrtpSuite::kAeadAes128Gcm, SrtpChannel::kRtcp, kRtcp,
     "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda"
     "4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade"},
    {SrtpSuite::kAeadAes256Gcm, SrtpChannel::kRtcp, kRtcp,
     "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be"
     "8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be"},
};

TEST(PacketCipher, Rfc7714Vectors) {
  for (const Vector& vector : kVectors) {
    const bool rtcp = vector.channel == SrtpChannel::kRtcp;
    const SrtpPacketId id = rtcp ? kRtcpId : kRtpId;
    const size_t header_size = rtcp ? 8 : 12;
    const std::vector<uint8_t> trailer = rtcp ? FromHex("800005d4") : FromHex("");
    const std::vector<uint8_t> plain = FromHex(vector.plain);
    const std::vector<uint8_t> sealed = FromHex(vector.sealed);
    const SrtpSessionKeys keys = Rfc7714Keys();

    std::vector<uint8_t> buffer = plain;
    buffer.resize(plain.size() + 16);
    const auto seal = NewPacketCipher(vector.suite, vector.channel, SrtpDirection::kSeal, keys);
    ASSERT_TRUE(seal->Seal(id, MutableBytes(buffer).first(plain.size()), header_size, trailer,
                           &buffer[plain.size()]));
    EXPECT_EQ(buffer, sealed);

    std::vector<uint8_t> out(plain.size());
    const auto open = NewPacketCipher(vector.suite, vector.channel, SrtpDirection::kOpen, keys);
    ASSERT_TRUE(open->Open(id, ByteView(sealed).first(plain.size()), header_size, trailer,
                           &sealed[plain.size()], out.data()));
    EXPECT_EQ(out, plain);
  }
}

// Session salt, SSRC and index give the counter block F0F1…FD0000, so zeros become the key stream.
TEST(PacketCipher, Rfc3711KeyStream) {
  SrtpSessionKeys keys;
  const std::vector<uint8_t> key = FromHex("2B7E151628AED2A6ABF7158809CF4F3C");
  const std::vector<uint8_t> salt = FromHex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
  std::copy(key.begin(), key.end(), keys.key.begin());
  std::copy(salt.begin(), salt.end(), keys.salt.begin());
  constexpr size_t kBlocks = 65282;
  std::vector<uint8_t> packet(12 + kBlocks * 16);
  std::vector<uint8_t> tag(10);
  const auto cipher = NewPacketCipher(SrtpSuite::kAesCm128HmacSha1_80, SrtpChannel::kRtp,
                                      SrtpDirection::kSeal, keys);
  ASSERT_TRUE(cipher->Seal({0, 0}, packet, 12, {}, tag.data()));
  const auto blocks = [&](size_t first) {
    const auto begin = packet.begin() + static_cast<ptrdiff_t>(12 + first * 16);
    return std::vector<uint8_t>(begin, begin + 48);
  };
  EXPECT_EQ(blocks(0), FromHex("E03EAD0935C95E80E166B16DD92B4EB4"
                               "D23513162B02D0F72A43A2FE4A5F97AB"
                               "41E95B3BB0A2E8DD477901E4FCA894C0"));
  EXPECT_EQ(blocks(kBlocks - 3), FromHex("EC8CDF7398607CB0F2D21675EA9EA1E4"
                                         "362B7C3C6773516318A077D7FC5073AE"
                                         "6A2CC3787889374FBEB4C81B17BA6C44"));
}

TEST(PacketCipher, TagSizeFollowsSuiteAndChannel) {
  const SrtpSessionKeys keys = Rfc7714Keys();
  for (const SrtpSuite suite : kAllSrtpSuites) {
    const SrtpSuiteInfo& info = GetSrtpSuiteInfo(suite);
    const auto size = [&](SrtpChannel channel) {
      return NewPacketCipher(suite, channel, SrtpDirection::kSeal, keys)->tag_size();
    };
    EXPECT_EQ(size(SrtpChannel::kRtp), info.rtp_tag_size);
    EXPECT_EQ(size(SrtpChannel::kRtcp), info.rtcp_tag_size);
  }
}

}  // namespace
}  // namespace sfu
