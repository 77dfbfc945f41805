// Transport-wide feedback in virtual time: its bytes, what our own parser reads out of them, and
// what numbers may do.
#include "congestion/transport_feedback_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/random.h"
#include "rtp/rtcp/compound.h"

namespace sfu::test {
namespace {

using testing::ElementsAre;
using Bytes = std::vector<uint8_t>;

constexpr Timestamp At(int64_t ms) { return Timestamp::FromMillis(ms); }

class FeedbackTest : public testing::Test {
 protected:
  struct Message {
    rtcp::TransportFeedback feedback;
    std::vector<rtcp::TransportFeedback::Received> received;
  };

  std::vector<Bytes> Datagrams() {
    std::vector<Bytes> all;
    generator_.Send(0x01020304, 0x0a0b0c0d,
                    [&](ByteView bytes) { all.emplace_back(bytes.begin(), bytes.end()); });
    return all;
  }
  // The messages that are due, and what they say: number -> arrival in ms, or nothing for lost.
  std::vector<Message> Read() {
    std::vector<Message> all;
    for (const Bytes& datagram : Datagrams()) {
      EXPECT_LE(datagram.size(), TransportFeedbackGenerator::kMaxSize);
      rtcp::CompoundReader reader(datagram);
      while (const auto packet = reader.Next()) {
        Message message;
        const auto feedback =
            rtcp::TransportFeedback::Parse(packet->header, packet->body, message.received);
        EXPECT_TRUE(feedback);
        if (!feedback) continue;
        message.feedback = *feedback;
        all.push_back(message);
      }
      EXPECT_FALSE(reader.error());
    }
    return all;
  }
  std::map<uint16_t, std::optional<int64_t>> Statuses(const std::vector<Message>& messages) {
    std::map<uint16_t, std::optional<int64_t>> statuses;
    for (const Message& message : messages) {
      const Timestamp reference = reference_.Unwrap(message.feedback.reference_time);
      for (int i = 0; i < message.feedback.status_count; ++i) {
        statuses.emplace((message.feedback.base_sequence + i).value(), std::nullopt);
      }
      for (const auto& received : message.received) {
        statuses[received.sequence.value()] = (reference + received.arrival).ms();
      }
    }
    return statuses;
  }
  std::map<uint16_t, std::optional<int64_t>> Statuses() { return Statuses(Read()); }

