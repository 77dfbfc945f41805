// XR: reference time and DLRR blocks; others are skipped (RFC 3611, section 4).
#include "rtp/rtcp/xr.h"

#include <gtest/gtest.h>

#include "rtcp_test_util.h"

namespace sfu::rtcp {
namespace {

const char kGolden[] =
    "80cf000b 01020304"
    "04000002 11121314 21222324"
    "05000006 0a0b0c0d b7052000 00054000 0a0b0c0e 00000000 00000000";

TEST(ExtendedReport, RoundTrips) {
  const Bytes bytes = Hex(kGolden);
  const auto report = Parsed<ExtendedReport>(bytes);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sender_ssrc, 0x01020304u);
  EXPECT_EQ(report->reference_time, NtpTime(0x11121314, 0x21222324));
  ASSERT_EQ(report->dlrr.size(), 2u);
  EXPECT_EQ(report->dlrr[0].ssrc, 0x0a0b0c0du);
  const auto rtt = report->dlrr[0].RoundTrip(CompactNtp(0xb710'8000));
  ASSERT_TRUE(rtt);
  EXPECT_EQ(rtt->ms(), 6125);
  EXPECT_FALSE(report->dlrr[1].RoundTrip(CompactNtp(1)));
  EXPECT_EQ(Written(*report), bytes);
  ExpectOtherTypesRefused<ExtendedReport>(bytes);
}

TEST(ExtendedReport, SkipsUnknownBlocksOfAnyLength) {
  const Bytes bytes =
      Hex("80cf0009 00000001"
          "01000000 2a00000100000000 ff000000"
          "04000002 00000001 00000002 05000000");
  const auto report = Parsed<ExtendedReport>(bytes);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->reference_time, NtpTime(1, 2));
  EXPECT_TRUE(report->dlrr.empty());
}

TEST(ExtendedReport, RefusesLengthsThatCannotBe) {
  // A reference time of length 0 and of length 3; DLRR of 2 words; a block over the end.
  EXPECT_FALSE(Parsed<ExtendedReport>(Hex("80cf0002 00000001 04000000")));
  EXPECT_FALSE(
      Parsed<ExtendedReport>(Hex("80cf0005 00000001 04000003 00000000 00000000 00000000")));
  EXPECT_FALSE(Parsed<ExtendedReport>(Hex("80cf0004 00000001 05000002 00000000 00000000")));
  EXPECT_FALSE(Parsed<ExtendedReport>(Hex("80cf0002 00000001 01000001")));
  EXPECT_FALSE(Parsed<ExtendedReport>(Hex("80cf0002 00000001 0100ffff")));
}

TEST(ExtendedReport, EveryTruncationIsRefusedOrEndsAtABlock) {
  const Bytes bytes = Hex(kGolden);
  const CommonHeader header{PacketType::kExtendedReport, 0};
  for (size_t size = 0; size + 4 < bytes.size(); ++size) {
    const Bytes body(bytes.begin() + 4, bytes.begin() + 4 + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(ExtendedReport::Parse(header, body).has_value(), size == 4 || size == 16) << size;
  }
}

}  // namespace
}  // namespace sfu::rtcp
