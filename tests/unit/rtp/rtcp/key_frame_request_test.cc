// PLI (RFC 4585, section 6.3.1) and FIR (RFC 5104, section 4.3.1).
#include <gtest/gtest.h>

#include "rtcp_test_util.h"
#include "rtp/rtcp/fir.h"
#include "rtp/rtcp/pli.h"

namespace sfu::rtcp {
namespace {

TEST(Pli, RoundTrips) {
  const Bytes bytes = Hex("81ce0002 01020304 0a0b0c0d");
  const auto pli = Parsed<Pli>(bytes);
  ASSERT_TRUE(pli);
  EXPECT_EQ(pli->sender_ssrc, 0x01020304u);
  EXPECT_EQ(pli->media_ssrc, 0x0a0b0c0du);
  EXPECT_EQ(Written(*pli), bytes);
  ExpectRefusedBelow<Pli>(bytes, 8);
  ExpectOtherTypesRefused<Pli>(bytes);
  EXPECT_FALSE(Parsed<Pli>(Hex("82ce0002 01020304 0a0b0c0d")));  // another format
}

TEST(Fir, RoundTrips) {
  const Bytes bytes = Hex("84ce0006 01020304 00000000 0a0b0c0d 07000000 0a0b0c0e ff000000");
  const auto fir = Parsed<Fir>(bytes);
  ASSERT_TRUE(fir);
  EXPECT_EQ(fir->sender_ssrc, 0x01020304u);
  ASSERT_EQ(fir->entries.size(), 2u);
  EXPECT_EQ(fir->entries[0].ssrc, 0x0a0b0c0du);
  EXPECT_EQ(fir->entries[0].sequence, 7);
  EXPECT_EQ(fir->entries[1].sequence, 255);
  EXPECT_EQ(Written(*fir), bytes);
  ExpectRefusedBelow<Fir>(bytes, 8);
  ExpectOtherTypesRefused<Fir>(bytes);
}

TEST(Fir, RefusesHalfAnEntry) {
  EXPECT_FALSE(Parsed<Fir>(Hex("84ce0003 01020304 00000000 0a0b0c0d")));
}

TEST(Fir, IgnoresEntriesBeyondItsBound) {
  Bytes bytes(4 + 8 + (Fir::kMaxEntries + 10) * 8);
  bytes[0] = 0x84;
  bytes[1] = 206;
  StoreBe16(&bytes[2], static_cast<uint16_t>(bytes.size() / 4 - 1));
  const auto fir = Parsed<Fir>(bytes);
  ASSERT_TRUE(fir);
  EXPECT_EQ(fir->entries.size(), Fir::kMaxEntries);
}

}  // namespace
}  // namespace sfu::rtcp
