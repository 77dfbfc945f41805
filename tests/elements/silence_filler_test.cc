// Silence for a muxer that waits: continuous numbers and times, and never over what was sent.
#include "silence_filler.h"

#include <gtest/gtest.h>

namespace sfu::gst {
namespace {

constexpr TimeDelta kLatency = TimeDelta::Millis(200);
Timestamp Ms(int64_t ms) { return Timestamp::FromMillis(ms); }

class SilenceFillerTest : public testing::Test {
 protected:
  OwnedBatch Run(uint16_t sequence, int64_t capture_ms) {
    OwnedBatch run;
    RtpPacketRef packet = pool_.Allocate(50);
    packet->capture = Ms(capture_ms);
    RtpBatchEntry entry;
    entry.packet = packet.get();
    entry.sequence_number = sequence;
    entry.timestamp = static_cast<uint32_t>(capture_ms * 48);
    run.batch.entries.push_back(entry);
    run.packets.push_back(std::move(packet));
    return run;
  }

  RtpPacketPool pool_;
  RtpBatch head_;
  SilenceFiller filler_{&pool_, 111};
};

TEST_F(SilenceFillerTest, FillsAStreamThatNeverBegins) {
  EXPECT_TRUE(filler_.deadline().is_never());
  filler_.Expect(Ms(0), kLatency);
  ASSERT_EQ(filler_.deadline(), Ms(500));
  size_t packets = 0;
  int64_t last_capture = -1000;
  for (int64_t now = 500; now <= 1500; now += 100) {
    const OwnedBatch silence = filler_.Fill(head_, Ms(now), kLatency);
    EXPECT_EQ(silence.batch.payload_type, 111);
    for (const RtpBatchEntry& entry : silence.batch.entries) {
      EXPECT_EQ(entry.sequence_number, packets++);
      EXPECT_GT(entry.packet->capture.ms(), last_capture);
      last_capture = entry.packet->capture.ms();
      EXPECT_EQ(entry.packet->header.payload_size, 3);
      EXPECT_TRUE(ParseRtpHeader(entry.packet->bytes()));
    }
  }
  EXPECT_NEAR(static_cast<double>(packets), 50, 1);
  EXPECT_LE(last_capture, 1500 - 500);
}

TEST_F(SilenceFillerTest, NumbersGoOnOverASilence) {
  OwnedBatch first = Run(1000, 0);
  filler_.Pass(first, Ms(0), kLatency);
  EXPECT_EQ(first.batch.entries[0].sequence_number, 1000);
  EXPECT_EQ(filler_.deadline(), Ms(500));
  const OwnedBatch silence = filler_.Fill(head_, Ms(1000), kLatency);
  ASSERT_EQ(silence.batch.entries.size(), 24u);  // 20 ms to 480 ms: until 500 ms may still come
  EXPECT_EQ(silence.batch.entries[0].sequence_number, 1001);
  EXPECT_EQ(silence.batch.entries[0].packet->capture, Ms(20));
  EXPECT_EQ(silence.batch.entries[0].timestamp, 960u);
  OwnedBatch again = Run(1001, 900);
  filler_.Pass(again, Ms(1000), kLatency);
  // What was left of the silence comes first: 500 ms to 880 ms.
  ASSERT_EQ(again.batch.entries.size(), 21u);
  ASSERT_EQ(again.packets.size(), 21u);
  for (size_t i = 0; i < 21; ++i) {
    const RtpBatchEntry& entry = again.batch.entries[i];
    EXPECT_EQ(entry.packet, again.packets[i].get());
    EXPECT_EQ(entry.sequence_number, 1025 + i);
    EXPECT_EQ(entry.packet->capture.ms(), 500 + 20 * static_cast<int64_t>(i));
  }
  EXPECT_EQ(filler_.OriginalNumber(1045), 1001);
}

TEST_F(SilenceFillerTest, WhatIsLaterThanItsSilenceIsDropped) {
  OwnedBatch first = Run(1, 0);
  filler_.Pass(first, Ms(0), kLatency);
  filler_.Fill(head_, Ms(1000), kLatency);
  OwnedBatch late = Run(2, 300);
  filler_.Pass(late, Ms(1000), kLatency);
  EXPECT_TRUE(late.batch.entries.empty());
  EXPECT_TRUE(late.packets.empty());
}

TEST_F(SilenceFillerTest, WithoutASilenceNothingChanges) {
  for (int i = 0; i < 100; ++i) {
    OwnedBatch run = Run(static_cast<uint16_t>(65'500 + i), i * 20);
    filler_.Pass(run, Ms(i * 20), kLatency);
    ASSERT_EQ(run.batch.entries.size(), 1u);
    EXPECT_EQ(run.batch.entries[0].sequence_number, static_cast<uint16_t>(65'500 + i));
  }
}

}  // namespace
}  // namespace sfu::gst
