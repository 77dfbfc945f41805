// The builders: that what they make parses as what they say.
#include "tests/support/packet_builder.h"

#include <gtest/gtest.h>

namespace sfu::test {
namespace {

TEST(PacketBuilderTest, EveryFieldParses) {
  PacketSpec spec;
  spec.ssrc = 1;
  spec.payload_type = 100;
  spec.sequence_number = 2;
  spec.timestamp = 3;
  spec.marker = true;
  spec.csrcs = {4, 5};
  spec.extension = {0x10, 1, 0x20};
  spec.payload = {7, 8, 9};
  spec.padding = 4;
  const Bytes bytes = BuildRtpPacket(spec);
  const auto header = ParseRtpHeader(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->ssrc, 1u);
  EXPECT_EQ(header->payload_type, 100);
  EXPECT_EQ(header->sequence_number, 2);
  EXPECT_EQ(header->timestamp, 3u);
  EXPECT_TRUE(header->marker);
  EXPECT_EQ(header->csrc_count, 2);
  EXPECT_EQ(header->extension_size, 4);
  EXPECT_EQ(header->payload_size, 3);
  EXPECT_EQ(header->padding_size, 4);
}

TEST(PacketBuilderTest, AVp8StreamCountsAsOneDoes) {
  Vp8SourceOptions options;
  options.temporal_layers = 2;
  Vp8Source source(options);
  RtpPacketPool pool;
  for (int frame = 0; frame < 20; ++frame) {
    const auto packets = source.NextFrame(Timestamp::FromMillis(frame * 33));
    ASSERT_EQ(packets.size(), 3u);
    for (size_t i = 0; i < packets.size(); ++i) {
      const RtpPacketRef packet = PoolPacket(pool, packets[i], Timestamp::FromMillis(500));
      ASSERT_TRUE(packet);
      EXPECT_EQ(packet->index, 1000 + frame * 3 + static_cast<int64_t>(i));
      EXPECT_EQ(packet->header.timestamp, 90'000u + static_cast<uint32_t>(frame) * 3'000);
      EXPECT_EQ(packet->header.marker, i == 2);
      EXPECT_EQ(packet->info.key_frame, frame == 0 && i == 0);
      EXPECT_EQ(packet->info.temporal_layer, frame % 2);
      EXPECT_EQ(LoadBe16(&packet->payload()[2]) & 0x7FFF, 10 + frame);
      EXPECT_EQ(packet->payload()[4], 5 + frame / 2);
      EXPECT_EQ(packet->capture.ms(), frame * 33);
      const PayloadInfo parsed = ParsePayload(CodecId::kVp8, packet->payload());
      EXPECT_TRUE(parsed.valid);
      EXPECT_EQ(parsed.key_frame, packet->info.key_frame);
      EXPECT_EQ(parsed.frame_start, packet->info.frame_start);
      EXPECT_EQ(parsed.temporal_layer, packet->info.temporal_layer);
      EXPECT_EQ(parsed.layer_sync, packet->info.layer_sync);
      EXPECT_EQ(parsed.picture_id, packet->info.picture_id);
      EXPECT_EQ(parsed.picture_id_offset, packet->info.picture_id_offset);
      EXPECT_EQ(parsed.tl0_pic_idx, packet->info.tl0_pic_idx);
      EXPECT_EQ(parsed.tl0_pic_idx_offset, packet->info.tl0_pic_idx_offset);
      EXPECT_EQ(packet->arrival.ms(), 500);
    }
  }
}

TEST(PacketBuilderTest, AnOpusStreamCountsAsOneDoes) {
  OpusSource source;
  source.Next(Timestamp());
  const auto header = ParseRtpHeader(source.Next(Timestamp()).bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->sequence_number, 501);
  EXPECT_EQ(header->timestamp, 960u);
  EXPECT_EQ(header->payload_size, 120);
}

}  // namespace
}  // namespace sfu::test
