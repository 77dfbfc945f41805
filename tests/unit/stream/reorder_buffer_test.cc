// Ordered delivery: order, patience at each gap, what is dropped, bounds.
#include "stream/reorder_buffer.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "tests/support/network_emulator.h"
#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

class ReorderBufferTest : public testing::Test {
 protected:
  // One packet of that number arrives at `ms`; what leaves is added to out_.
  void Arrive(ReorderBuffer& buffer, int64_t sequence, int64_t ms) {
    ArriveTogether(buffer, {sequence}, ms);
  }
  void ArriveTogether(ReorderBuffer& buffer, const std::vector<int64_t>& sequences, int64_t ms) {
    std::vector<RtpPacketRef> packets;
    std::vector<RtpBatchEntry> entries;
    for (const int64_t sequence : sequences) {
      packets.push_back(pool_.Allocate(20));
      packets.back()->index = sequence;
      RtpBatchEntry entry;
      entry.packet = packets.back().get();
      entry.sequence_number = static_cast<uint16_t>(sequence);
      entry.timestamp = static_cast<uint32_t>(sequence) * 10;
      entries.push_back(entry);
    }
    buffer.Push(entries, Timestamp::FromMillis(ms), out_);
  }
  void Poll(ReorderBuffer& buffer, int64_t ms) { buffer.Poll(Timestamp::FromMillis(ms), out_); }
  // What has left since the last call, by number as sent.
  std::vector<int64_t> Take() {
    std::vector<int64_t> left;
    for (const OrderedPacket& packet : out_) {
      EXPECT_EQ(packet.entry.packet, packet.packet.get());
      EXPECT_EQ(packet.entry.sequence_number, static_cast<uint16_t>(packet.packet->index));
      left.push_back(packet.packet->index);
    }
    taken_ = std::move(out_);
    out_.clear();
    return left;
  }
  using List = std::vector<int64_t>;

  RtpPacketPool pool_;
  std::vector<OrderedPacket> out_;
  std::vector<OrderedPacket> taken_;
};

TEST_F(ReorderBufferTest, InOrderPacketsPassAtOnce) {
  ReorderBuffer buffer(TimeDelta::Millis(200));
  ArriveTogether(buffer, {65534, 65535, 65536, 65537}, 0);
  EXPECT_EQ(Take(), List({65534, 65535, 65536, 65537}));
  EXPECT_TRUE(taken_[0].discont);
  EXPECT_FALSE(taken_[1].discont);
  EXPECT_EQ(taken_[3].entry.timestamp, 655370u);
  EXPECT_TRUE(buffer.NextDeadline().is_never());
  EXPECT_EQ(buffer.held(), 0u);
}

TEST_F(ReorderBufferTest, ARepairInTimeFillsTheGap) {
  ReorderBuffer buffer(TimeDelta::Millis(200));
  Arrive(buffer, 1, 0);
  Arrive(buffer, 3, 10);
  Arrive(buffer, 4, 20);
  EXPECT_EQ(Take(), List({1}));
  EXPECT_EQ(buffer.NextDeadline().ms(), 210);
  Poll(buffer, 209);
  EXPECT_EQ(Take(), List({}));
  Arrive(buffer, 2, 209);
  EXPECT_EQ(Take(), List({2, 3, 4}));
  EXPECT_FALSE(taken_[0].discont);
  EXPECT_EQ(buffer.stats().lost, 0u);
  EXPECT_TRUE(buffer.NextDeadline().is_never());
}

TEST_F(ReorderBufferTest, AGapIsGivenUpWhenItsTimeIsOver) {
  ReorderBuffer buffer(TimeDelta::Millis(200));
  Arrive(buffer, 1, 0);
  Arrive(buffer, 5, 10);
  Arrive(buffer, 6, 100);
  Take();
  Poll(buffer, 210);
  EXPECT_EQ(Take(), List({5, 6}));
  EXPECT_EQ(taken_[0].lost_before, 3u);
  EXPECT_TRUE(taken_[0].discont);
  EXPECT_EQ(taken_[1].lost_before, 0u);
  EXPECT_FALSE(taken_[1].discont);
  EXPECT_EQ(buffer.stats().lost, 3u);
  Arrive(buffer, 3, 220);
  EXPECT_EQ(Take(), List({}));
  EXPECT_EQ(buffer.stats().late, 1u);
}

