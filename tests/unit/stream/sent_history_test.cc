// The derived history: what is found again, that it is the same packet with the same values, and
// that memory stays bounded.
#include "stream/sent_history.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

class SentHistoryTest : public testing::Test {
 protected:
  // Puts a packet of that index into the ring and returns it.
  const RtpPacket* Receive(int64_t index, Ssrc ssrc = 7) {
    RtpPacketRef packet = pool_.Allocate(100);
    packet->header.ssrc = ssrc;
    packet->header.timestamp = static_cast<uint32_t>(index * 100);
    packet->header.marker = index % 3 == 0;
    packet->info.picture_id_is_15_bit = true;
    packet->info.picture_id_offset = 2;
    packet->info.tl0_pic_idx_offset = 4;
    packet->info.picture_id = static_cast<uint16_t>(index / 3) & 0x7FFF;
    packet->info.tl0_pic_idx = static_cast<uint8_t>(index / 3);
    packet->index = index;
    packet->arrival = now_;
    ring_->Insert(packet);
    return ring_->Find(index);
  }
  // As Select would send packet `index` under `sequence`.
  RtpBatchEntry Entry(int64_t index, int64_t sequence, uint32_t timestamp_shift = 0) {
    const RtpPacket* packet = ring_->Find(index);
    RtpBatchEntry entry;
    entry.packet = packet != nullptr ? packet : Receive(index);
    entry.sequence_number = static_cast<uint16_t>(sequence);
    entry.timestamp = entry.packet->header.timestamp + timestamp_shift;
    entry.marker = entry.packet->header.marker;
    return entry;
  }
  void Send(const std::vector<RtpBatchEntry>& entries) {
    batch_.ring = ring_;
    batch_.entries = entries;
    history_.Record(batch_);
  }
  // The index of the packet found, or -1.
  int64_t FoundIndex(int64_t sequence) const {
    const auto entry = history_.Find(static_cast<uint16_t>(sequence));
    return entry ? entry->packet->index : -1;
  }

  RtpPacketPool pool_;
  Timestamp now_ = Timestamp::FromMillis(1);
  std::shared_ptr<PacketRing> ring_ = std::make_shared<PacketRing>(TimeDelta::Seconds(2));
  RtpBatch batch_;
  SentHistory history_;
};

TEST_F(SentHistoryTest, EmptyFindsNothing) {
  EXPECT_FALSE(history_.Find(0));
  EXPECT_FALSE(history_.Find(65535));
  EXPECT_EQ(history_.run_count(), 0u);
}

