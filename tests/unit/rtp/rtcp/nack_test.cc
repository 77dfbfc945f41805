// Generic NACK: PID and BLP, unpacked and packed (RFC 4585, section 6.2.1).
#include "rtp/rtcp/nack.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "rtcp_test_util.h"

namespace sfu::rtcp {
namespace {

using Numbers = std::vector<uint16_t>;

Numbers Asked(const Bytes& datagram) {
  Numbers numbers;
  const auto nack = Parsed<Nack>(datagram);
  EXPECT_TRUE(nack);
  if (nack) nack->ForEach([&](SeqNum s) { numbers.push_back(s.value()); });
  return numbers;
}

std::vector<SeqNum> Seqs(const Numbers& numbers) {
  std::vector<SeqNum> seqs;
  for (const uint16_t n : numbers) seqs.emplace_back(n);
  return seqs;
}

TEST(Nack, UnpacksTheMaskAcrossTheWrap) {
  const Bytes bytes = Hex("81cd0004 00000001 00000002 fffe8005 00100000");
  EXPECT_EQ(Asked(bytes), (Numbers{0xfffe, 0xffff, 1, 14, 16}));
  const auto nack = Parsed<Nack>(bytes);
  EXPECT_EQ(nack->sender_ssrc(), 1u);
  EXPECT_EQ(nack->media_ssrc(), 2u);
}

TEST(Nack, PacksAscendingNumbers) {
  const auto lost = Seqs({0xfffe, 0xffff, 1, 14, 16});
  EXPECT_EQ(Written(NackRequest{1, 2, lost}), Hex("81cd0004 00000001 00000002 fffe8005 00100000"));
}

TEST(Nack, PacksAnyOrderWithoutLoss) {
  const auto lost = Seqs({10, 9, 9, 40000});
  EXPECT_EQ(Asked(Written(NackRequest{1, 2, lost})), (Numbers{10, 9, 40000}));
}

TEST(Nack, RoundTripsRandomAscendingNumbers) {
  Random random(5);
  for (int round = 0; round < 50; ++round) {
    Numbers numbers;
    uint16_t n = random.U16();
    for (int i = 0; i < 60; ++i)
      numbers.push_back(n = static_cast<uint16_t>(n + 1 + random.U16() % 9));
    const auto lost = Seqs(numbers);
    EXPECT_EQ(Asked(Written(NackRequest{1, 2, lost})), numbers);
  }
}

TEST(Nack, NothingLostIsNotWritten) {
  Bytes out(100);
  ByteWriter writer(out);
  EXPECT_FALSE((NackRequest{1, 2, {}}.Write(writer)));
  EXPECT_EQ(writer.size(), 0u);
}

TEST(Nack, CountsWhatFits) {
  const auto lost = Seqs({0, 16, 17, 100, 200});  // three items, then one more
  EXPECT_EQ(NackRequest::CountFitting(lost, 15), 0u);
  EXPECT_EQ(NackRequest::CountFitting(lost, 16), 2u);
  EXPECT_EQ(NackRequest::CountFitting(lost, 20), 3u);
  EXPECT_EQ(NackRequest::CountFitting(lost, 1000), 5u);
  const NackRequest first{1, 2, std::span(lost).first(3)};
  EXPECT_EQ(Written(first).size(), 20u);
}

TEST(Nack, RefusesATruncatedBody) {
  const Bytes bytes = Hex("81cd0003 00000001 00000002 fffe8005");
  ExpectRefusedBelow<Nack>(bytes, 8);
  ExpectOtherTypesRefused<Nack>(bytes);
  const CommonHeader header{PacketType::kRtpFeedback, kFormatNack};
  EXPECT_FALSE(Nack::Parse(header, ByteView(bytes).subspan(4, 10)));
}

// A full datagram asks for 17 numbers per 4 bytes and no more.
TEST(Nack, AFloodIsBoundedByTheDatagram) {
  Bytes bytes(1500, 0xff);
  bytes[0] = 0x81;
  bytes[1] = 205;
  StoreBe16(&bytes[2], static_cast<uint16_t>(bytes.size() / 4 - 1));
  EXPECT_EQ(Asked(bytes).size(), 372u * 17);
}

}  // namespace
}  // namespace sfu::rtcp
