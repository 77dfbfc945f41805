// RTX: there and back, truncations, probes.
#include "stream/rtx.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "stream/packet_writer.h"

namespace sfu {
namespace {

// An original with a CSRC, an extension, a marker and 3 bytes of padding.
const std::vector<uint8_t> kOriginal = {
    0xB1, 0xE0, 0x12, 0x34, 0x00, 0x01, 0x00, 0x02, 0xAA, 0xBB, 0xCC, 0xDD,  // fixed header
    0x01, 0x02, 0x03, 0x04,                                                  // CSRC
    0xBE, 0xDE, 0x00, 0x01, 0x10, 0x37, 0x00, 0x00,                          // extension
    0x50, 0x51, 0x52, 0x53, 0x54,                                            // payload
    0x00, 0x00, 0x03};                                                       // padding

// kOriginal without its padding, as RTX packet.
const std::vector<uint8_t> kRtx = {0x91, 0xE1, 0x01, 0xF4, 0x00, 0x01, 0x00, 0x02,
                                   0x99, 0x88, 0x77, 0x66,                          // fixed header
                                   0x01, 0x02, 0x03, 0x04,                          // CSRC
                                   0xBE, 0xDE, 0x00, 0x01, 0x10, 0x37, 0x00, 0x00,  // extension
                                   0x12, 0x34,                                      // OSN
                                   0x50, 0x51, 0x52, 0x53, 0x54};                   // payload

TEST(RtxTest, DecodesBackToTheOriginalWithoutPadding) {
  RtpPacketPool pool;
  const std::vector<uint8_t>& rtx = kRtx;
  const RtpPacketRef packet = DecodeRtx(rtx, *ParseRtpHeader(rtx), 0xAABBCCDD, 96, pool);
  ASSERT_TRUE(packet);
  std::vector<uint8_t> expected(kOriginal.begin(), kOriginal.end() - 3);
  expected[0] &= 0xDF;
  EXPECT_EQ(std::vector<uint8_t>(packet->bytes().begin(), packet->bytes().end()), expected);
  EXPECT_TRUE(packet->recovered);
  const auto parsed = ParseRtpHeader(packet->bytes());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(packet->header.sequence_number, parsed->sequence_number);
  EXPECT_EQ(packet->header.ssrc, parsed->ssrc);
  EXPECT_EQ(packet->header.payload_type, parsed->payload_type);
  EXPECT_EQ(packet->header.marker, parsed->marker);
  EXPECT_EQ(packet->header.header_size, parsed->header_size);
  EXPECT_EQ(packet->header.payload_size, parsed->payload_size);
  EXPECT_EQ(packet->header.padding_size, parsed->padding_size);
  EXPECT_EQ(packet->header.extension_offset, parsed->extension_offset);
  EXPECT_EQ(packet->header.extension_size, parsed->extension_size);
}

TEST(RtxTest, UndoesWhatTheSenderWrites) {
  RtpPacketPool pool;
  RtpPacketRef sent = pool.Allocate(kOriginal.size());
  std::copy(kOriginal.begin(), kOriginal.end(), sent->mutable_bytes().begin());
  sent->header = *ParseRtpHeader(kOriginal);
  const RtpBatchEntry entry = {.packet = sent.get(),
                               .timestamp = sent->header.timestamp,
                               .sequence_number = 0xBEEF,
                               .marker = true};
  std::vector<uint8_t> out(kMaxDatagramSize);
  out.resize(WriteRtxPacket(entry, {.ssrc = 5, .payload_type = 96},
                            {.ssrc = 6, .payload_type = 97, .sequence_number = 1}, out));
  const auto header = ParseRtpHeader(out);
  ASSERT_TRUE(header.has_value());
  const RtpPacketRef packet = DecodeRtx(out, *header, 5, 96, pool);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->header.sequence_number, 0xBEEF);
  EXPECT_EQ(packet->header.ssrc, 5u);
  EXPECT_EQ(packet->header.payload_type, 96);
  EXPECT_TRUE(packet->header.marker);
  EXPECT_EQ(std::vector<uint8_t>(packet->payload().begin(), packet->payload().end()),
            (std::vector<uint8_t>{0x50, 0x51, 0x52, 0x53, 0x54}));
}

TEST(RtxTest, PaddingIsLeftOut) {
  RtpPacketPool pool;
  std::vector<uint8_t> rtx = kRtx;
  rtx[0] |= 0x20;
  rtx.insert(rtx.end(), {0, 0, 0, 4});
  const RtpPacketRef packet = DecodeRtx(rtx, *ParseRtpHeader(rtx), 5, 96, pool);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->size(), kRtx.size() - 2);
  EXPECT_EQ(packet->bytes()[0] & 0x20, 0);
}

TEST(RtxTest, EveryTruncationIsAPacketOrNothing) {
  RtpPacketPool pool;
  const std::vector<uint8_t>& rtx = kRtx;
  for (size_t size = 0; size < rtx.size(); ++size) {
    const ByteView cut = ByteView(rtx).first(size);
    const auto header = ParseRtpHeader(cut);
    if (!header) continue;
    const RtpPacketRef packet = DecodeRtx(cut, *header, 1, 96, pool);
    EXPECT_EQ(static_cast<bool>(packet), header->payload_size >= 2) << size;
    if (packet) {
      EXPECT_EQ(packet->size(), size - 2);
    }
  }
  // A header that belongs to more bytes than there are.
  EXPECT_FALSE(DecodeRtx(ByteView(rtx).first(20), *ParseRtpHeader(rtx), 1, 96, pool));
}

TEST(RtxTest, PaddingOnlyProbesHoldNoOriginal) {
  RtpPacketPool pool;
  std::vector<uint8_t> probe(12 + 200);
  RtpHeader header;
  header.ssrc = 3;
  WriteRtpFixedHeader(probe, header);
  probe[0] |= 0x20;
  probe.back() = 200;
  const auto parsed = ParseRtpHeader(probe);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->payload_size, 0);
  EXPECT_FALSE(DecodeRtx(probe, *parsed, 1, 96, pool));
}

TEST(RtxTest, SurvivesMutations) {
  RtpPacketPool pool;
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<uint8_t> rtx = kRtx;
    for (int n = 0; n < 3; ++n) {
      rtx[random.U32() % rtx.size()] = static_cast<uint8_t>(random.U32());
    }
    const auto header = ParseRtpHeader(rtx);
    if (!header) continue;
    const RtpPacketRef packet = DecodeRtx(rtx, *header, 5, 96, pool);
    if (packet) {
      const auto again = ParseRtpHeader(packet->bytes());
      ASSERT_TRUE(again.has_value());
      ASSERT_EQ(again->payload_size, packet->header.payload_size);
    }
  }
}

}  // namespace
}  // namespace sfu
