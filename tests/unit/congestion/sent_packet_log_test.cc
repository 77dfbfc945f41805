// What feedback makes of what was sent: honest feedback, late, repeated, and hostile.
#include "congestion/sent_packet_log.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace sfu {
namespace {

using rtcp::TransportFeedback;

class SentPacketLogTest : public testing::Test {
 protected:
  void Send(int count, size_t size = 1000) {
    for (int i = 0; i < count; ++i) {
      log_.OnSent(size, now_);
      now_ += TimeDelta::Millis(1);
    }
  }
  // Feedback about `count` packets from `base`, all received but those in `lost`. They were 30 ms
  // under way, by a clock that is `peer_ahead_` ahead.
  void Feedback(uint16_t base, uint16_t count, const std::vector<uint16_t>& lost = {}) {
    TransportFeedback feedback;
    feedback.base_sequence = SeqNum(base);
    feedback.status_count = count;
    feedback.reference_time = reference_time_;
    std::vector<TransportFeedback::Received> received;
    for (uint16_t i = 0; i < count; ++i) {
      const auto sequence = static_cast<uint16_t>(base + i);
      if (std::find(lost.begin(), lost.end(), sequence) != lost.end()) continue;
      received.push_back({SeqNum(sequence), TimeDelta::Millis(i)});
    }
    results_.clear();
    log_.OnFeedback(feedback, received, now_, [this](const SentPacketResult& result) {
      results_[result.sequence.value()] = result;
    });
  }

