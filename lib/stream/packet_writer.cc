// Header, payload and padding of one outgoing packet. When the extension block is taken as it came,
// header and payload are copied as one piece.
#include "stream/packet_writer.h"

#include <cstring>

#include "rtp/codecs/vp8_rewriter.h"

namespace sfu {
namespace {

constexpr uint8_t kPaddingBit = 0x20;
constexpr uint8_t kExtensionBit = 0x10;
constexpr size_t kOriginalSequenceSize = 2;

size_t SizeWithoutExtensions(const RtpHeader& header) {
  return kRtpFixedHeaderSize + size_t{header.csrc_count} * 4;
}

size_t WrittenHeaderSize(const RtpPacket& packet, const ExtensionLayout* layout) {
  if (layout == nullptr) return packet.header.header_size;
  return SizeWithoutExtensions(packet.header) + layout->SizeFor(packet);
}

// The fixed header over what was copied: version and CSRC count stay.
void PatchFixedHeader(const RtpBatchEntry& entry, Ssrc ssrc, uint8_t payload_type,
                      uint16_t sequence_number, uint8_t* out) {
  out[0] &= static_cast<uint8_t>(~kPaddingBit);
  out[1] = static_cast<uint8_t>((entry.marker ? 0x80 : 0) | (payload_type & 0x7F));
  StoreBe16(out + 2, sequence_number);
  StoreBe32(out + 4, entry.timestamp);
  StoreBe32(out + 8, ssrc);
}

void PatchVp8(const RtpBatchEntry& entry, MutableBytes payload) {
  PatchVp8Descriptor(payload.first(entry.packet->header.payload_size), entry.packet->info,
                     entry.picture_id, entry.tl0_pic_idx);
}

// Copies CSRCs and payload to where they stand in the packet to be made, and makes or copies the
// block between them. `payload_at` leaves room for it, and may leave more.
void CopyPacket(const RtpPacket& packet, const PacketWriteOptions& options, size_t payload_at,
                MutableBytes out) {
  const RtpHeader& header = packet.header;
  const uint8_t* in = packet.bytes().data();
  if (options.layout == nullptr && payload_at == header.header_size) {
    std::memcpy(out.data(), in, size_t{header.header_size} + header.payload_size);
    return;
  }
  std::memcpy(out.data() + payload_at, in + header.header_size, header.payload_size);
  if (options.layout == nullptr) {
    std::memcpy(out.data(), in, header.header_size);
    return;
  }
  const size_t plain_size = SizeWithoutExtensions(header);
  std::memcpy(out.data(), in, plain_size);
  options.layout->Write(packet, options.stamp, out.subspan(plain_size));
  if (options.layout->SizeFor(packet) > 0) {
    out[0] |= kExtensionBit;
  } else {
    out[0] &= static_cast<uint8_t>(~kExtensionBit);
  }
}

}  // namespace

size_t WrittenSize(const RtpBatchEntry& entry, const ExtensionLayout* layout) {
  return WrittenHeaderSize(*entry.packet, layout) + entry.packet->header.payload_size;
}

size_t WritePacket(const RtpBatchEntry& entry, const PacketWriteOptions& options, size_t padding,
                   MutableBytes out) {
  const size_t payload_at = WrittenHeaderSize(*entry.packet, options.layout);
  const size_t unpadded = payload_at + entry.packet->header.payload_size;
  const size_t size = unpadded + padding;
  if (padding > kMaxRtpPadding || size > options.max_size || size > out.size()) return 0;
  CopyPacket(*entry.packet, options, payload_at, out);
  PatchFixedHeader(entry, options.ssrc, options.payload_type, entry.sequence_number, out.data());
  if (entry.rewrite_vp8) {
    PatchVp8(entry, out.subspan(payload_at));
  }
  if (padding > 0) {
    std::memset(out.data() + unpadded, 0, padding - 1);
    out[size - 1] = static_cast<uint8_t>(padding);
    out[0] |= kPaddingBit;
  }
  return size;
}

size_t WriteRtxPacket(const RtpBatchEntry& entry, const PacketWriteOptions& options,
                      const RtxHeader& rtx, MutableBytes out) {
  const size_t payload_at =
      WrittenHeaderSize(*entry.packet, options.layout) + kOriginalSequenceSize;
  const size_t size = payload_at + entry.packet->header.payload_size;
  if (size > options.max_size || size > out.size()) return 0;
  CopyPacket(*entry.packet, options, payload_at, out);
  PatchFixedHeader(entry, rtx.ssrc, rtx.payload_type, rtx.sequence_number, out.data());
  StoreBe16(out.data() + payload_at - kOriginalSequenceSize, entry.sequence_number);
  if (entry.rewrite_vp8) {
    PatchVp8(entry, out.subspan(payload_at));
  }
  return size;
}

}  // namespace sfu
