// RR and the report block: the layout of RFC 3550, section 6.4.2, and what its fields mean.
#include "rtp/rtcp/receiver_report.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "rtcp_test_util.h"

namespace sfu::rtcp {
namespace {

const char kGolden[] =
    "82c9000d 01020304"
    "0a0b0c0d 40fffffe 0001ffff 00000020 b7052000 00054000"
    "0a0b0c0e ff7fffff 00000001 ffffffff 00000000 00000000";

TEST(ReceiverReport, ReadsTheLayout) {
  const Bytes bytes = Hex(kGolden);
  const auto report = Parsed<ReceiverReport>(bytes);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sender_ssrc, 0x01020304u);
  ASSERT_EQ(report->blocks.size(), 2u);
  const ReportBlock& first = report->blocks[0];
  EXPECT_EQ(first.ssrc, 0x0a0b0c0du);
  EXPECT_EQ(first.fraction(), 0.25);
  EXPECT_EQ(first.cumulative_lost, -2);
  EXPECT_EQ(first.highest_sequence, 0x1ffffu);
  EXPECT_EQ(first.jitter, 32u);
  const auto rtt = first.RoundTrip(CompactNtp(0xb710'8000));
  ASSERT_TRUE(rtt);
  EXPECT_EQ(rtt->ms(), 6125);
  const ReportBlock& second = report->blocks[1];
  EXPECT_EQ(second.fraction_lost, 255);
  EXPECT_LT(second.fraction(), 1.0);
  EXPECT_EQ(second.cumulative_lost, 8'388'607);
  EXPECT_FALSE(second.RoundTrip(CompactNtp(5)));
}

TEST(ReceiverReport, WritesWhatItRead) {
  const Bytes bytes = Hex(kGolden);
  EXPECT_EQ(Written(*Parsed<ReceiverReport>(bytes)), bytes);
}

TEST(ReceiverReport, ClampsCumulativeLost) {
  for (const auto& [lost, expected] : {std::pair{1 << 30, 8'388'607}, {-(1 << 30), -8'388'608}}) {
    ReceiverReport report{1, {}};
    ReportBlock block;
    block.cumulative_lost = lost;
    report.blocks.Add(block);
    const Bytes bytes = Written(report);
    EXPECT_EQ(Parsed<ReceiverReport>(bytes)->blocks[0].cumulative_lost, expected);
  }
}

TEST(ReceiverReport, Holds31Blocks) {
  ReceiverReport report{1, {}};
  for (uint32_t i = 0; i < kMaxCount; ++i) {
    ReportBlock block;
    block.ssrc = i;
    EXPECT_TRUE(report.blocks.Add(block));
  }
  EXPECT_FALSE(report.blocks.Add(ReportBlock{}));
  const Bytes bytes = Written(report);
  EXPECT_EQ(bytes.size(), 8 + 31 * 24u);
  const auto again = Parsed<ReceiverReport>(bytes);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->blocks.size(), 31u);
  EXPECT_EQ(again->blocks[30].ssrc, 30u);
  ExpectRefusedBelow<ReceiverReport>(bytes, bytes.size() - 4);
}

TEST(ReceiverReport, RefusesATruncatedBody) {
  ExpectRefusedBelow<ReceiverReport>(Hex(kGolden), 52);
  ExpectOtherTypesRefused<ReceiverReport>(Hex(kGolden));
}

// Whatever a block claims, its round trip is within bounds.
TEST(ReportBlock, RoundTripOfGarbageIsClamped) {
  Random random(4);
  Bytes bytes(ReportBlock::kSize);
  for (int i = 0; i < 2000; ++i) {
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.U16());
    ByteReader reader{ByteView(bytes)};
    const ReportBlock block = ReportBlock::Read(reader);
    ASSERT_TRUE(reader.ok());
    const auto rtt = block.RoundTrip(CompactNtp(random.U32()));
    if (!rtt) continue;
    EXPECT_GE(*rtt, TimeDelta::Zero());
    EXPECT_LE(*rtt, kMaxRoundTripTime);
  }
}

}  // namespace
}  // namespace sfu::rtcp
