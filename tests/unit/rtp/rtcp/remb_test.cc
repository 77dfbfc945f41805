// REMB: mantissa and exponent, clamping, lists of streams.
#include "rtp/rtcp/remb.h"

#include <gtest/gtest.h>

#include "rtcp_test_util.h"

namespace sfu::rtcp {
namespace {

TEST(Remb, RoundTrips) {
  // 0x3ffff << 3, two streams.
  const Bytes bytes = Hex("8fce0006 01020304 00000000 52454d42 020fffff 0a0b0c0d 0a0b0c0e");
  const auto remb = Parsed<Remb>(bytes);
  ASSERT_TRUE(remb);
  EXPECT_EQ(remb->sender_ssrc, 0x01020304u);
  EXPECT_EQ(remb->bitrate.bps(), 0x3ffff * 8);
  ASSERT_EQ(remb->ssrcs.size(), 2u);
  EXPECT_EQ(remb->ssrcs[1], 0x0a0b0c0eu);
  EXPECT_EQ(Written(*remb), bytes);
  ExpectOtherTypesRefused<Remb>(bytes);
  ExpectRefusedBelow<Remb>(bytes, 24);
}

TEST(Remb, ClampsWhatAPeerClaims) {
  const Bytes most = Hex("8fce0004 00000001 00000000 52454d42 00ffffff");
  EXPECT_EQ(Parsed<Remb>(most)->bitrate, Remb::kMaxBitrate);
  // 2^17 << 46 = 2^63.
  const Bytes sign = Hex("8fce0004 00000001 00000000 52454d42 00ba0000");
  EXPECT_EQ(Parsed<Remb>(sign)->bitrate, Remb::kMaxBitrate);
  const Bytes zero = Hex("8fce0004 00000001 00000000 52454d42 00fc0000");
  EXPECT_EQ(Parsed<Remb>(zero)->bitrate.bps(), 0);
}

TEST(Remb, EveryExponentIsWithinBounds) {
  for (uint32_t exponent = 0; exponent < 64; ++exponent) {
    Bytes bytes = Hex("8fce0004 00000001 00000000 52454d42 00000000");
    StoreBe24(&bytes[17], exponent << 18 | 0x20001);
    const auto remb = Parsed<Remb>(bytes);
    ASSERT_TRUE(remb);
    if (exponent <= 22) {
      EXPECT_EQ(remb->bitrate.bps(), int64_t{0x20001} << exponent);
    } else {
      EXPECT_EQ(remb->bitrate, Remb::kMaxBitrate);
    }
  }
}

TEST(Remb, WritesAtMostALittleLess) {
  for (const int64_t bps : {int64_t{0}, int64_t{1}, int64_t{262'143}, int64_t{262'144},
                            int64_t{2'500'001}, int64_t{999'999'999'999}}) {
    Remb remb;
    remb.bitrate = DataRate::BitsPerSecond(bps);
    const Bytes bytes = Written(remb);
    const int64_t read = Parsed<Remb>(bytes)->bitrate.bps();
    EXPECT_LE(read, bps);
    EXPECT_GE(read, bps - bps / 131'072 - 1);
  }
  Remb remb;
  remb.bitrate = DataRate::BitsPerSecond(-5);
  EXPECT_EQ(Parsed<Remb>(Written(remb))->bitrate.bps(), 0);
}

TEST(Remb, RefusesOtherMessagesAndWrongCounts) {
  EXPECT_FALSE(Parsed<Remb>(Hex("8fce0004 00000001 00000000 52454d43 000fffff")));
  EXPECT_FALSE(Parsed<Remb>(Hex("8fce0004 00000001 00000000 52454d42 010fffff")));
  EXPECT_FALSE(Parsed<Remb>(Hex("8fce0005 00000001 00000000 52454d42 000fffff 00000001")));
  EXPECT_FALSE(Parsed<Remb>(Hex("8fce0004 00000001 00000000 52454d42 ff0fffff")));
}

}  // namespace
}  // namespace sfu::rtcp