TEST_F(ReorderBufferTest, EveryGapHasItsOwnDeadline) {
  ReorderBuffer buffer(TimeDelta::Millis(100));
  Arrive(buffer, 0, 0);
  Arrive(buffer, 2, 10);
  Arrive(buffer, 4, 50);
  Take();
  EXPECT_EQ(buffer.NextDeadline().ms(), 110);
  Poll(buffer, 110);
  EXPECT_EQ(Take(), List({2}));
  EXPECT_EQ(buffer.NextDeadline().ms(), 150);
  Poll(buffer, 149);
  EXPECT_EQ(Take(), List({}));
  Poll(buffer, 150);
  EXPECT_EQ(Take(), List({4}));
}

TEST_F(ReorderBufferTest, TheFirstArrivalBehindAGapCountsNotTheLowestNumber) {
  ReorderBuffer buffer(TimeDelta::Millis(100));
  Arrive(buffer, 0, 0);
  Arrive(buffer, 5, 10);
  Arrive(buffer, 2, 60);  // itself a repair: it does not renew the patience for 1
  EXPECT_EQ(buffer.NextDeadline().ms(), 110);
  Arrive(buffer, 1, 70);
  Take();
  EXPECT_EQ(buffer.NextDeadline().ms(), 110);  // 3 and 4, missed since 5 came
  Arrive(buffer, 4, 80);
  EXPECT_EQ(buffer.NextDeadline().ms(), 110);
  Poll(buffer, 110);
  EXPECT_EQ(Take(), List({4, 5}));
}

TEST_F(ReorderBufferTest, WithoutLatencyOrderIsMadeWithinABatchOnly) {
  ReorderBuffer buffer(TimeDelta::Zero());
  ArriveTogether(buffer, {1, 3, 2}, 0);
  EXPECT_EQ(Take(), List({1, 2, 3}));
  ArriveTogether(buffer, {6, 5}, 0);
  EXPECT_EQ(Take(), List({5, 6}));
  EXPECT_EQ(taken_[0].lost_before, 1u);
  Arrive(buffer, 4, 0);
  EXPECT_EQ(Take(), List({}));
  EXPECT_EQ(buffer.stats().late, 1u);
}

TEST_F(ReorderBufferTest, DuplicatesAreDropped) {
  ReorderBuffer buffer(TimeDelta::Millis(100));
  Arrive(buffer, 1, 0);
  ArriveTogether(buffer, {3, 3}, 0);
  Arrive(buffer, 3, 1);
  Arrive(buffer, 2, 2);
  EXPECT_EQ(Take(), List({1, 2, 3}));
  EXPECT_EQ(buffer.stats().duplicates, 2u);
}

TEST_F(ReorderBufferTest, PatienceOfThreeSecondsSurvivesAnOutage) {
  ReorderBuffer buffer(TimeDelta::Millis(3000));
  // 300 packets/s; those of second 1 are lost and repaired 2.9 s later.
  for (int64_t i = 0; i < 300; ++i) Arrive(buffer, i, i * 10 / 3);
  for (int64_t i = 600; i < 1480; ++i) Arrive(buffer, i, i * 10 / 3);
  EXPECT_EQ(Take().size(), 300u);
  for (int64_t i = 599; i >= 300; --i) Arrive(buffer, i, 4990);
  List expected(1180);
  std::iota(expected.begin(), expected.end(), 300);
  EXPECT_EQ(Take(), expected);
  EXPECT_EQ(buffer.stats().lost, 0u);
}

TEST_F(ReorderBufferTest, LatencyMayChangeAtAnyTime) {
  ReorderBuffer buffer(TimeDelta::Millis(3000));
  Arrive(buffer, 0, 0);
  Arrive(buffer, 2, 10);
  Take();
  buffer.SetLatency(TimeDelta::Millis(50));
  EXPECT_EQ(buffer.NextDeadline().ms(), 60);
  Poll(buffer, 60);
  EXPECT_EQ(Take(), List({2}));
  buffer.SetLatency(TimeDelta::Seconds(60));
  EXPECT_EQ(buffer.latency(), ReorderBuffer::kMaxLatency);
  buffer.SetLatency(TimeDelta::Millis(-5));
  EXPECT_EQ(buffer.latency(), TimeDelta::Zero());
}

