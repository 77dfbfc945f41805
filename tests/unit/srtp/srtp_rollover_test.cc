// The rollover counter: wraps with loss and reordering, late joiners, streams that come back.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"
#include "srtp_test_util.h"

namespace sfu {
namespace {

constexpr Ssrc kSsrc = 0x11223344;

class SrtpRollover : public EverySuite {
 protected:
  std::vector<uint8_t> Plain(int64_t index) {
    return RtpPacketOf(kSsrc, static_cast<uint16_t>(index));
  }
  std::vector<uint8_t> Sent(int64_t index) { return Protect(stream_, Plain(index)); }
  std::string Receive(const std::vector<uint8_t>& packet) {
    return Unprotect(receiver_.get(), packet).reason;
  }
  SrtpSendStream* stream_ = sender_->AddStream(kSsrc);
};
INSTANTIATE_TEST_SUITE_P(Srtp, SrtpRollover, ::testing::ValuesIn(kAllSrtpSuites), SuiteName);

TEST_P(SrtpRollover, WrapsWithLossAndReordering) {
  Random random(3);
  std::vector<std::vector<uint8_t>> wire;
  const int64_t start = 65300;
  for (int64_t index = start; index < start + 500; ++index) wire.push_back(Sent(index));
  // Lose a fifth; move the others by up to 40 places.
  std::vector<std::pair<double, size_t>> order;
  for (size_t i = 0; i < wire.size(); ++i) {
    if (random.U32() % 5 != 0) order.emplace_back(static_cast<double>(i) + random.Unit() * 40, i);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [when, i] : order) {
    const Opened opened = Unprotect(receiver_.get(), wire[i]);
    ASSERT_EQ(opened.reason, "") << i;
    EXPECT_EQ(opened.packet, Plain(start + static_cast<int64_t>(i)));
  }
}

TEST_P(SrtpRollover, WrapItselfIsLost) {
  EXPECT_EQ(Receive(Sent(65530)), "");
  for (int64_t index = 65531; index < 65536 + 300; ++index) Sent(index);
  EXPECT_EQ(Receive(Sent(65536 + 300)), "");
  EXPECT_EQ(Receive(Sent(65536 + 2)), "");
  EXPECT_EQ(Receive(Sent(65535)), "");  // sent again, from before the wrap
}

TEST_P(SrtpRollover, ThreeWrapsInLongSteps) {
  std::vector<uint8_t> old;
  for (int64_t index = 7; index < 4 * 65536; index += 20000) {
    const std::vector<uint8_t> packet = Sent(index);
    EXPECT_EQ(Receive(packet), "") << index;
    if (old.empty()) old = packet;
  }
  EXPECT_NE(Receive(old), "");
}

TEST_P(SrtpRollover, RetransmissionHasTheIndexItHad) {
  const std::vector<uint8_t> before = Sent(65535);
  EXPECT_EQ(Receive(before), "");
  for (int64_t index = 65536; index < 65536 + 100; ++index) Sent(index);
  EXPECT_EQ(Sent(65535), before);
  const std::vector<uint8_t> after = Sent(65536 + 100);
  EXPECT_EQ(Receive(after), "");
  // It changed nothing for what follows.
  EXPECT_EQ(Receive(Sent(65536 + 101)), "");
}

// Consumers that join an old transport are new streams: their counters begin at 0.
TEST_P(SrtpRollover, LateStreamBeginsAtZero) {
  for (int64_t index = 65000; index < 66000; ++index) Receive(Sent(index));
  SrtpSendStream* late = sender_->AddStream(99);
  const std::vector<uint8_t> plain = RtpPacketOf(99, 65535);
  EXPECT_EQ(Unprotect(receiver_.get(), Protect(late, plain)).packet, plain);
  const std::vector<uint8_t> next = RtpPacketOf(99, 0);
  EXPECT_EQ(Unprotect(receiver_.get(), Protect(late, next)).packet, next);
}

TEST_P(SrtpRollover, ReceiverJoinsInTheMiddleOfACycle) {
  for (int64_t index = 10; index < 40000; index += 1000) Sent(index);
  EXPECT_EQ(Receive(Sent(40000)), "");
  EXPECT_EQ(Receive(Sent(65535)), "");
  EXPECT_EQ(Receive(Sent(65536)), "");
}

TEST_P(SrtpRollover, IndexFarAheadIsNotGuessed) {
  EXPECT_EQ(Receive(Sent(100)), "");
  for (int64_t index = 100; index <= 3 * 65536 + 200; index += 20000) Sent(index);
  EXPECT_EQ(Receive(Sent(3 * 65536 + 200)), "srtp-auth");
  // Nothing changed: the stream goes on where it was.
  EXPECT_EQ(Receive(Protect(TestSender(key_)->AddStream(kSsrc), Plain(101))), "");
}

TEST_P(SrtpRollover, RefusesReorderingBeforeTheFirstCycle) {
  EXPECT_FALSE(Sent(2).empty());
  std::vector<uint8_t> packet = Plain(65535);
  const std::vector<uint8_t> before = packet;
  packet.resize(packet.size() + kMaxSrtpOverhead);
  EXPECT_EQ(stream_->Protect(packet, before.size(), kRtpFixedHeaderSize), 0U);
  packet.resize(before.size());
  EXPECT_EQ(packet, before);
  EXPECT_EQ(Receive(Sent(3)), "");
}

// A source that starts anew elsewhere in its first cycle.
TEST_P(SrtpRollover, JumpAheadByMoreThanHalfInTheFirstCycle) {
  EXPECT_EQ(Receive(Sent(5)), "");
  EXPECT_EQ(Receive(Sent(50000)), "");
  EXPECT_EQ(Receive(Sent(50001)), "");
  EXPECT_EQ(Receive(Sent(65536 + 10)), "");
}

// Its nonce was used long ago, and perhaps for other bytes.
TEST_P(SrtpRollover, RefusesWhatNoReceiverWouldTake) {
  EXPECT_FALSE(Sent(60000).empty());
  EXPECT_FALSE(Sent(70000).empty());
  EXPECT_FALSE(Sent(70000 - kSrtpReplayWindow + 1).empty());
  EXPECT_TRUE(Sent(70000 - kSrtpReplayWindow).empty());
  EXPECT_TRUE(Sent(70000 - 32000).empty());
}

// Or a nonce would be used twice.
TEST_P(SrtpRollover, RemovedSendStreamGoesOnWhereItWas) {
  EXPECT_EQ(Receive(Sent(65535)), "");
  EXPECT_EQ(Receive(Sent(65536)), "");
  sender_->RemoveStream(kSsrc);
  sender_->RemoveStream(kSsrc);
  stream_ = sender_->AddStream(kSsrc);
  EXPECT_EQ(sender_->AddStream(kSsrc), stream_);
  EXPECT_EQ(Receive(Sent(65537)), "");
}

}  // namespace
}  // namespace sfu
