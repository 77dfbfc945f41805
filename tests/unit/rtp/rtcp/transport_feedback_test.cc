// Transport-wide feedback: every kind of chunk and delta, the builder against the parser, wraps,
// and feedback that lies.
#include "rtp/rtcp/transport_feedback.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "rtcp_test_util.h"

namespace sfu::rtcp {
namespace {

using Arrivals = std::map<uint16_t, int64_t>;  // sequence -> ticks after the reference time

std::optional<TransportFeedback> Read(const Bytes& datagram, Arrivals* arrivals = nullptr) {
  CompoundReader reader(datagram);
  const auto packet = reader.Next();
  if (!packet) return std::nullopt;
  std::vector<TransportFeedback::Received> received;
  const auto feedback = TransportFeedback::Parse(packet->header, packet->body, received);
  EXPECT_TRUE(feedback || received.empty());
  EXPECT_LE(received.size(), packet->body.size());
  if (arrivals != nullptr) {
    for (const auto& r : received) {
      (*arrivals)[r.sequence.value()] = r.arrival.ns() / TransportFeedback::kTick.ns();
    }
  }
  return feedback;
}

// Header and fixed part with `count` statuses from 0xfffe; `rest` holds chunks and deltas.
Bytes Feedback(uint16_t count, std::string_view rest) {
  Bytes bytes = Hex("8fcd0000 00000001 00000002 fffe0000 00000a05");
  StoreBe16(&bytes[14], count);
  const Bytes tail = Hex(rest);
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  bytes.resize((bytes.size() + 3) / 4 * 4);
  StoreBe16(&bytes[2], static_cast<uint16_t>(bytes.size() / 4 - 1));
  return bytes;
}

TEST(TransportFeedback, ReadsARunOfSmallDeltas) {
  Arrivals arrivals;
  const auto feedback = Read(Feedback(3, "2003 0a 00 ff"), &arrivals);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->sender_ssrc, 1u);
  EXPECT_EQ(feedback->media_ssrc, 2u);
  EXPECT_EQ(feedback->base_sequence.value(), 0xfffe);
  EXPECT_EQ(feedback->status_count, 3);
  EXPECT_EQ(feedback->reference_time, 10u);
  EXPECT_EQ(feedback->feedback_count, 5);
  EXPECT_EQ(arrivals, (Arrivals{{0xfffe, 10}, {0xffff, 10}, {0, 265}}));
}

TEST(TransportFeedback, ReadsLargeDeltasOfBothSigns) {
  Arrivals arrivals;
  ASSERT_TRUE(Read(Feedback(2, "4002 7fff 8000"), &arrivals));
  EXPECT_EQ(arrivals, (Arrivals{{0xfffe, 32767}, {0xffff, -1}}));
}

TEST(TransportFeedback, ReadsAOneBitVector) {
  Arrivals arrivals;
  // 1 0 | 1 0 0 0 0 0 0 0 0 0 0 0 0 1
  ASSERT_TRUE(Read(Feedback(14, "a001 01 02"), &arrivals));
  EXPECT_EQ(arrivals, (Arrivals{{0xfffe, 1}, {11, 3}}));
}

TEST(TransportFeedback, ReadsATwoBitVector) {
  Arrivals arrivals;
  // 1 1 | 01 10 00 00 00 00 01
  ASSERT_TRUE(Read(Feedback(7, "d801 01 0100 02"), &arrivals));
  EXPECT_EQ(arrivals, (Arrivals{{0xfffe, 1}, {0xffff, 257}, {4, 259}}));
}

TEST(TransportFeedback, IgnoresStatusesBehindTheCount) {
  Arrivals arrivals;
  ASSERT_TRUE(Read(Feedback(2, "bfff 01 02"), &arrivals));
  EXPECT_EQ(arrivals, (Arrivals{{0xfffe, 1}, {0xffff, 3}}));
  arrivals.clear();
  ASSERT_TRUE(Read(Feedback(2, "3fff 01 02"), &arrivals));
  EXPECT_EQ(arrivals.size(), 2u);
}

// 65535 lost packets in 16 bytes of chunks: nothing grows with the count.
TEST(TransportFeedback, ALargeCountCostsNothing) {
  Arrivals arrivals;
  const auto feedback =
      Read(Feedback(65535, "1fff 1fff 1fff 1fff 1fff 1fff 1fff 1fff 1fff"), &arrivals);
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->status_count, 65535);
  EXPECT_TRUE(arrivals.empty());
}

