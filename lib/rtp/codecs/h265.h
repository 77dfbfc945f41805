// H265 payloads (RFC 7798): single NAL units, aggregation packets, fragmentation units.
#pragma once

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// Parses one RTP payload, sent without decoding order numbers (sprop-max-don-diff = 0, as in
// WebRTC). valid = false for PACI and reserved packet types, for a temporal id of 0 in the NAL unit
// header, and when any length inside does not fit the payload exactly.
PayloadInfo ParseH265(ByteView payload);

}  // namespace sfu
