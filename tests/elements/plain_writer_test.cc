// Batches as plain RTP.
#include "plain_writer.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/elements/packets.h"

namespace sfu::gst {
namespace {

std::vector<uint8_t> BytesOf(GstBuffer* buffer) {
  std::vector<uint8_t> bytes(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  return bytes;
}

TEST(PlainWriterTest, WritesTheReceiversHeaderBeforeTheSharedPayload) {
  gst_init(nullptr, nullptr);
  RtpPacketPool pool;
  RtpPacketRef packet = test::ParsedVp8(&pool, 7, 3000, true, Timestamp::FromMillis(1));
  const std::vector<uint8_t> payload(packet->payload().begin(), packet->payload().end());
  RtpBatch batch;
  batch.ssrc = 0xcafe;
  batch.payload_type = 101;
  RtpBatchEntry entry = test::EntryOf(packet);
  entry.sequence_number = 65535;
  entry.timestamp = 0xfffffff0;
  entry.marker = false;
  GstBuffer* buffer = WritePlain(batch, entry);
  packet.Reset();  // the buffer has a reference of its own
  const auto bytes = BytesOf(buffer);
  const auto header = ParseRtpHeader(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->ssrc, 0xcafeU);
  EXPECT_EQ(header->payload_type, 101);
  EXPECT_EQ(header->sequence_number, 65535);
  EXPECT_EQ(header->timestamp, 0xfffffff0U);
  EXPECT_FALSE(header->marker);
  EXPECT_EQ(std::vector<uint8_t>(bytes.begin() + 12, bytes.end()), payload);
  EXPECT_EQ(gst_buffer_n_memory(buffer), 2U);
  gst_buffer_unref(buffer);
}

TEST(PlainWriterTest, RewritesTheVp8Descriptor) {
  gst_init(nullptr, nullptr);
  RtpPacketPool pool;
  // X=1 S=1, I=1 L=1, 15-bit picture id 0x1234, TL0PICIDX 9, then a key frame.
  std::vector<uint8_t> bytes = test::Vp8Packet(1, 1, true, 20);
  const std::array<uint8_t, 6> descriptor = {0x90, 0xc0, 0x92, 0x34, 9, 0x10};
  std::copy(descriptor.begin(), descriptor.end(), bytes.begin() + 12);
  RtpPacketRef packet = pool.Allocate(bytes.size());
  std::memcpy(packet->mutable_bytes().data(), bytes.data(), bytes.size());
  packet->header = *ParseRtpHeader(bytes);
  packet->info = ParsePayload(CodecId::kVp8, packet->payload());
  ASSERT_TRUE(packet->info.valid);
  RtpBatch batch;
  RtpBatchEntry entry = test::EntryOf(packet);
  entry.rewrite_vp8 = true;
  entry.picture_id = 0x0abc;
  entry.tl0_pic_idx = 77;
  GstBuffer* buffer = WritePlain(batch, entry);
  const auto written = BytesOf(buffer);
  ASSERT_EQ(written.size(), bytes.size());
  EXPECT_EQ(written[14], 0x8a);
  EXPECT_EQ(written[15], 0xbc);
  EXPECT_EQ(written[16], 77);
  EXPECT_EQ(written[17], 0x10);
  EXPECT_EQ(packet->payload()[3], 0x34) << "the shared packet must stay as it is";
  gst_buffer_unref(buffer);
}

TEST(PlainWriterTest, KeepsExtensionsAndContributors) {
  gst_init(nullptr, nullptr);
  RtpPacketPool pool;
  // Padding, extension, one CSRC; one element of one byte with id 1.
  const std::vector<uint8_t> in = {0xb1, 0x60, 0,    1,    0, 0, 0,    2,    0, 0, 0, 3, 0, 0,
                                   0,    9,    0xbe, 0xde, 0, 1, 0x10, 0x85, 0, 0, 1, 2, 3, 1};
  RtpPacketRef packet = pool.Allocate(in.size());
  std::memcpy(packet->mutable_bytes().data(), in.data(), in.size());
  packet->header = *ParseRtpHeader(in);
  RtpBatch batch;
  batch.ssrc = 0xcafe;
  batch.payload_type = 101;
  GstBuffer* buffer = WritePlain(batch, test::EntryOf(packet));
  const auto bytes = BytesOf(buffer);
  const auto header = ParseRtpHeader(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->ssrc, 0xcafeU);
  EXPECT_EQ(header->csrc_count, 1);
  EXPECT_EQ(header->padding_size, 0);
  EXPECT_EQ(std::vector<uint8_t>(bytes.begin() + 12, bytes.end()),
            std::vector<uint8_t>(in.begin() + 12, in.end() - 1));
  gst_buffer_unref(buffer);
}

}  // namespace
}  // namespace sfu::gst
