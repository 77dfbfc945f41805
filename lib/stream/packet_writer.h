// Writes a packet as one receiver is to see it into the send arena: one copy, then the receiver's
// own values over it.
//
// Nothing here knows of SRTP: the caller passes the room that is left for the packet.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "stream/extension_layout.h"
#include "stream/rtp_batch.h"

namespace sfu {

// What is the receiver's, not the packet's.
struct PacketWriteOptions {
  Ssrc ssrc = 0;
  uint8_t payload_type = 0;
  // The header extensions; null: the block that the packet came with, as it is.
  const ExtensionLayout* layout = nullptr;
  SendStamp stamp;
  // The largest packet that may be written, in bytes: kMaxDatagramSize less what protection adds.
  size_t max_size = kMaxDatagramSize;
};

// The answer to a NACK in a stream of its own (RFC 4588, section 4): the payload is preceded by the
// original sequence number. `entry.sequence_number` is that original number.
struct RtxHeader {
  Ssrc ssrc = 0;
  uint8_t payload_type = 0;
  uint16_t sequence_number = 0;
};

// The largest padding that one packet can carry (RFC 3550, section 5.1), its count byte included.
inline constexpr size_t kMaxRtpPadding = 255;

// The size that WritePacket gives without padding.
size_t WrittenSize(const RtpBatchEntry& entry, const ExtensionLayout* layout);

// Writes `entry` into `out` and returns its size, with `padding` (0..255) bytes of RTP padding
// added; padding that the packet came with is dropped. Returns 0 and leaves `out` in an undefined
// state when the packet would be larger than options.max_size or than `out`.
size_t WritePacket(const RtpBatchEntry& entry, const PacketWriteOptions& options, size_t padding,
                   MutableBytes out);

// The same as an RTX packet, two bytes longer than WrittenSize().
size_t WriteRtxPacket(const RtpBatchEntry& entry, const PacketWriteOptions& options,
                      const RtxHeader& rtx, MutableBytes out);

}  // namespace sfu
