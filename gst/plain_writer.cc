// The part of a VP8 payload descriptor that is rewritten is copied into the header memory; what
// follows stays shared.
#include "plain_writer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"
#include "rtp/codecs/vp8_rewriter.h"

namespace sfu::gst {
namespace {

// The longest VP8 payload descriptor up to TL0PICIDX (RFC 7741, section 4.2): 5 bytes, with room to
// spare.
constexpr size_t kMaxDescriptor = 16;

void DropPacket(gpointer packet) {
  // Takes over the reference that WritePlain left in the memory.
  auto* ref = static_cast<RtpPacketRef*>(packet);
  delete ref;
}

// Copies the start of the payload and patches it; returns how many bytes of it are in `out` now.
size_t PatchVp8(const RtpBatchEntry& entry, MutableBytes out) {
  const PayloadInfo& info = entry.packet->info;
  const ByteView payload = entry.packet->payload();
  const size_t end =
      std::max<size_t>(info.picture_id_offset == 0 ? 0 : info.picture_id_offset + 2,
                       info.tl0_pic_idx_offset == 0 ? 0 : info.tl0_pic_idx_offset + 1);
  if (end > payload.size() || end > out.size()) return 0;
  std::memcpy(out.data(), payload.data(), end);
  PatchVp8Descriptor(out.first(end), info, entry.picture_id, entry.tl0_pic_idx);
  return end;
}

}  // namespace

GstBuffer* WritePlain(const RtpBatch& batch, const RtpBatchEntry& entry) {
  const RtpPacket& packet = *entry.packet;
  std::array<uint8_t, kMaxDescriptor> descriptor;
  const size_t patched = entry.rewrite_vp8 ? PatchVp8(entry, descriptor) : 0;
  const size_t header_size = packet.header.header_size;
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, header_size + patched, nullptr);
  gst_buffer_fill(buffer, 0, packet.bytes().data(), header_size);
  gst_buffer_fill(buffer, header_size, descriptor.data(), patched);
  std::array<uint8_t, kRtpFixedHeaderSize> fixed;
  RtpHeader out;
  out.marker = entry.marker;
  out.payload_type = batch.payload_type;
  out.sequence_number = entry.sequence_number;
  out.timestamp = entry.timestamp;
  out.ssrc = batch.ssrc;
  WriteRtpFixedHeader(fixed, out);
  // CSRC count and extension bit; padding is left out.
  fixed[0] |= packet.bytes()[0] & 0x1F;
  gst_buffer_fill(buffer, 0, fixed.data(), fixed.size());
  const ByteView payload = packet.payload().subspan(patched);
  if (!payload.empty()) {
    gst_buffer_append_memory(
        buffer, gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY,
                                       const_cast<uint8_t*>(payload.data()), payload.size(), 0,
                                       payload.size(), new RtpPacketRef(&packet), &DropPacket));
  }
  if (entry.marker) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_MARKER);
  return buffer;
}

}  // namespace sfu::gst
