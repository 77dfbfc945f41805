// What an attacker or a broken peer may send instead of SRTP, and wrong calls.
#include <gtest/gtest.h>

#include "base/random.h"
#include "srtp_test_util.h"

namespace sfu {
namespace {

constexpr Ssrc kSsrc = 0x55667788;

class SrtpHostile : public EverySuite {
 protected:
  std::vector<uint8_t> Sent(uint16_t seq, size_t payload_size = 30) {
    return Protect(stream_, RtpPacketOf(kSsrc, seq, payload_size));
  }
  std::string Receive(ByteView packet) { return Unprotect(receiver_.get(), packet).reason; }
  SrtpSendStream* stream_ = sender_->AddStream(kSsrc);
};
INSTANTIATE_TEST_SUITE_P(Srtp, SrtpHostile, ::testing::ValuesIn(kAllSrtpSuites), SuiteName);

TEST_P(SrtpHostile, EveryFlippedBitIsSeen) {
  EXPECT_EQ(Receive(Sent(1)), "");
  const std::vector<uint8_t> good = Sent(2);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::vector<uint8_t> bad = good;
    bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_NE(Receive(bad), "") << bit;
  }
  EXPECT_EQ(Receive(good), "");
}

TEST_P(SrtpHostile, EveryTruncationIsSeen) {
  for (const bool latched : {false, true}) {
    const std::vector<uint8_t> good = Sent(latched ? 2 : 1);
    for (size_t size = 0; size < good.size(); ++size) {
      const std::string reason = Receive(ByteView(good).first(size));
      ASSERT_NE(reason, "") << size;
      if (size < 12 + info().rtp_overhead()) {
        EXPECT_EQ(reason, "too-short");
      }
    }
    EXPECT_EQ(Receive(good), "");
  }
}

TEST_P(SrtpHostile, WrongKeyAndGarbageLeaveNoState) {
  receiver_ = TestReceiver(key_, 1);
  const auto stranger = TestSender(TestKey(GetParam(), 1));
  SrtpSendStream* stream = stranger->AddStream(1);
  EXPECT_EQ(Receive(Protect(stream, RtpPacketOf(1, 5))), "srtp-auth");
  EXPECT_EQ(Receive(Protect(stream, RtpPacketOf(1, 50000))), "srtp-auth");
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    std::vector<uint8_t> noise(random.U32() % 200);
    for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random.U32());
    if (!noise.empty() && i % 2 == 0) noise[0] = 0x80;
    EXPECT_NE(Receive(noise), "");
  }
  // The only place is still free.
  EXPECT_EQ(Receive(Sent(1)), "");
}

TEST_P(SrtpHostile, ForgedJumpDoesNotMoveTheWindow) {
  const std::vector<uint8_t> late = Sent(9);
  EXPECT_EQ(Receive(Sent(10)), "");
  for (uint16_t seq = 11; seq < 40000; seq = static_cast<uint16_t>(seq + 400)) {
    std::vector<uint8_t> forged = RtpPacketOf(kSsrc, seq);
    EXPECT_NE(Receive(forged), "");
  }
  EXPECT_EQ(Receive(late), "");
  EXPECT_EQ(Receive(Sent(11)), "");
}

TEST_P(SrtpHostile, ReplayIsDroppedAndLateRepairIsNot) {
  std::vector<std::vector<uint8_t>> wire;
  for (uint16_t seq = 0; seq <= 5000; ++seq) wire.push_back(Sent(seq, 4));
  EXPECT_EQ(Receive(wire[0]), "");
  EXPECT_EQ(Receive(wire[0]), "srtp-replay");
  EXPECT_EQ(Receive(wire[5000]), "");
  EXPECT_EQ(Receive(wire[5000]), "srtp-replay");
  EXPECT_EQ(Receive(wire[5000 - 1024]), "");
  EXPECT_EQ(Receive(wire[5000 - 1024]), "srtp-replay");
  const auto oldest = static_cast<size_t>(5000 - kSrtpReplayWindow + 1);
  EXPECT_EQ(Receive(wire[oldest]), "");
  EXPECT_EQ(Receive(wire[oldest]), "srtp-replay");
  EXPECT_EQ(Receive(wire[oldest - 1]), "too-old");
  EXPECT_EQ(Receive(wire[0]), "too-old");
}