  Timestamp now_ = Timestamp::FromMillis(10'000);
  uint32_t reference_time_ = 7;
  SentPacketLog log_;
  std::map<uint16_t, SentPacketResult> results_;
};

TEST_F(SentPacketLogTest, TellsWhatArrivedAndWhatDidNot) {
  const Timestamp start = now_;
  Send(5, 1200);
  EXPECT_EQ(log_.next_sequence(), 5);
  Feedback(0, 5, {3});
  ASSERT_EQ(results_.size(), 5U);
  for (const auto& [sequence, result] : results_) {
    EXPECT_EQ(result.size, 1200);
    EXPECT_EQ(result.sent, start + TimeDelta::Millis(sequence));
    ASSERT_EQ(result.arrival.has_value(), sequence != 3);
  }
  EXPECT_EQ(*results_[4].arrival - *results_[1].arrival, TimeDelta::Millis(3));
  EXPECT_EQ(log_.stats().packets_sent, 5U);
  EXPECT_EQ(log_.stats().packets_acked, 4U);
  EXPECT_EQ(log_.stats().bytes_acked, 4800U);
  EXPECT_EQ(log_.stats().packets_lost, 1U);
  ASSERT_TRUE(log_.stats().fraction_lost);
  EXPECT_DOUBLE_EQ(*log_.stats().fraction_lost, 0.2);
}

TEST_F(SentPacketLogTest, NothingIsToldTwice) {
  Send(4);
  Feedback(0, 4, {2});
  Feedback(0, 4, {2});
  EXPECT_TRUE(results_.empty());
  EXPECT_EQ(log_.stats().packets_lost, 1U);
  // It came after all.
  Feedback(1, 3);
  ASSERT_EQ(results_.size(), 1U);
  EXPECT_TRUE(results_[2].arrival);
  EXPECT_EQ(log_.stats().packets_lost, 0U);
  EXPECT_EQ(log_.stats().packets_acked, 4U);
  // What is there cannot get lost.
  Feedback(0, 4, {0, 1, 2, 3});
  EXPECT_TRUE(results_.empty());
}

TEST_F(SentPacketLogTest, NumbersAndReferenceTimesWrap) {
  Send(65'530);
  reference_time_ = 0xFF'FFFF;
  Feedback(65'529, 1);
  const Timestamp before = *results_[65'529].arrival;
  Send(12);
  reference_time_ = 0;  // one unit later
  Feedback(65'530, 12, {65'535});
  ASSERT_EQ(results_.size(), 12U);
  EXPECT_FALSE(results_[65'535].arrival);
  EXPECT_TRUE(results_[0].arrival);
  EXPECT_EQ(*results_[65'530].arrival - before, TransportFeedback::kReferenceUnit);
}

TEST_F(SentPacketLogTest, PacketsThatWereNotSentAreIgnored) {
  Feedback(0, 100);
  EXPECT_TRUE(results_.empty());
  Send(10);
  Feedback(10, 100);    // the future
  Feedback(5, 65'535);  // with the future behind it
  EXPECT_EQ(results_.size(), 5U);
  Feedback(60'000, 65'535);  // from before the first, round about
  EXPECT_EQ(results_.size(), 5U);
  EXPECT_EQ(log_.stats().packets_acked, 10U);
  EXPECT_EQ(log_.stats().packets_lost, 0U);
  EXPECT_EQ(log_.stats().statuses_ignored, 100U + 100 + 65'530 + 65'525);
}

TEST_F(SentPacketLogTest, WhatIsForgottenIsIgnored) {
  Send(1);
  Feedback(0, 1);
  for (int round = 0; round < 100; ++round) {
    Send(100);
    const auto base = static_cast<uint16_t>(log_.next_sequence() - 100);
    Feedback(base, 100);
    ASSERT_EQ(results_.size(), 100U);
  }
  Feedback(0, 100);
  EXPECT_TRUE(results_.empty());
  EXPECT_LE(log_.heap_size(), 2048U) << "what is reported makes room";
}

TEST_F(SentPacketLogTest, MemoryFollowsWhatIsUnderWay) {
  EXPECT_EQ(log_.heap_size(), 0U);
  Send(100'000);
  EXPECT_LE(log_.heap_size(), 1024U) << "a peer that sends no feedback";
  Feedback(static_cast<uint16_t>(log_.next_sequence() - 1), 1);
  Send(1000);
  EXPECT_GE(log_.heap_size(), 8000U);
  EXPECT_LE(log_.heap_size(), 16'384U);
  Feedback(static_cast<uint16_t>(log_.next_sequence() - 1000), 1000);
  EXPECT_EQ(results_.size(), 1000U);
  // However many, and however fast.
  for (int i = 0; i < 100'000; ++i) log_.OnSent(1200, now_);
  EXPECT_EQ(log_.heap_size(), SentPacketLog::kMaxPackets * 8);
  Feedback(static_cast<uint16_t>(log_.next_sequence() - 10'000), 10'000);
  EXPECT_EQ(results_.size(), SentPacketLog::kMaxPackets);
}

TEST_F(SentPacketLogTest, APacketIsOldAfterAWhileWhateverTheRate) {
  Send(1);
  Feedback(0, 1);
  for (int i = 0; i < 1000; ++i) {
    log_.OnSent(100, now_);
    now_ += TimeDelta::Millis(20);
  }
  EXPECT_LE(log_.heap_size(), 1024U);
}

// A thousand times a second, with any reference time: nothing overflows, and the peer's clock stays
// near to where ours says it is.
TEST_F(SentPacketLogTest, NoReferenceTimeLeadsAstray) {
  uint32_t random = 1;
  for (int i = 0; i < 200'000; ++i) {
    log_.OnSent(100, now_);
    random = random * 1'664'525 + 1'013'904'223;
    // The largest step ahead each time, then anything.
    reference_time_ = i < 100'000 ? (reference_time_ + 0x7F'FFFF) & 0xFF'FFFF : random >> 8;
    Feedback(static_cast<uint16_t>(log_.next_sequence() - 1), 1);
    ASSERT_EQ(results_.size(), 1U);
    const auto arrival = results_.begin()->second.arrival;
    ASSERT_TRUE(arrival);
    ASSERT_LE(arrival->ms(), int64_t{1} << 31);
    ASSERT_GE(arrival->ms(), -(int64_t{1} << 31));
    now_ += TimeDelta::Millis(1);
  }
  EXPECT_EQ(log_.stats().packets_acked, 200'000U);
}

TEST_F(SentPacketLogTest, LossIsThatOfTheLastSecond) {
  Send(100);
  Feedback(0, 100);
  EXPECT_DOUBLE_EQ(log_.stats().fraction_lost.value_or(-1), 0);
  Send(500);
  Feedback(100, 500, {100, 101, 102, 103, 104});
  EXPECT_DOUBLE_EQ(log_.stats().fraction_lost.value_or(-1), 0) << "the second is not over";
  Send(500);
  Feedback(600, 500);
  EXPECT_DOUBLE_EQ(log_.stats().fraction_lost.value_or(-1), 0.005);
}

}  // namespace
}  // namespace sfu
