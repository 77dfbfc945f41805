// RTP header parsing and writing.
#include "rtp/rtp_header.h"

namespace sfu {
namespace {

constexpr uint8_t kVersionBits = 2 << 6;
constexpr uint8_t kPaddingBit = 0x20;
constexpr uint8_t kExtensionBit = 0x10;

// Finds the extension block behind the CSRC list. False if it does not fit.
bool ParseExtension(ByteView packet, RtpHeader* header) {
  if (packet.size() < header->header_size + size_t{4}) return false;
  const uint8_t* p = packet.data() + header->header_size;
  const size_t size = size_t{LoadBe16(p + 2)} * 4;
  if (packet.size() < header->header_size + 4 + size) return false;
  header->extension_profile = LoadBe16(p);
  header->extension_offset = static_cast<uint16_t>(header->header_size + 4);
  header->extension_size = static_cast<uint16_t>(size);
  header->header_size = static_cast<uint16_t>(header->header_size + 4 + size);
  return true;
}

}  // namespace

std::optional<RtpHeader> ParseRtpOuterHeader(ByteView packet) {
  // The offsets are 16 bits wide; the first check keeps all sums below inside them.
  if (packet.size() < kRtpFixedHeaderSize || packet.size() > UINT16_MAX) return std::nullopt;
  const uint8_t* p = packet.data();
  if ((p[0] & 0xc0) != kVersionBits) return std::nullopt;
  RtpHeader header;
  header.csrc_count = p[0] & 0x0f;
  header.marker = (p[1] & 0x80) != 0;
  header.payload_type = p[1] & 0x7f;
  header.sequence_number = LoadBe16(p + 2);
  header.timestamp = LoadBe32(p + 4);
  header.ssrc = LoadBe32(p + 8);
  header.header_size = static_cast<uint16_t>(kRtpFixedHeaderSize + header.csrc_count * 4);
  if (packet.size() < header.header_size) return std::nullopt;
  if ((p[0] & kExtensionBit) != 0 && !ParseExtension(packet, &header)) return std::nullopt;
  header.payload_size = static_cast<uint16_t>(packet.size() - header.header_size);
  return header;
}

std::optional<RtpHeader> ParseRtpHeader(ByteView packet) {
  std::optional<RtpHeader> header = ParseRtpOuterHeader(packet);
  if (!header || (packet[0] & kPaddingBit) == 0) return header;
  if (header->payload_size == 0) return std::nullopt;
  const uint8_t padding = packet.back();
  if (padding == 0 || padding > header->payload_size) return std::nullopt;
  header->padding_size = padding;
  header->payload_size = static_cast<uint16_t>(header->payload_size - padding);
  return header;
}

void WriteRtpFixedHeader(MutableBytes out, const RtpHeader& header) {
  if (out.size() < kRtpFixedHeaderSize) return;
  out[0] = kVersionBits;
  out[1] = static_cast<uint8_t>((header.marker ? 0x80 : 0) | header.payload_type);
  StoreBe16(&out[2], header.sequence_number);
  StoreBe32(&out[4], header.timestamp);
  StoreBe32(&out[8], header.ssrc);
}

DatagramKind ClassifyDatagram(ByteView datagram) {
  if (datagram.size() < 2) return DatagramKind::kUnknown;
  const uint8_t first = datagram[0];
  if (first <= 3) return DatagramKind::kStun;
  if (first >= 20 && first <= 63) return DatagramKind::kDtls;
  if (first < 128 || first > 191) return DatagramKind::kUnknown;
  // RTCP packet types 192..223 are RTP payload types 64..95 with the marker bit, which RFC 5761
  // forbids on a shared port.
  return datagram[1] >= 192 && datagram[1] <= 223 ? DatagramKind::kRtcp : DatagramKind::kRtp;
}

}  // namespace sfu