TEST(TransportFeedback, RefusesACountThatTheChunksDoNotCover) {
  EXPECT_FALSE(Read(Feedback(0, "2001 01")));
  EXPECT_FALSE(Read(Feedback(100, "0001 0002")));
  EXPECT_FALSE(Read(Feedback(100, "0000 0000 0000 0000")));  // runs of length 0
  EXPECT_FALSE(Read(Feedback(65535, "1fff 1fff")));
}

TEST(TransportFeedback, RefusesAnArrivalWithoutDelta) {
  EXPECT_FALSE(Read(Feedback(65535, "3fff 3fff 3fff 3fff 3fff 3fff 3fff 3fff 3fff 0000")));
  EXPECT_FALSE(Read(Feedback(3, "2003 0102 ")));  // padded to 4 bytes: two deltas
  const Bytes one_byte = Feedback(3, "4003 0001 0002 0003");
  CompoundReader reader(one_byte);
  const auto packet = reader.Next();
  ASSERT_TRUE(packet);
  std::vector<TransportFeedback::Received> received;
  EXPECT_TRUE(TransportFeedback::Parse(packet->header, packet->body, received));
  EXPECT_EQ(received.size(), 3u);
  EXPECT_FALSE(TransportFeedback::Parse(packet->header, packet->body.first(packet->body.size() - 1),
                                        received));
  EXPECT_TRUE(received.empty());
}

TEST(TransportFeedback, RefusesTheReservedStatus) {
  EXPECT_FALSE(Read(Feedback(1, "6001 0102")));
  EXPECT_FALSE(Read(Feedback(7, "f000 0102")));
}

// 700 deltas of the largest size add up without wrapping.
TEST(TransportFeedback, DeltasAddUpFarBeyond16Bits) {
  std::string rest = "42bc";
  for (int i = 0; i < 700; ++i) rest += "7fff";
  Arrivals arrivals;
  ASSERT_TRUE(Read(Feedback(700, rest), &arrivals));
  EXPECT_EQ(arrivals[static_cast<uint16_t>(0xfffe + 699)], 700 * 32767);
}

