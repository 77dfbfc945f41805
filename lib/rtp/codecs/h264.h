// H264 payloads (RFC 6184): single NAL units, STAP-A/B, MTAP16/24, FU-A/B.
#pragma once

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// Parses one RTP payload. valid = false for unknown or nested packet types, and when any length
// inside does not fit the payload exactly.
PayloadInfo ParseH264(ByteView payload);

}  // namespace sfu