  TransportFeedbackGenerator generator_;
  rtcp::ReferenceTime reference_;
};

// Bytes worked out by hand from the draft, section 3.1.
TEST_F(FeedbackTest, GoldenBytes) {
  // 6,400,000 ms are 100,000 (0x0186A0) times 64 ms.
  generator_.OnPacket(0x1000, At(6'400'010));           // 40 ticks of 250 us
  generator_.OnPacket(0x1001, At(6'400'011));           // 4 ticks
  generator_.OnPacket(0x1004, At(6'400'111));           // 400 ticks: a large delta
  generator_.OnPacket(0x1003, At(6'400'112));           // 1 ms behind its successor
  EXPECT_EQ(generator_.NextDeadline(), At(6'400'110));  // 100 ms after the first
  const std::vector<Bytes> datagrams = Datagrams();
  ASSERT_EQ(datagrams.size(), 1u);
  EXPECT_EQ(datagrams[0], (Bytes{0x8f, 0xcd, 0x00, 0x06,     // format 15, type 205, 28 bytes
                                 0x01, 0x02, 0x03, 0x04,     // who reports
                                 0x0a, 0x0b, 0x0c, 0x0d,     // on whom
                                 0x10, 0x00, 0x00, 0x05,     // from 0x1000, five packets
                                 0x01, 0x86, 0xa0, 0x00,     // reference time, first feedback
                                 0xd4, 0xa0, 0x28, 0x04,     // 1, 1, 0, 2, 2 (1 is wide)
                                 0x01, 0x94, 0xff, 0xfc}));  // +404 ticks, -4 ticks
}

TEST_F(FeedbackTest, GoldenBytesOfARun) {
  for (int i = 0; i < 20; ++i) {
    generator_.OnPacket(static_cast<uint16_t>(65'530 + i), At(64'000 + i));
  }
  Bytes expected{0x8f, 0xcd, 0x00, 0x0a, 0x01, 0x02, 0x03, 0x04, 0x0a, 0x0b, 0x0c, 0x0d,
                 0xff, 0xfa, 0x00, 0x14, 0x00, 0x03, 0xe8, 0x00, 0x20, 0x14, 0x00};
  for (int i = 1; i < 20; ++i) expected.push_back(4);
  expected.resize(44);
  EXPECT_EQ(Datagrams(), std::vector<Bytes>{expected});
}

TEST_F(FeedbackTest, EachPacketIsReportedOnceAndGapsAsLost) {
  generator_.OnPacket(10, At(1000));
  generator_.OnPacket(12, At(1010));
  EXPECT_THAT(Statuses(), ElementsAre(testing::Pair(10, 1000), testing::Pair(11, std::nullopt),
                                      testing::Pair(12, 1010)));
  EXPECT_TRUE(generator_.NextDeadline().is_never());
  generator_.OnPacket(15, At(1110));
  EXPECT_THAT(Statuses(), ElementsAre(testing::Pair(13, std::nullopt),
                                      testing::Pair(14, std::nullopt), testing::Pair(15, 1110)));
  EXPECT_EQ(generator_.packets(), 3u);
  EXPECT_EQ(generator_.feedbacks(), 2u);
  EXPECT_TRUE(Datagrams().empty());
}

TEST_F(FeedbackTest, WhatComesAfterItWasReportedLostIsReportedAgain) {
  for (const uint16_t number : {1, 2, 5, 7, 8}) generator_.OnPacket(number, At(1000 + number));
  Statuses();
  for (const uint16_t number : {6, 3, 9, 11, 5}) generator_.OnPacket(number, At(1100 + number));
  const std::vector<Message> messages = Read();
  // 4 stays lost, 5 arrived before: neither is said anew.
  EXPECT_THAT(Statuses(messages),
              ElementsAre(testing::Pair(3, 1103), testing::Pair(6, 1106), testing::Pair(9, 1109),
                          testing::Pair(10, std::nullopt), testing::Pair(11, 1111)));
  ASSERT_EQ(messages.size(), 3u);
  for (uint8_t i = 0; i < 3; ++i) EXPECT_EQ(messages[i].feedback.feedback_count, 1 + i);
}

TEST_F(FeedbackTest, DuplicatesChangeNothing) {
  for (int i = 0; i < 1000; ++i) generator_.OnPacket(7, At(1000 + i));
  EXPECT_THAT(Statuses(), ElementsAre(testing::Pair(7, 1000)));
  generator_.OnPacket(7, At(3000));
  EXPECT_TRUE(generator_.NextDeadline().is_never());
}

TEST_F(FeedbackTest, NumbersWrapUnderLossAndReordering) {
  Random random(3);
  std::map<int64_t, int64_t> sent;  // number -> arrival, or 0 if lost
  std::map<int64_t, int64_t> told;
  int64_t now = 100'000;
  rtcp::ReferenceTime reference;
  std::vector<std::pair<int64_t, int64_t>> late;  // number, when
  const auto report = [&] {
    for (const Message& message : Read()) {
      const Timestamp base = reference.Unwrap(message.feedback.reference_time);
      for (const auto& received : message.received) {
        // The one of this number that is nearest to the newest sent.
        const int64_t newest = sent.rbegin()->first;
        const int64_t number =
            newest + received.sequence.DistanceFrom(SeqNum(static_cast<uint16_t>(newest)));
        ASSERT_TRUE(told.emplace(number, (base + received.arrival).ms()).second);
      }
    }
  };
  for (int64_t number = 60'000; number < 300'000; ++number, now += random.U32() % 3) {
    sent[number] = 0;
    const uint32_t fate = random.U32() % 100;
    if (fate < 3) {
      late.emplace_back(number, now + random.U32() % 300);
    } else if (fate < 90) {
      generator_.OnPacket(static_cast<uint16_t>(number), At(now));
      sent[number] = now;
    }
    while (!late.empty() && late.front().second <= now) {
      generator_.OnPacket(static_cast<uint16_t>(late.front().first), At(now));
      sent[late.front().first] = now;
      late.erase(late.begin());
    }
    if (generator_.NextDeadline() <= At(now)) report();
  }
  report();
  for (const auto& [number, arrival] : sent) {
    if (arrival == 0) continue;
    ASSERT_TRUE(told.contains(number));
    ASSERT_EQ(told[number], arrival);
  }
  EXPECT_GT(told.size(), 200'000u);
}

TEST_F(FeedbackTest, AFullOneGoesOutAtOnce) {
  size_t taken = 0;
  while (!generator_.OnPacket(static_cast<uint16_t>(taken++), At(1000))) {
    ASSERT_LT(taken, 10'000u);
  }
  EXPECT_EQ(taken, TransportFeedbackGenerator::kMaxPending);
  EXPECT_EQ(Statuses().size(), TransportFeedbackGenerator::kMaxPending);
}

TEST_F(FeedbackTest, AJumpCountsOnceASecondPacketConfirmsIt) {
  generator_.OnPacket(100, At(1000));
  generator_.OnPacket(30'000, At(1001));  // a stray
  generator_.OnPacket(101, At(1002));
  EXPECT_THAT(Statuses(), ElementsAre(testing::Pair(100, 1000), testing::Pair(101, 1002)));
  for (const int start : {30'000, 20'000, 65'000}) {
    generator_.OnPacket(static_cast<uint16_t>(start), At(2000 + start));
    generator_.OnPacket(static_cast<uint16_t>(start + 2), At(2001 + start));
    // Nothing between the rows is called lost.
    EXPECT_THAT(Statuses(), ElementsAre(testing::Pair(start, 2000 + start),
                                        testing::Pair(start + 1, std::nullopt),
                                        testing::Pair(start + 2, 2001 + start)));
  }
}

TEST_F(FeedbackTest, ALongPauseIsNoReasonForALongMessage) {
  generator_.OnPacket(1, At(1000));
  generator_.OnPacket(2, At(1000 + 3600 * 1000));
  generator_.OnPacket(2999, At(1001 + 3600 * 1000));
  const std::vector<Message> messages = Read();
  EXPECT_EQ(messages.size(), 2u);
  const auto statuses = Statuses(messages);
  EXPECT_EQ(statuses.at(1), 1000);
  EXPECT_EQ(statuses.at(2), 1000 + 3600 * 1000);
  EXPECT_EQ(statuses.at(3), std::nullopt);
  EXPECT_EQ(statuses.at(2999), 1001 + 3600 * 1000);
}

TEST_F(FeedbackTest, AnyNumbersStayWithinBounds) {
  Random random(9);
  for (int i = 0; i < 100'000; ++i) {
    if (generator_.OnPacket(random.U16(), At(1000 + i / 100)) || random.U32() % 2000 == 0) {
      Read();
    }
  }
  Read();
  EXPECT_TRUE(Datagrams().empty());
}

}  // namespace
}  // namespace sfu::test
