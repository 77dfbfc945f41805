// The VP8 payload descriptor (RFC 7741).
#pragma once

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// Parses one RTP payload. valid = false when the descriptor is truncated or nothing follows it.
// key_frame is claimed only with the start code of an intact key frame header behind it.
PayloadInfo ParseVp8(ByteView payload);

}  // namespace sfu
