// RTP header: golden packets, every truncation, and the malformed ones of RFC 3550's corners.
#include "rtp/rtp_header.h"

#include <gtest/gtest.h>

#include <vector>

namespace sfu {
namespace {

// V=2, P, X, CC=1; M, PT 96; one CSRC; a one-word extension; 3 bytes payload; 2 bytes padding.
std::vector<uint8_t> FullPacket() {
  return {0xb1, 0xe0, 0x12, 0x34, 1, 2, 3, 4, 0xaa, 0xbb, 0xcc, 0xdd, 9, 9, 9,
          9,    0xbe, 0xde, 0,    1, 1, 2, 3, 4,    0x11, 0x22, 0x33, 0, 2};
}

TEST(RtpHeader, ParsesEveryPart) {
  const auto header = ParseRtpHeader(FullPacket());
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->marker);
  EXPECT_EQ(header->payload_type, 96);
  EXPECT_EQ(header->sequence_number, 0x1234);
  EXPECT_EQ(header->timestamp, 0x01020304u);
  EXPECT_EQ(header->ssrc, 0xaabbccddu);
  EXPECT_EQ(header->csrc_count, 1);
  EXPECT_EQ(header->extension_profile, 0xbede);
  EXPECT_EQ(header->extension_offset, 20);
  EXPECT_EQ(header->extension_size, 4);
  EXPECT_EQ(header->header_size, 24);
  EXPECT_EQ(header->payload_size, 3);
  EXPECT_EQ(header->padding_size, 2);
}

TEST(RtpHeader, EveryTruncationIsRefusedOrStaysInside) {
  const std::vector<uint8_t> packet = FullPacket();
  for (size_t size = 0; size < packet.size(); ++size) {
    const auto header = ParseRtpHeader(ByteView(packet).first(size));
    if (!header) continue;
    EXPECT_EQ(header->header_size + header->payload_size + header->padding_size, size);
  }
  EXPECT_FALSE(ParseRtpHeader(ByteView(packet).first(24)));  // P set, nothing behind the header
}

TEST(RtpHeader, RefusesWhatDoesNotFit) {
  std::vector<uint8_t> packet = FullPacket();
  packet[0] = 0x71;  // version 1
  EXPECT_FALSE(ParseRtpHeader(packet));
  packet = FullPacket();
  packet[0] = 0xbf;  // 15 CSRCs
  EXPECT_FALSE(ParseRtpHeader(packet));
  packet = FullPacket();
  packet[19] = 200;  // extension of 200 words
  EXPECT_FALSE(ParseRtpHeader(packet));
  packet = FullPacket();
  packet.back() = 0;  // padding of 0
  EXPECT_FALSE(ParseRtpHeader(packet));
  packet.back() = 6;  // padding one larger than payload and padding
  EXPECT_FALSE(ParseRtpHeader(packet));
  packet.back() = 5;  // only padding
  ASSERT_TRUE(ParseRtpHeader(packet));
  EXPECT_EQ(ParseRtpHeader(packet)->payload_size, 0);
}

TEST(RtpHeader, WriteThenParse) {
  RtpHeader in;
  in.marker = true;
  in.payload_type = 111;
  in.sequence_number = 65535;
  in.timestamp = 0xfffffffe;
  in.ssrc = 7;
  std::vector<uint8_t> out(12);
  WriteRtpFixedHeader(out, in);
  const auto parsed = ParseRtpHeader(out);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->marker);
  EXPECT_EQ(parsed->payload_type, 111);
  EXPECT_EQ(parsed->sequence_number, 65535);
  EXPECT_EQ(parsed->timestamp, 0xfffffffeu);
  EXPECT_EQ(parsed->ssrc, 7u);
  EXPECT_EQ(parsed->payload_size, 0);
}

TEST(ClassifyDatagram, FollowsRfc7983AndRfc5761) {
  const auto kind = [](uint8_t first, uint8_t second) {
    const std::vector<uint8_t> bytes = {first, second, 0, 0};
    return ClassifyDatagram(bytes);
  };
  EXPECT_EQ(ClassifyDatagram({}), DatagramKind::kUnknown);
  EXPECT_EQ(kind(0, 1), DatagramKind::kStun);
  EXPECT_EQ(kind(4, 1), DatagramKind::kUnknown);
  EXPECT_EQ(kind(19, 1), DatagramKind::kUnknown);
  EXPECT_EQ(kind(22, 254), DatagramKind::kDtls);
  EXPECT_EQ(kind(64, 0), DatagramKind::kUnknown);
  EXPECT_EQ(kind(127, 0), DatagramKind::kUnknown);
  EXPECT_EQ(kind(128, 96), DatagramKind::kRtp);
  EXPECT_EQ(kind(128, 0x80 | 111), DatagramKind::kRtp);
  EXPECT_EQ(kind(128, 200), DatagramKind::kRtcp);
  EXPECT_EQ(kind(128, 223), DatagramKind::kRtcp);
  EXPECT_EQ(kind(128, 224), DatagramKind::kRtp);
  EXPECT_EQ(kind(192, 200), DatagramKind::kUnknown);
}

}  // namespace
}  // namespace sfu
