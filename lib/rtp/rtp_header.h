// The RTP fixed header, CSRC list, extension block and padding (RFC 3550, section 5.1; RFC 8285):
// parsing into offsets, and writing.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "rtp/sequence.h"

namespace sfu {

inline constexpr size_t kRtpFixedHeaderSize = 12;
// The largest datagram that is taken in or sent out, in bytes of UDP payload.
inline constexpr size_t kMaxDatagramSize = 1500;

// Where the parts of one RTP packet lie. Offsets count from the first byte of the packet.
struct RtpHeader {
  bool marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  Ssrc ssrc = 0;
  uint8_t csrc_count = 0;
  uint8_t padding_size = 0;        // bytes of padding at the end, its count byte included
  uint16_t extension_profile = 0;  // 0xBEDE, 0x100x or anything; meaningful if extension_size > 0
  uint16_t extension_offset = 0;   // of the first extension element, behind profile and length
  uint16_t extension_size = 0;     // bytes of the elements; 0 without (or with an empty) extension
  uint16_t header_size = 0;        // offset of the payload
  uint16_t payload_size = 0;       // without padding

  SeqNum seq() const { return SeqNum(sequence_number); }
};

// Parses the header of one packet. Nothing for: fewer than 12 bytes, version other than 2, a CSRC
// list, extension or padding that does not fit, padding with count 0.
std::optional<RtpHeader> ParseRtpHeader(ByteView packet);

// The same without the padding, whose count SRTP encrypts: payload_size counts all that follows the
// header.
std::optional<RtpHeader> ParseRtpOuterHeader(ByteView packet);

// Writes version, marker, payload type, sequence number, timestamp and SSRC into the first 12 bytes
// of `out` (at least 12 long), with no padding, extension or CSRC.
void WriteRtpFixedHeader(MutableBytes out, const RtpHeader& header);

// The kinds of datagram that share a port (RFC 7983), told apart by the first byte, and RTP from
// RTCP by the second (RFC 5761, section 4).
enum class DatagramKind : uint8_t { kUnknown, kStun, kDtls, kRtp, kRtcp };
DatagramKind ClassifyDatagram(ByteView datagram);

}  // namespace sfu
