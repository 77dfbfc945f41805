// Retransmission packets (RFC 4588): an RTX packet is the original with SSRC, payload type and
// sequence number of its own, and the original sequence number (OSN) before the payload. Here they
// are taken apart; packet_writer.h puts them together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "rtp/rtp_header.h"
#include "rtp/rtp_packet.h"

namespace sfu {

inline constexpr size_t kRtxOverhead = 2;  // the OSN, in bytes

// The original packet inside an RTX packet, as a new packet of the pool whose header is parsed and
// which is marked as recovered: CSRCs, extension block, marker and timestamp as in the RTX packet,
// without its padding. `header` is what ParseRtpHeader found in `rtx`; `ssrc` and `payload_type`
// are those of the stream and codec that this RTX stream repairs. Null if the payload is too short
// to hold an OSN (DropReason::kBadRtx, unless it is empty: then it is a bandwidth probe), or if the
// pool is exhausted. An original with empty payload is an original.
RtpPacketRef DecodeRtx(ByteView rtx, const RtpHeader& header, Ssrc ssrc, uint8_t payload_type,
                       RtpPacketPool& pool);

}  // namespace sfu
