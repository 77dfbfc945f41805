// SR: the layout of RFC 3550, section 6.4.1.
#include "rtp/rtcp/sender_report.h"

#include <gtest/gtest.h>

#include "rtcp_test_util.h"

namespace sfu::rtcp {
namespace {

const char kGolden[] =
    "81c8000c 01020304"
    "e1e2e3e4 d1d2d3d4 11121314 00000064 0000c350"
    "0a0b0c0d 40fffffe 0001ffff 00000020 b7052000 00054000";

TEST(SenderReport, ReadsTheLayout) {
  const Bytes bytes = Hex(kGolden);
  const auto report = Parsed<SenderReport>(bytes);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sender_ssrc, 0x01020304u);
  EXPECT_EQ(report->ntp, NtpTime(0xe1e2e3e4, 0xd1d2d3d4));
  EXPECT_EQ(report->rtp_timestamp, 0x11121314u);
  EXPECT_EQ(report->packet_count, 100u);
  EXPECT_EQ(report->octet_count, 50'000u);
  ASSERT_EQ(report->blocks.size(), 1u);
  EXPECT_EQ(report->blocks[0].ssrc, 0x0a0b0c0du);
}

TEST(SenderReport, WritesWhatItRead) {
  const Bytes bytes = Hex(kGolden);
  EXPECT_EQ(Written(*Parsed<SenderReport>(bytes)), bytes);
  EXPECT_EQ(Written(SenderReport{}), Hex("80c80006 00000000 00000000 00000000 00000000 00000000 "
                                         "00000000"));
}

TEST(SenderReport, RefusesATruncatedBody) {
  ExpectRefusedBelow<SenderReport>(Hex(kGolden), 48);
  ExpectOtherTypesRefused<SenderReport>(Hex(kGolden));
}

// 31 blocks are announced, one is there.
TEST(SenderReport, RefusesACountWithoutBlocks) {
  Bytes bytes = Hex(kGolden);
  bytes[0] = 0x80 | 31;
  EXPECT_FALSE(Parsed<SenderReport>(bytes));
}

TEST(SenderReport, IgnoresAProfileExtension) {
  Bytes bytes = Hex(kGolden);
  bytes[0] = 0x80;  // the block is now an extension
  const auto report = Parsed<SenderReport>(bytes);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->blocks.empty());
}

}  // namespace
}  // namespace sfu::rtcp
