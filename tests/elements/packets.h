// RTP packets as test data.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"
#include "rtp/rtp_packet.h"
#include "stream/rtp_batch.h"

namespace sfu::test {

// A VP8 packet that is a whole frame: descriptor without extension, then the first byte of the
// frame header, whose lowest bit is 0 for key frames, and their start code (RFC 7741, sections 4.2
// and 4.3; RFC 6386, section 9.1).
inline std::vector<uint8_t> Vp8Packet(uint16_t sequence, uint32_t timestamp, bool key_frame,
                                      size_t payload_size = 100, uint32_t ssrc = 0x1234) {
  RtpHeader header;
  header.marker = true;
  header.payload_type = 96;
  header.sequence_number = sequence;
  header.timestamp = timestamp;
  header.ssrc = ssrc;
  std::vector<uint8_t> packet(kRtpFixedHeaderSize + payload_size, 0xab);
  WriteRtpFixedHeader(packet, header);
  packet[12] = 0x10;
  const std::array<uint8_t, 6> frame = {0x10, 0, 0, 0x9d, 0x01, 0x2a};
  std::copy(frame.begin(), frame.end(), packet.begin() + 13);
  if (!key_frame) packet[13] = 0x11;
  return packet;
}

// The same as a parsed packet of `pool`.
inline RtpPacketRef ParsedVp8(RtpPacketPool* pool, uint16_t sequence, uint32_t timestamp,
                              bool key_frame, Timestamp capture) {
  const auto bytes = Vp8Packet(sequence, timestamp, key_frame);
  RtpPacketRef packet = pool->Allocate(bytes.size());
  std::memcpy(packet->mutable_bytes().data(), bytes.data(), bytes.size());
  packet->header = *ParseRtpHeader(bytes);
  packet->info = ParsePayload(CodecId::kVp8, packet->payload());
  packet->index = sequence;
  packet->arrival = packet->capture = capture;
  return packet;
}

inline RtpBatchEntry EntryOf(const RtpPacketRef& packet) {
  RtpBatchEntry entry;
  entry.packet = packet.get();
  entry.sequence_number = packet->header.sequence_number;
  entry.timestamp = packet->header.timestamp;
  entry.marker = packet->header.marker;
  return entry;
}

}  // namespace sfu::test
