// SRTCP: index, replay, damage, bounds.
#include <gtest/gtest.h>

#include "srtp_test_util.h"

namespace sfu {
namespace {

constexpr Ssrc kSsrc = 0x01020304;

class Srtcp : public EverySuite {
 protected:
  std::vector<uint8_t> Sent(Ssrc ssrc = kSsrc) {
    return ProtectRtcp(sender_.get(), RtcpPacketOf(ssrc));
  }
  std::string Receive(ByteView packet) { return UnprotectRtcp(receiver_.get(), packet).reason; }
};
INSTANTIATE_TEST_SUITE_P(Srtp, Srtcp, ::testing::ValuesIn(kAllSrtpSuites), SuiteName);

TEST_P(Srtcp, ReplayAndReordering) {
  std::vector<std::vector<uint8_t>> wire;
  for (int i = 0; i < 300; ++i) wire.push_back(Sent());
  EXPECT_EQ(Receive(wire[1]), "");
  EXPECT_EQ(Receive(wire[0]), "");
  EXPECT_EQ(Receive(wire[0]), "srtp-replay");
  EXPECT_EQ(Receive(wire[299]), "");
  EXPECT_EQ(Receive(wire[299]), "srtp-replay");
  EXPECT_EQ(Receive(wire[299 - 64]), "");
  EXPECT_EQ(Receive(wire[299 - 64]), "srtp-replay");
  EXPECT_EQ(Receive(wire[100]), "too-old");
}

TEST_P(Srtcp, EveryFlippedBitIsSeen) {
  EXPECT_EQ(Receive(Sent()), "");
  const std::vector<uint8_t> good = Sent();
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::vector<uint8_t> bad = good;
    bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_NE(Receive(bad), "") << bit;
  }
  EXPECT_EQ(Receive(good), "");
}

TEST_P(Srtcp, EveryTruncationIsSeen) {
  const std::vector<uint8_t> good = Sent();
  for (size_t size = 0; size < good.size(); ++size) {
    ASSERT_NE(Receive(ByteView(good).first(size)), "") << size;
  }
  EXPECT_EQ(Receive(std::vector<uint8_t>(8 + info().rtcp_overhead() - 1, 0x80)), "too-short");
  EXPECT_EQ(Receive(std::vector<uint8_t>(1501, 0x80)), "too-big");
  EXPECT_EQ(Receive(good), "");
}

TEST_P(Srtcp, StreamsAreBoundedApartFromRtp) {
  for (Ssrc ssrc = 1; ssrc <= 1000; ++ssrc) {
    EXPECT_EQ(Receive(Sent(ssrc)), ssrc <= kDefaultMaxSrtpStreams ? "" : "too-many-streams");
  }
  const std::vector<uint8_t> rtp = RtpPacketOf(kSsrc, 1);
  EXPECT_EQ(Unprotect(receiver_.get(), Protect(sender_->AddStream(kSsrc), rtp)).packet, rtp);
  receiver_->RemoveStream(5);
  EXPECT_EQ(Receive(Sent(2000)), "");
}

TEST_P(Srtcp, InPlaceGivesTheSame) {
  const std::vector<uint8_t> plain = RtcpPacketOf(kSsrc);
  std::vector<uint8_t> packet = Sent();
  const UnprotectResult result = receiver_->UnprotectRtcp(packet, packet);
  ASSERT_TRUE(result.ok());
  packet.resize(result.size());
  EXPECT_EQ(packet, plain);
}

TEST_P(Srtcp, SenderRefusesSizesThatDoNotFit) {
  std::vector<uint8_t> buffer = RtcpPacketOf(kSsrc);
  const size_t size = buffer.size();
  buffer.resize(size + info().rtcp_overhead());
  const MutableBytes all(buffer);
  EXPECT_EQ(sender_->ProtectRtcp(all.first(all.size() - 1), size), 0U);
  EXPECT_EQ(sender_->ProtectRtcp(all, 7), 0U);
  EXPECT_EQ(sender_->ProtectRtcp(all.first(3), 8), 0U);
  EXPECT_EQ(sender_->ProtectRtcp(all, size), all.size());
}

}  // namespace
}  // namespace sfu