TEST(TransportFeedback, EveryTruncationIsRefused) {
  const Bytes bytes = Feedback(9, "d801 2002 01 0100 02 03 04");
  CompoundReader reader(bytes);
  const auto packet = reader.Next();
  ASSERT_TRUE(packet);
  std::vector<TransportFeedback::Received> received;
  ASSERT_TRUE(TransportFeedback::Parse(packet->header, packet->body, received));
  const size_t needed = 16 + 4 + 6;
  for (size_t size = 0; size < needed; ++size) {
    const Bytes body(packet->body.begin(),
                     packet->body.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(TransportFeedback::Parse(packet->header, body, received)) << size;
    EXPECT_TRUE(received.empty());
  }
}

TEST(TransportFeedback, RandomBytesAreSafe) {
  Random random(6);
  for (int i = 0; i < 3000; ++i) {
    Bytes bytes = Feedback(static_cast<uint16_t>(random.U16() >> (random.U16() % 16)), "");
    const size_t extra = random.U16() % 10 * 4;
    for (size_t k = 0; k < extra; ++k) bytes.push_back(static_cast<uint8_t>(random.U16()));
    StoreBe16(&bytes[2], static_cast<uint16_t>(bytes.size() / 4 - 1));
    Read(bytes);
  }
}

TEST(ReferenceTime, UnwrapsBothWays) {
  ReferenceTime clock;
  const Timestamp first = clock.Unwrap(0xFF'FFFF);
  EXPECT_EQ((clock.Unwrap(1) - first).ms(), 128);
  EXPECT_EQ((clock.Unwrap(0xFF'FFFE) - first).ms(), -64);
}

class TransportFeedbackBuilderTest : public testing::Test {
 protected:
  // Builds from what was added and reads it back; ticks are counted from the SFU clock's zero.
  Arrivals BuildAndRead() {
    Bytes out(2000);
    ByteWriter writer(out);
    EXPECT_TRUE(builder_.Write(writer));
    out.resize(writer.size());
    Arrivals arrivals;
    feedback_ = Read(out, &arrivals);
    EXPECT_TRUE(feedback_);
    if (!feedback_) return {};
    for (auto& [sequence, ticks] : arrivals) ticks += feedback_->reference_time * 256;
    written_ = out;
    return arrivals;
  }
  static Timestamp Tick(int64_t ticks) { return Timestamp() + TransportFeedback::kTick * ticks; }

  TransportFeedbackBuilder builder_{1200};
  std::optional<TransportFeedback> feedback_;
  Bytes written_;
};

TEST_F(TransportFeedbackBuilderTest, WritesTheGoldenLayout) {
  builder_.Start(1, 2, 5, 0x1fffe);
  EXPECT_TRUE(builder_.Add(0x1fffe, Tick(2570)));
  EXPECT_TRUE(builder_.Add(0x1ffff, Tick(2570)));
  EXPECT_TRUE(builder_.Add(0x20000, Tick(2825)));
  EXPECT_EQ(builder_.next_sequence(), 0x20001);
  EXPECT_EQ(BuildAndRead(), (Arrivals{{0xfffe, 2570}, {0xffff, 2570}, {0, 2825}}));
  EXPECT_EQ(written_, Feedback(3, "2003 0a 00 ff"));
  for (size_t size = 0; size < written_.size(); ++size) {
    Bytes small(size);
    ByteWriter writer(small);
    EXPECT_FALSE(builder_.Write(writer));
  }
}

TEST_F(TransportFeedbackBuilderTest, ReportsLossBeforeAndBetween) {
  builder_.Start(1, 2, 0, 100);
  EXPECT_TRUE(builder_.Add(103, Tick(1000)));
  EXPECT_TRUE(builder_.Add(9000, Tick(400)));  // earlier than the one before: a negative delta
  EXPECT_TRUE(builder_.Add(9001, Tick(401)));
  EXPECT_EQ(BuildAndRead(), (Arrivals{{103, 1000}, {9000, 400}, {9001, 401}}));
  EXPECT_EQ(feedback_->base_sequence.value(), 100);
  EXPECT_EQ(feedback_->status_count, 8902);
  EXPECT_LT(written_.size(), 40u);
}

TEST_F(TransportFeedbackBuilderTest, RefusesWhatTheFormatCannotSay) {
  builder_.Start(1, 2, 0, 100);
  EXPECT_FALSE(builder_.Add(99, Tick(0)));
  EXPECT_FALSE(builder_.Add(100 + 65535, Tick(0)));
  EXPECT_TRUE(builder_.Add(101, Tick(0)));
  EXPECT_FALSE(builder_.Add(101, Tick(0)));
  EXPECT_FALSE(builder_.Add(102, Tick(32768)));
  EXPECT_TRUE(builder_.Add(102, Tick(32767)));
  EXPECT_FALSE(builder_.Add(103, Tick(-2)));
  EXPECT_TRUE(builder_.Add(103, Tick(-1)));
  EXPECT_EQ(builder_.next_sequence(), 104);
}

TEST_F(TransportFeedbackBuilderTest, NothingReceivedIsNotWritten) {
  builder_.Start(1, 2, 0, 100);
  EXPECT_TRUE(builder_.empty());
  Bytes out(100);
  ByteWriter writer(out);
  EXPECT_FALSE(builder_.Write(writer));
  EXPECT_EQ(writer.size(), 0u);
}

TEST_F(TransportFeedbackBuilderTest, TheReferenceTimeWraps) {
  builder_.Start(1, 2, 0, 0);
  const Timestamp late = Timestamp() + TransportFeedback::kReferenceUnit * ((1 << 24) + 3);
  EXPECT_TRUE(builder_.Add(0, late));
  BuildAndRead();
  EXPECT_EQ(feedback_->reference_time, 3u);
}

// Any pattern of loss and delay comes back as it was, in the bytes that the builder allowed itself.
TEST_F(TransportFeedbackBuilderTest, RandomPatternsRoundTrip) {
  Random random(8);
  for (int round = 0; round < 400; ++round) {
    const size_t max_size = 60 + random.U16() % 1200;
    builder_ = TransportFeedbackBuilder(max_size);
    const auto base = static_cast<int64_t>(random.U32());
    builder_.Start(1, 2, 0, base);
    Arrivals expected;
    int64_t sequence = base;
    int64_t tick = random.U16();
    const int loss = random.U16() % 4;
    for (int i = 0; i < 1500; ++i) {
      sequence += loss == 0
                      ? 1
                      : 1 + (random.U16() % 4 < loss ? random.U16() >> (4 + random.U16() % 12) : 0);
      tick +=
          random.U16() % 8 == 0 ? static_cast<int>(random.U16() % 2000) - 500 : random.U16() % 40;
      tick = std::max<int64_t>(tick, 0);
      if (!builder_.Add(sequence, Tick(tick))) break;
      expected[static_cast<uint16_t>(sequence)] = tick;
    }
    if (builder_.empty()) continue;
    EXPECT_EQ(BuildAndRead(), expected);
    EXPECT_LE(written_.size(), max_size);
  }
}

}  // namespace
}  // namespace sfu::rtcp
