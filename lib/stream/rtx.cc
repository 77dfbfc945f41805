// RTX packets: taking the original out of one.
#include "stream/rtx.h"

#include <cstring>

namespace sfu {
namespace {

constexpr uint8_t kPaddingBit = 0x20;
constexpr uint8_t kMarkerBit = 0x80;

}  // namespace

RtpPacketRef DecodeRtx(ByteView rtx, const RtpHeader& header, Ssrc ssrc, uint8_t payload_type,
                       RtpPacketPool& pool) {
  const size_t head = header.header_size;
  if (header.payload_size < kRtxOverhead || rtx.size() < head + header.payload_size) {
    return RtpPacketRef();
  }
  const size_t payload = header.payload_size - kRtxOverhead;
  RtpPacketRef packet = pool.Allocate(head + payload);
  if (!packet) return packet;
  uint8_t* out = packet->mutable_bytes().data();
  std::memcpy(out, rtx.data(), head);
  if (payload > 0) std::memcpy(out + head, rtx.data() + head + kRtxOverhead, payload);
  const uint16_t original_sequence = LoadBe16(rtx.data() + head);
  out[0] = static_cast<uint8_t>(out[0] & ~kPaddingBit);
  out[1] = static_cast<uint8_t>((header.marker ? kMarkerBit : 0) | (payload_type & 0x7F));
  StoreBe16(out + 2, original_sequence);
  StoreBe32(out + 8, ssrc);
  packet->header = header;
  packet->header.ssrc = ssrc;
  packet->header.payload_type = payload_type;
  packet->header.sequence_number = original_sequence;
  packet->header.padding_size = 0;
  packet->header.payload_size = static_cast<uint16_t>(payload);
  packet->recovered = true;
  return packet;
}

}  // namespace sfu