TEST_P(SrtpHostile, StreamsAreBounded) {
  size_t passed = 0;
  for (Ssrc ssrc = 1; ssrc <= 10000; ++ssrc) {
    SrtpSendStream* stream = sender_->AddStream(ssrc);
    const std::string reason = Receive(Protect(stream, RtpPacketOf(ssrc, 1, 4)));
    sender_->RemoveStream(ssrc);
    if (reason.empty()) {
      ++passed;
    } else {
      ASSERT_EQ(reason, "too-many-streams");
    }
  }
  EXPECT_EQ(passed, kDefaultMaxSrtpStreams);
  // Those that have a place keep it, and a place that is freed can be taken.
  EXPECT_EQ(Receive(Protect(sender_->AddStream(1), RtpPacketOf(1, 2, 4))), "");
  EXPECT_EQ(Receive(Sent(1)), "too-many-streams");
  receiver_->RemoveStream(1);
  EXPECT_EQ(Receive(Sent(2)), "");
}

TEST_P(SrtpHostile, HeadersThatDoNotFit) {
  EXPECT_EQ(Receive(Sent(1)), "");
  std::vector<uint8_t> version = Sent(2);
  version[0] = 0x40;
  EXPECT_EQ(Receive(version), "bad-header");
  std::vector<uint8_t> csrcs = Sent(2);
  csrcs[0] = 0x8f;
  EXPECT_EQ(Receive(csrcs), "bad-header");
  std::vector<uint8_t> extension = Sent(2);
  extension[0] = 0x90;
  StoreBe16(&extension[14], 0xffff);
  EXPECT_EQ(Receive(extension), "bad-header");
  // The extension block may not reach into the tag.
  StoreBe16(&extension[14], static_cast<uint16_t>((extension.size() - 16) / 4));
  EXPECT_EQ(Receive(extension), "bad-header");
  std::vector<uint8_t> no_room = RtpPacketOf(kSsrc, 3, 0);
  no_room[0] = 0x90;
  no_room.resize(no_room.size() + info().rtp_overhead());
  EXPECT_EQ(Receive(no_room), "bad-header");
}

TEST_P(SrtpHostile, TooBigAndOutputTooSmall) {
  EXPECT_EQ(Receive(std::vector<uint8_t>(1501, 0x80)), "too-big");
  EXPECT_EQ(Receive(std::vector<uint8_t>(65535, 0x80)), "too-big");
  const std::vector<uint8_t> good = Sent(1);
  std::vector<uint8_t> out(good.size() - 1);
  const UnprotectResult result = receiver_->Unprotect(good, out);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.reason(), DropReason::kTooBig);
  EXPECT_EQ(Receive(Sent(2, 1500 - 12 - info().rtp_overhead())), "");
}

TEST_P(SrtpHostile, InPlaceGivesTheSame) {
  for (uint16_t seq = 1; seq < 5; ++seq) {
    const std::vector<uint8_t> plain = RtpPacketOf(kSsrc, seq, 200);
    std::vector<uint8_t> packet = Protect(stream_, plain);
    const UnprotectResult result = receiver_->Unprotect(packet, packet);
    ASSERT_TRUE(result.ok());
    packet.resize(result.size());
    EXPECT_EQ(packet, plain);
  }
}

TEST_P(SrtpHostile, SenderRefusesSizesThatDoNotFit) {
  const std::vector<uint8_t> plain = RtpPacketOf(kSsrc, 1, 20);
  std::vector<uint8_t> buffer = plain;
  buffer.resize(plain.size() + info().rtp_overhead());
  const MutableBytes all(buffer);
  EXPECT_EQ(stream_->Protect(all.first(all.size() - 1), plain.size(), 12), 0U);
  EXPECT_EQ(stream_->Protect(all, plain.size() + 1, 12), 0U);
  EXPECT_EQ(stream_->Protect(all, plain.size(), 11), 0U);
  EXPECT_EQ(stream_->Protect(all, plain.size(), plain.size() + 1), 0U);
  EXPECT_EQ(stream_->Protect(all.first(3), 12, 12), 0U);
  EXPECT_EQ(sender_->AddStream(kSsrc + 1)->Protect(all, plain.size(), 12), 0U);
  EXPECT_EQ(std::vector<uint8_t>(buffer.begin(), buffer.begin() + 32), plain);
  EXPECT_EQ(stream_->Protect(all, plain.size(), 12), all.size());
}

}  // namespace
}  // namespace sfu
