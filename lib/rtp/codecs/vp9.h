// The VP9 payload descriptor (RFC 9628).
#pragma once

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// Parses one RTP payload, flexible or non-flexible mode. valid = false when the descriptor (with
// its references and scalability structure) is truncated or nothing follows it.
PayloadInfo ParseVp9(ByteView payload);

}  // namespace sfu