TEST_F(SentHistoryTest, OneRunWithoutHeapForAnUnbrokenStreamOverManyWraps) {
  constexpr int64_t kFirst = int64_t{1} << 40;
  for (int64_t i = 0; i < 300'000; ++i) {
    Send({Entry(kFirst + i, i + 60'000, 5000)});
    if (i % 9'973 == 0) {
      const auto entry = history_.Find(static_cast<uint16_t>(i + 60'000));
      ASSERT_TRUE(entry);
      EXPECT_EQ(entry->packet->index, kFirst + i);
      EXPECT_EQ(entry->timestamp, entry->packet->header.timestamp + 5000);
    }
  }
  EXPECT_EQ(history_.run_count(), 1u);
  EXPECT_EQ(history_.heap_size(), 0u);
  EXPECT_EQ(FoundIndex(299'999 + 60'000 - 4'000), kFirst + 299'999 - 4'000);
  EXPECT_EQ(FoundIndex(299'999 + 60'000 - 4'200), -1);  // left the ring
  EXPECT_EQ(FoundIndex(300'000 + 60'000), -1);          // not sent yet
}

TEST_F(SentHistoryTest, GivesBackTheWholeOverlay) {
  RtpBatchEntry sent = Entry(9, 77, 123);
  sent.rewrite_vp8 = true;
  sent.picture_id = 0x7FFF;
  sent.tl0_pic_idx = 250;
  sent.marker = !sent.packet->header.marker;
  RtpBatchEntry next = Entry(12, 80, 123);
  next.rewrite_vp8 = true;
  next.picture_id = 0;  // one picture later: it wraps
  next.tl0_pic_idx = 251;
  next.marker = !next.packet->header.marker;
  Send({sent, next});
  EXPECT_EQ(history_.run_count(), 1u);
  for (const RtpBatchEntry& expected : {sent, next}) {
    const auto found = history_.Find(expected.sequence_number);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->packet, expected.packet);
    EXPECT_EQ(found->sequence_number, expected.sequence_number);
    EXPECT_EQ(found->timestamp, expected.timestamp);
    EXPECT_EQ(found->marker, expected.marker);
    EXPECT_TRUE(found->rewrite_vp8);
    EXPECT_EQ(found->picture_id, expected.picture_id);
    EXPECT_EQ(found->tl0_pic_idx, expected.tl0_pic_idx);
  }
}

TEST_F(SentHistoryTest, LateAndReorderedPacketsInsideARunCostNothing) {
  Send({Entry(1, 101), Entry(2, 102), Entry(5, 105)});
  EXPECT_EQ(FoundIndex(103), -1);
  Send({Entry(4, 104), Entry(3, 103), Entry(6, 106)});
  EXPECT_EQ(history_.run_count(), 1u);
  for (int64_t i = 1; i <= 6; ++i) EXPECT_EQ(FoundIndex(100 + i), i);
  Send({Entry(0, 100)});  // before the first
  EXPECT_EQ(FoundIndex(100), 0);
  EXPECT_EQ(history_.run_count(), 1u);
}

TEST_F(SentHistoryTest, ALatePacketWithItsOwnMappingIsFoundAndItsNeighboursStay) {
  for (int64_t i = 10; i < 20; ++i) Send({Entry(i, 100 + i)});
  for (int64_t i = 25; i < 30; ++i) Send({Entry(i, 95 + i)});
  Send({Entry(50, 113)});
  EXPECT_EQ(FoundIndex(112), 12);
  EXPECT_EQ(FoundIndex(113), 50);
  EXPECT_EQ(FoundIndex(114), 14);
  Send({Entry(51, 122)});  // in the newest run
  EXPECT_EQ(FoundIndex(121), 26);
  EXPECT_EQ(FoundIndex(122), 51);
  EXPECT_EQ(FoundIndex(123), 28);
  Send({Entry(52, 105)});  // before all runs: what lies between stays unknown
  EXPECT_EQ(FoundIndex(105), 52);
  EXPECT_EQ(FoundIndex(106), -1);
  EXPECT_EQ(FoundIndex(110), 10);
  Send({Entry(30, 125), Entry(31, 126)});
  EXPECT_EQ(FoundIndex(125), 30);
  EXPECT_EQ(FoundIndex(126), 31);
}

TEST_F(SentHistoryTest, EverySecondPacketDroppedStaysWithinTheBound) {
  int64_t sequence = 0;
  for (int64_t i = 0; i < 20'000; i += 2) {
    now_ += TimeDelta::Millis(2);
    Send({Entry(i, sequence++)});
    ASSERT_LE(history_.run_count(), SentHistory::kMaxRuns);
  }
  EXPECT_LE(history_.heap_size(), 16u * 1024);
  // 2 s of what was sent are 1000 packets here; more than a third of the runs is always kept.
  for (int64_t back = 1; back <= 380; ++back) {
    EXPECT_EQ(FoundIndex(sequence - back), 20'000 - 2 * back);
  }
}

TEST_F(SentHistoryTest, RunsWhosePacketsAreGoneAreForgottenBeforeMemoryGrows) {
  int64_t sequence = 0;
  for (int64_t i = 0; i < 6'000; ++i) {
    now_ += TimeDelta::Millis(10);
    if (i % 20 == 19) continue;  // ten runs in 2 s
    Send({Entry(i, sequence++)});
  }
  EXPECT_LE(history_.run_count(), 32u);
  EXPECT_EQ(FoundIndex(sequence - 150), 5'842);
}

TEST_F(SentHistoryTest, RingsAreLetGoOf) {
  std::vector<std::weak_ptr<PacketRing>> rings;
  int64_t sequence = 0;
  for (int switches = 0; switches < 12; ++switches) {
    ring_ = std::make_shared<PacketRing>(TimeDelta::Seconds(2));
    rings.emplace_back(ring_);
    for (int64_t i = 0; i < 10; ++i) Send({Entry(1000 * switches + i, sequence++)});
  }
  EXPECT_EQ(FoundIndex(sequence - 1), 11'009);
  EXPECT_EQ(FoundIndex(sequence - 35), 8'005);
  EXPECT_EQ(FoundIndex(sequence - 45), -1);  // five rings back
  for (size_t i = 0; i + SentHistory::kMaxRings < rings.size(); ++i) {
    EXPECT_TRUE(rings[i].expired()) << i;
  }
  // A long run of the newest ring lets go of all others.
  for (int64_t i = 10; i < 5'000; ++i) Send({Entry(11'000 + i, sequence++)});
  for (size_t i = 0; i + 1 < rings.size(); ++i) EXPECT_TRUE(rings[i].expired()) << i;
  history_.Clear();
  batch_.ring.reset();
  ring_.reset();
  EXPECT_TRUE(rings.back().expired());
}

TEST_F(SentHistoryTest, WithoutARingNothingIsFoundAndNothingIsMistaken) {
  Send({Entry(1, 1), Entry(2, 2)});
  batch_.ring.reset();
  batch_.entries = {Entry(3, 3)};
  history_.Record(batch_);
  EXPECT_EQ(FoundIndex(2), 2);
  EXPECT_EQ(FoundIndex(3), -1);
  Send({Entry(4, 4)});
  EXPECT_EQ(FoundIndex(3), -1);
  EXPECT_EQ(FoundIndex(4), 4);
}

TEST_F(SentHistoryTest, ARingThatBeganAnewIsNotMistakenForTheOldOne) {
  for (int64_t i = 0; i < 10; ++i) Send({Entry(i, i)});
  ring_->Clear();
  for (int64_t i = 0; i < 10; ++i) {
    Receive(i, 8);
    Send({Entry(i, 10 + i)});
  }
  for (int64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(FoundIndex(i), -1);
    EXPECT_EQ(FoundIndex(10 + i), i);
  }
}

// Against a plain map, with drops, switches of timestamp and reordering at random.
TEST_F(SentHistoryTest, AgreesWithAStoredHistory) {
  Random random(42);
  std::map<uint16_t, RtpBatchEntry> model;
  int64_t shift = 0;
  uint32_t timestamp_shift = 0;
  for (int64_t i = 100; i < 3'000; ++i) {
    const double dice = random.Unit();
    if (dice < 0.05) {
      ++shift;
      continue;
    }
    if (dice < 0.06) timestamp_shift = random.U32();
    std::vector<RtpBatchEntry> entries = {Entry(i, i - shift + 65'000, timestamp_shift)};
    if (dice > 0.9) {
      entries.insert(entries.begin(), Entry(i + 1, i + 1 - shift + 65'000, timestamp_shift));
      ++i;
    }
    for (const RtpBatchEntry& entry : entries) model[entry.sequence_number] = entry;
    Send(entries);
  }
  size_t found = 0;
  for (const auto& [sequence, sent] : model) {
    const auto entry = history_.Find(sequence);
    if (!entry) continue;
    ++found;
    EXPECT_EQ(entry->packet, sent.packet);
    EXPECT_EQ(entry->timestamp, sent.timestamp);
  }
  EXPECT_EQ(found, model.size());
}

}  // namespace
}  // namespace sfu
