// Where the parts of SRTP and SRTCP packets lie, and how a packet's index is found.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "rtp/rtp_header.h"

namespace sfu {

// SRTCP leaves the first header and the sender's SSRC in the clear (RFC 3711, section 3.4).
inline constexpr size_t kRtcpClearSize = 8;
inline constexpr size_t kRtcpIndexSize = 4;
inline constexpr uint32_t kRtcpEncryptedFlag = 0x80000000;
inline constexpr int64_t kSrtpIndexEnd = int64_t{1} << 48;

// The index nearest to `highest` (>= 0) that ends in `seq` (RFC 3711, section 3.3.1). Where that
// would lie before the first cycle, the packet can only be ahead: then its index is `seq`, as in
// libsrtp.
inline int64_t GuessSrtpIndex(int64_t highest, uint16_t seq) {
  const int64_t index = highest + SeqNum(seq).DistanceFrom(SeqNum(static_cast<uint16_t>(highest)));
  return index < 0 ? seq : index;
}

// The 32 bits that HMAC-SHA1 covers behind the packet (RFC 3711, section 4.2).
inline std::array<uint8_t, 4> SrtpRocBytes(int64_t index) {
  std::array<uint8_t, 4> roc;
  StoreBe32(roc.data(), static_cast<uint32_t>(index >> 16));
  return roc;
}

// The size of fixed header, CSRC list and extension block of a packet whose payload, and with it
// the padding count, is still encrypted. Nothing if they do not fit or the version is not 2.
inline std::optional<size_t> EncryptedRtpHeaderSize(ByteView packet) {
  if (packet.size() < kRtpFixedHeaderSize || packet[0] >> 6 != 2) return std::nullopt;
  size_t size = kRtpFixedHeaderSize + (packet[0] & 0x0f) * size_t{4};
  if ((packet[0] & 0x10) != 0) {
    if (packet.size() < size + 4) return std::nullopt;
    size += 4 + LoadBe16(&packet[size + 2]) * size_t{4};
  }
  if (packet.size() < size) return std::nullopt;
  return size;
}

}  // namespace sfu