TEST_F(ReorderBufferTest, WhatIsHeldIsBounded) {
  ReorderBuffer buffer(TimeDelta::Seconds(10));
  Arrive(buffer, 0, 0);
  for (int64_t i = 2; i < 40'000; ++i) Arrive(buffer, i, 1);
  EXPECT_LE(buffer.held(), static_cast<size_t>(ReorderBuffer::kMaxSpan));
  const List left = Take();
  EXPECT_EQ(left.size(), 39'999u);  // the one gap was given up, nothing else
  EXPECT_EQ(buffer.stats().overflows, 1u);
  EXPECT_EQ(buffer.stats().lost, 1u);
}

TEST_F(ReorderBufferTest, AJumpAheadGivesUpAllBefore) {
  ReorderBuffer buffer(TimeDelta::Seconds(1));
  Arrive(buffer, 0, 0);
  Arrive(buffer, 2, 0);
  Arrive(buffer, 30'000, 1);
  EXPECT_EQ(Take(), List({0, 2, 30'000}));
  EXPECT_EQ(taken_[2].lost_before, 29'997u);
  EXPECT_EQ(buffer.stats().lost, 29'998u);
  Arrive(buffer, 30'001, 2);
  EXPECT_EQ(Take(), List({30'001}));
}

TEST_F(ReorderBufferTest, AJumpBackIsBelievedTheSecondTime) {
  ReorderBuffer buffer(TimeDelta::Seconds(1));
  Arrive(buffer, 40'000, 0);
  Take();
  Arrive(buffer, 20'000, 1);
  Arrive(buffer, 40'001, 1);
  EXPECT_EQ(Take(), List({40'001}));  // a stray one
  Arrive(buffer, 20'000, 2);
  Arrive(buffer, 20'001, 2);
  Arrive(buffer, 20'002, 2);
  EXPECT_EQ(Take(), List({20'001, 20'002}));
  EXPECT_TRUE(taken_[0].discont);
  EXPECT_EQ(buffer.stats().resyncs, 1u);
}

TEST_F(ReorderBufferTest, FlushGivesOutAllAndResetDropsAll) {
  ReorderBuffer buffer(TimeDelta::Seconds(1));
  ArriveTogether(buffer, {0, 2, 4}, 0);
  buffer.Flush(out_);
  EXPECT_EQ(Take(), List({0, 2, 4}));
  EXPECT_EQ(buffer.stats().lost, 2u);
  ArriveTogether(buffer, {6, 7}, 0);
  EXPECT_EQ(buffer.held(), 2u);
  buffer.Reset();
  EXPECT_EQ(buffer.held(), 0u);
  EXPECT_TRUE(buffer.NextDeadline().is_never());
  Arrive(buffer, 3, 0);
  EXPECT_EQ(Take(), List({3}));
  EXPECT_TRUE(taken_[0].discont);
}

// Over a bad path: whatever happens, order holds, nothing comes twice, all is accounted for, and
// nothing waits longer than it may.
TEST_F(ReorderBufferTest, HoldsItsPromisesOverABadPath) {
  for (const int64_t latency_ms : {0, 50, 3000}) {
    test::NetworkOptions options;
    options.seed = 5;
    options.loss = 0.1;
    options.reorder = 0.2;
    options.reorder_delay = TimeDelta::Millis(40);
    options.duplicate = 0.05;
    options.delay = TimeDelta::Millis(20);
    test::NetworkEmulator path(options);
    ReorderBuffer buffer(TimeDelta::Millis(latency_ms));
    std::set<int64_t> arrived;
    List left;
    for (int64_t ms = 0; ms < 80'000; ++ms) {
      const auto now = Timestamp::FromMillis(ms);
      if (ms < 70'000) path.Send(test::Bytes(1), now, static_cast<uint64_t>(ms));
      path.Poll(now, [&](ByteView, uint64_t sequence) {
        arrived.insert(static_cast<int64_t>(sequence));
        Arrive(buffer, static_cast<int64_t>(sequence), ms);
      });
      Poll(buffer, ms);
      ASSERT_TRUE(buffer.NextDeadline() > now);
      for (const int64_t sequence : Take()) {
        ASSERT_TRUE(left.empty() || sequence > left.back());
        ASSERT_LE(ms - sequence, 20 + 40 + latency_ms);
        left.push_back(sequence);
      }
    }
    const ReorderStats& stats = buffer.stats();
    EXPECT_EQ(stats.delivered, left.size());
    EXPECT_EQ(static_cast<int64_t>(stats.delivered + stats.lost), left.back() - left.front() + 1);
    if (latency_ms >= 50) {
      EXPECT_EQ(left.size(), arrived.size());
    } else {
      EXPECT_GT(stats.late, 1'000u);
    }
  }
}

}  // namespace
}  // namespace sfu
