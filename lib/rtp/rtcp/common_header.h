// The four bytes that every RTCP packet starts with (RFC 3550, section 6.4; RFC 4585, section 6.1).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace sfu::rtcp {

inline constexpr size_t kCommonHeaderSize = 4;
// What the 5-bit count field can say: report blocks, SDES chunks, sources of a BYE.
inline constexpr size_t kMaxCount = 31;

enum class PacketType : uint8_t {
  kSenderReport = 200,
  kReceiverReport = 201,
  kSdes = 202,
  kBye = 203,
  kApp = 204,
  kRtpFeedback = 205,      // RTPFB, RFC 4585
  kPayloadFeedback = 206,  // PSFB, RFC 4585
  kExtendedReport = 207,   // XR, RFC 3611
};

// FMT of RTPFB and PSFB packets.
inline constexpr uint8_t kFormatNack = 1;                // RTPFB, RFC 4585, section 6.2.1
inline constexpr uint8_t kFormatTransportFeedback = 15;  // RTPFB, transport-wide-cc-01
inline constexpr uint8_t kFormatPli = 1;                 // PSFB, RFC 4585, section 6.3.1
inline constexpr uint8_t kFormatFir = 4;                 // PSFB, RFC 5104, section 4.3.1
inline constexpr uint8_t kFormatApplication = 15;        // PSFB, REMB among others

struct CommonHeader {
  PacketType type = PacketType::kReceiverReport;  // may hold any value 0..255
  uint8_t count = 0;                              // RC or SC, or FMT in RTPFB and PSFB: 0..31

  bool Is(PacketType t) const { return type == t; }
  bool IsFeedback(PacketType t, uint8_t format) const { return type == t && count == format; }
};

// Writes the header of a packet whose body, a multiple of 4 bytes, follows.
inline void WriteHeader(ByteWriter& writer, PacketType type, size_t count, size_t body_size) {
  writer.U8(static_cast<uint8_t>(0x80 | (count & 0x1F)));
  writer.U8(static_cast<uint8_t>(type));
  writer.U16(static_cast<uint16_t>(body_size / 4));
}

}  // namespace sfu::rtcp
