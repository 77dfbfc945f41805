// H265 payloads (RFC 7798).
#include "rtp/codecs/h265.h"

#include <gtest/gtest.h>

#include "payload_test_util.h"

namespace sfu {
namespace {

PayloadInfo Parse(std::string_view text) { return ParseHex(CodecId::kH265, text); }

TEST(H265Test, SingleNalUnits) {
  const PayloadInfo vps = Parse("40010c01ffff0408");
  EXPECT_TRUE(vps.valid && vps.key_frame && vps.frame_start);
  EXPECT_TRUE(vps.has_temporal);
  EXPECT_EQ(vps.temporal_layer, 0);
  EXPECT_FALSE(vps.has_spatial);
  const PayloadInfo sps = Parse("4201010408000003");
  EXPECT_TRUE(sps.valid && sps.key_frame);
  const PayloadInfo pps = Parse("4401c172860c4624");
  EXPECT_TRUE(pps.valid && pps.frame_start);
  EXPECT_FALSE(pps.key_frame);
  const PayloadInfo idr = Parse("2801af0ac820634a");
  EXPECT_TRUE(idr.valid && idr.key_frame && idr.frame_start && idr.layer_sync);
  const PayloadInfo trail = Parse("0201d0097e10c617");
  EXPECT_TRUE(trail.valid && trail.frame_start);
  EXPECT_FALSE(trail.key_frame);
  EXPECT_FALSE(trail.layer_sync);
  const PayloadInfo second_slice = Parse("020150097e10c617");
  EXPECT_TRUE(second_slice.valid);
  EXPECT_FALSE(second_slice.frame_start);
}

TEST(H265Test, EveryIrapTypeIsAKeyFrame) {
  for (int type = 0; type <= 31; ++type) {
    const std::vector<uint8_t> nal = {static_cast<uint8_t>(type << 1), 0x01, 0x80, 0x00};
    const PayloadInfo info = ParseH265(nal);
    EXPECT_TRUE(info.valid);
    EXPECT_EQ(info.key_frame, type >= 16 && type <= 23) << type;
  }
}

TEST(H265Test, TemporalLayersAndTheirSyncPoints) {
  const PayloadInfo tsa = Parse("0403d0097e10");  // TSA_N, temporal id 2
  EXPECT_EQ(tsa.temporal_layer, 2);
  EXPECT_TRUE(tsa.layer_sync);
  EXPECT_TRUE(Parse("0a02d0097e10").layer_sync);   // STSA_R
  EXPECT_FALSE(Parse("0c02d0097e10").layer_sync);  // RADL_N
  EXPECT_FALSE(Parse("0200d0097e10").valid);       // temporal id plus 1 is never 0
}

TEST(H265Test, AggregationPacket) {
  const PayloadInfo info = Parse("6001 000640010c01ffff 0005420101 0408 00044401c172");
  EXPECT_TRUE(info.valid && info.key_frame && info.frame_start);
  const PayloadInfo inter = Parse("6002 00040202d009 0004020250 09");
  EXPECT_TRUE(inter.valid && inter.frame_start);
  EXPECT_FALSE(inter.key_frame);
  EXPECT_EQ(inter.temporal_layer, 1);
}

TEST(H265Test, BrokenAggregatesAreInvalid) {
  EXPECT_FALSE(Parse("6001").valid);
  EXPECT_FALSE(Parse("600100").valid);
  EXPECT_FALSE(Parse("60010000").valid);           // an empty unit
  EXPECT_FALSE(Parse("6001000140").valid);         // half a NAL header
  EXPECT_FALSE(Parse("600100054001 0c01").valid);  // longer than the packet
  EXPECT_FALSE(Parse("600100044001 0c0100").valid);
  EXPECT_FALSE(Parse("600100046001 0000").valid);  // nested
  EXPECT_FALSE(Parse("600100044000 0c01").valid);  // temporal id plus 1 is 0
}

TEST(H265Test, FragmentationUnits) {
  const PayloadInfo first = Parse("620193af0ac820");
  EXPECT_TRUE(first.valid && first.key_frame && first.frame_start);
  const PayloadInfo middle = Parse("620113af0ac820");
  EXPECT_TRUE(middle.valid && middle.key_frame);
  EXPECT_FALSE(middle.frame_start);
  const PayloadInfo inter = Parse("620181d0189ffdc4");
  EXPECT_TRUE(inter.valid && inter.frame_start);
  EXPECT_FALSE(inter.key_frame);
  EXPECT_FALSE(Parse("6201").valid);
  EXPECT_FALSE(Parse("620193").valid);
  EXPECT_FALSE(Parse("6201b000").valid);  // an aggregation packet in fragments
}

TEST(H265Test, PaciAndReservedTypesAreInvalid) {
  EXPECT_FALSE(Parse("6401 0000 2801af0a").valid);
  EXPECT_FALSE(Parse("7e01 0000").valid);
  EXPECT_FALSE(Parse("2801").valid);
  EXPECT_FALSE(Parse("28").valid);
}

}  // namespace
}  // namespace sfu
