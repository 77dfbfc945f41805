// The received stream: order, duplicates, jumps (row 21 of hostile inputs) and statistics.
#include "stream/received_stream.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace sfu {
namespace {

constexpr uint32_t kClockRate = 90'000;

class ReceivedStreamTest : public testing::Test {
 protected:
  // Each call is 1 ms and 90 ticks after the one before, unless told otherwise.
  ArrivalResult Accept(uint16_t sequence, bool repaired = false) {
    ++calls_;
    return stream_.Accept(sequence, static_cast<uint32_t>(calls_ * 90), 100,
                          Timestamp::FromMillis(calls_), repaired);
  }
  // With the timestamp that belongs to the sequence number: 90 ticks each.
  ArrivalResult AcceptAt(uint16_t sequence, uint32_t timestamp, bool repaired = false) {
    ++calls_;
    return stream_.Accept(sequence, timestamp, 100, Timestamp::FromMillis(calls_), repaired);
  }
  Timestamp now() const { return Timestamp::FromMillis(calls_); }

  int64_t calls_ = 0;
  ReceivedStream stream_{7, kClockRate};
};

TEST_F(ReceivedStreamTest, IsSmall) { EXPECT_LE(sizeof(ReceivedStream), 2048u); }

TEST_F(ReceivedStreamTest, UnwrapsThroughManyWraps) {
  const ArrivalResult first = Accept(65'530);
  EXPECT_TRUE(first.accepted());
  EXPECT_TRUE(first.restarted);
  EXPECT_EQ(first.first_index, first.index);
  for (int i = 1; i < 200'000; ++i) {
    const auto sequence = static_cast<uint16_t>(65'530 + i);
    const ArrivalResult result = Accept(sequence);
    ASSERT_TRUE(result.accepted());
    ASSERT_FALSE(result.restarted);
    ASSERT_EQ(result.index, first.index + i);
    ASSERT_EQ(static_cast<uint16_t>(result.index), sequence);
  }
  EXPECT_EQ(stream_.Stats(now()).lost, 0);
}

TEST_F(ReceivedStreamTest, TellsLateFromDuplicateFromTooOld) {
  AcceptAt(10'000, 0);
  AcceptAt(10'003, 270);
  EXPECT_TRUE(AcceptAt(10'001, 90).accepted());
  EXPECT_EQ(AcceptAt(10'001, 90).verdict, ArrivalVerdict::kDuplicate);
  EXPECT_EQ(AcceptAt(10'003, 270).verdict, ArrivalVerdict::kDuplicate);
  for (int i = 4; i <= 4097; ++i) AcceptAt(static_cast<uint16_t>(10'000 + i), 90u * i);
  EXPECT_TRUE(AcceptAt(10'002, 180, true).accepted());  // 4095 behind, repaired
  EXPECT_EQ(AcceptAt(10'001, 90, true).verdict, ArrivalVerdict::kTooOld);
  const ReceivedStreamStats stats = stream_.Stats(now());
  EXPECT_EQ(stats.packets, 4098u);
  EXPECT_EQ(stats.duplicates, 2u);
  EXPECT_EQ(stats.discarded, 1u);
  EXPECT_EQ(stats.repaired, 1u);
  EXPECT_EQ(stats.lost, 1);  // the repaired one was lost at first
}

TEST_F(ReceivedStreamTest, PacketsBeforeTheFirstAreTaken) {
  const int64_t first = AcceptAt(5, 500).index;
  const ArrivalResult earlier = AcceptAt(3, 300);
  EXPECT_TRUE(earlier.accepted());
  EXPECT_EQ(earlier.index, first - 2);
  EXPECT_EQ(stream_.Stats(now()).lost, 1);
}

TEST_F(ReceivedStreamTest, AJumpNeedsTwoPacketsAndLeadsForward) {
  for (const int jump : {30'000, -30'000, 3001, -5000, 32'767, -32'768}) {
    ReceivedStream stream(7, kClockRate);
    int64_t newest = 0;
    for (int i = 0; i < 100; ++i) {
      newest =
          stream.Accept(static_cast<uint16_t>(20'000 + i), 90u * i, 100, Timestamp(), false).index;
    }
    const auto to = static_cast<uint16_t>(20'099 + jump);
    EXPECT_FALSE(stream.Accept(to, 9000, 100, Timestamp(), false).accepted()) << jump;
    const ArrivalResult second =
        stream.Accept(static_cast<uint16_t>(to + 1), 9000, 100, Timestamp(), false);
    ASSERT_TRUE(second.accepted()) << jump;
    EXPECT_TRUE(second.restarted);
    EXPECT_EQ(static_cast<uint16_t>(second.index), static_cast<uint16_t>(to + 1));
    EXPECT_EQ(second.first_index, second.index - 1);
    EXPECT_GT(second.index, newest);
    EXPECT_LE(second.index, newest + 65'536);
    // The first one can be asked for again.
    EXPECT_EQ(stream.Accept(to, 9000, 100, Timestamp(), true).index, second.first_index);
    EXPECT_EQ(stream.Stats(Timestamp()).restarts, 1u);
    EXPECT_LE(stream.Stats(Timestamp()).lost, 1);
  }
}

TEST_F(ReceivedStreamTest, OneStrayChangesNothing) {
  const int64_t first = Accept(100).index;
  for (int i = 1; i < 1000; ++i) {
    EXPECT_FALSE(AcceptAt(static_cast<uint16_t>(40'000 + i), 0).accepted());
    const ArrivalResult result = Accept(static_cast<uint16_t>(100 + i));
    ASSERT_EQ(result.index, first + i);
    ASSERT_FALSE(result.restarted);
  }
}

TEST_F(ReceivedStreamTest, RepairsNeverStartANewNumbering) {
  Accept(100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(Accept(static_cast<uint16_t>(30'000 + i), true).accepted());
  }
  EXPECT_TRUE(Accept(101).accepted());
}

TEST_F(ReceivedStreamTest, ARestartALittleBelowIsSeenByItsTimestamps) {
  int64_t newest = 0;
  for (uint32_t i = 0; i < 3000; ++i) {
    newest = AcceptAt(static_cast<uint16_t>(1000 + i), 90 * i).index;
  }
  // The same sequence numbers again, with timestamps that go on: no duplicates but a new start.
  EXPECT_EQ(AcceptAt(1500, 90 * 3000).verdict, ArrivalVerdict::kDuplicate);
  const ArrivalResult second = AcceptAt(1501, 90 * 3001);
  EXPECT_TRUE(second.restarted);
  EXPECT_GT(second.index, newest);
  EXPECT_TRUE(AcceptAt(1502, 90 * 3002).accepted());
}

TEST_F(ReceivedStreamTest, ARepeatedPacketIsADuplicateHoweverOften) {
  for (uint32_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(AcceptAt(static_cast<uint16_t>(i), 90 * i).accepted());
    EXPECT_EQ(AcceptAt(static_cast<uint16_t>(i), 90 * i).verdict, ArrivalVerdict::kDuplicate);
  }
  EXPECT_EQ(stream_.Stats(now()).restarts, 0u);
}

TEST_F(ReceivedStreamTest, NoIndexComesTwiceWhateverArrives) {
  Random random(42);
  std::set<int64_t> seen;
  uint16_t sequence = 0;
  for (int i = 0; i < 100'000; ++i) {
    const uint32_t kind = random.U32() % 100;
    sequence = kind < 2 ? random.U16() : static_cast<uint16_t>(sequence + random.U32() % 5 - 1);
    const uint32_t timestamp = kind == 3 ? random.U32() : static_cast<uint32_t>(i) * 90;
    const ArrivalResult result = AcceptAt(sequence, timestamp, kind > 95);
    if (!result.accepted()) continue;
    ASSERT_TRUE(seen.insert(result.index).second);
    ASSERT_EQ(static_cast<uint16_t>(result.index), sequence);
    ASSERT_LE(result.index, stream_.newest_index());
    if (result.restarted) {
      ASSERT_LE(result.index - result.first_index, 8);
    }
  }
  EXPECT_GT(stream_.Stats(now()).restarts, 10u);
}

TEST_F(ReceivedStreamTest, ReportsLossPerInterval) {
  EXPECT_FALSE(stream_.MakeReport(now()).has_value());
  for (uint16_t i = 0; i < 100; ++i) {
    if (i % 4 != 1) Accept(i);
  }
  rtcp::ReportBlock report = *stream_.MakeReport(now());
  EXPECT_EQ(report.ssrc, 7u);
  EXPECT_EQ(report.fraction_lost, 64);
  EXPECT_EQ(report.cumulative_lost, 25);
  EXPECT_EQ(report.highest_sequence, 99u);
  EXPECT_TRUE(report.last_sr.is_zero());
  for (uint16_t i = 100; i < 200; ++i) Accept(i);
  Accept(5, true);  // a repair is no reception on the first way
  report = *stream_.MakeReport(now());
  EXPECT_EQ(report.fraction_lost, 0);
  EXPECT_EQ(report.cumulative_lost, 25);
  for (uint16_t i = 1; i < 100; i += 4) AcceptAt(i, 90u * i);  // late after all
  report = *stream_.MakeReport(now());
  EXPECT_EQ(report.fraction_lost, 0);
  EXPECT_EQ(report.cumulative_lost, 1);
}

TEST_F(ReceivedStreamTest, CountsWrapsInTheHighestSequence) {
  for (int i = 0; i < 140'000; ++i) Accept(static_cast<uint16_t>(i));
  EXPECT_EQ(stream_.MakeReport(now())->highest_sequence, 139'999u);
}

TEST_F(ReceivedStreamTest, CumulativeLossIsClampedToSigned24Bits) {
  uint16_t sequence = 0;
  for (int i = 0; i < 4000; ++i) Accept(sequence = static_cast<uint16_t>(sequence + 2900));
  EXPECT_EQ(stream_.MakeReport(now())->cumulative_lost, 0x7F'FFFF);
  EXPECT_EQ(stream_.Stats(now()).lost, int64_t{3999} * 2899);
}

TEST_F(ReceivedStreamTest, AllLostButOneIs255) {
  Accept(0);
  stream_.MakeReport(now());
  Accept(2000);
  EXPECT_EQ(stream_.MakeReport(now())->fraction_lost, 255);
  EXPECT_EQ(stream_.MakeReport(now())->fraction_lost, 0);  // an interval with nothing in it
}

TEST_F(ReceivedStreamTest, MeasuresJitter) {
  // Every second packet is 8 ms late: |D| is 8 ms always, and so is the jitter in the end.
  for (int i = 0; i < 500; ++i) {
    stream_.Accept(static_cast<uint16_t>(i), 1800u * i, 100,
                   Timestamp::FromMillis(20 * i + (i % 2) * 8), false);
  }
  EXPECT_NEAR(static_cast<double>(stream_.MakeReport(Timestamp::FromMillis(10'000))->jitter), 720.0,
              10.0);
  EXPECT_NEAR(stream_.Stats(now()).jitter.seconds(), 0.008, 0.0002);
}

TEST_F(ReceivedStreamTest, AJumpOfTheTimestampIsNoJitter) {
  for (int i = 0; i < 100; ++i) {
    const uint32_t timestamp = 1800u * i + (i >= 50 ? 2'000'000'000u : 0u);
    stream_.Accept(static_cast<uint16_t>(i), timestamp, 100, Timestamp::FromMillis(20 * i), false);
  }
  EXPECT_EQ(stream_.MakeReport(now())->jitter, 0u);
}

TEST_F(ReceivedStreamTest, AbsurdClockRatesAreSafe) {
  for (const uint32_t clock_rate : {0u, 1u, 0xFFFF'FFFFu}) {
    ReceivedStream stream(1, clock_rate);
    Random random(8);
    for (int i = 0; i < 1000; ++i) {
      stream.Accept(static_cast<uint16_t>(i), random.U32(), 100, Timestamp::FromMillis(i), false);
    }
    EXPECT_TRUE(stream.MakeReport(Timestamp::FromMillis(1000)).has_value());
    EXPECT_GE(stream.Stats(Timestamp::FromMillis(1000)).jitter, TimeDelta::Zero());
  }
}

TEST_F(ReceivedStreamTest, RepeatsTheLastSenderReport) {
  Accept(1);
  stream_.OnSenderReport(NtpTime(0x11112222'33334444), Timestamp::FromMillis(1000));
  const rtcp::ReportBlock report = *stream_.MakeReport(Timestamp::FromMillis(3500));
  EXPECT_EQ(report.last_sr.value(), 0x22223333u);
  EXPECT_EQ(report.delay_since_last_sr.value(), 65'536u * 5 / 2);
}

TEST_F(ReceivedStreamTest, RoundTripIsClamped) {
  const auto compact = [](uint32_t seconds) { return CompactNtp(seconds << 16); };
  EXPECT_FALSE(stream_.round_trip().has_value());
  stream_.OnDlrr(compact(100), CompactNtp(), CompactDelay(5));
  EXPECT_FALSE(stream_.round_trip().has_value());
  stream_.OnDlrr(compact(100), compact(98), CompactDelay(0x18000));
  EXPECT_EQ(stream_.round_trip()->ms(), 500);
  stream_.OnDlrr(compact(100), compact(98), CompactDelay(0x50000));  // delayed more than passed
  EXPECT_EQ(stream_.round_trip()->ms(), 0);
  stream_.OnDlrr(compact(100), compact(1), CompactDelay(0));
  EXPECT_EQ(stream_.round_trip()->ms(), 10'000);
}

TEST_F(ReceivedStreamTest, ScoreFollowsTheReports) {
  for (uint16_t i = 0; i < 1000; ++i) {
    if (i % 5 != 1) Accept(i);
    if (i % 100 == 99) stream_.MakeReport(now());
  }
  EXPECT_EQ(stream_.score(), 4);
  stream_.SetInactive();
  EXPECT_EQ(stream_.score(), 0);
}

}  // namespace
}  // namespace sfu
