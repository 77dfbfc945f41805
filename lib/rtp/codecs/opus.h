// Opus packets (RFC 7587; the TOC byte and framing are RFC 6716, section 3).
#pragma once

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// Parses one RTP payload. valid = false when the framing breaks RFC 6716's rules. dtx is set when
// no frame in the packet holds more than one byte, as encoders send during silence.
PayloadInfo ParseOpus(ByteView payload);

}  // namespace sfu
