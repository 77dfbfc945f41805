// AV1 payloads (AOMedia's RTP Payload Format For AV1, section 4): aggregation header and OBUs.
#pragma once

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// Parses one RTP payload. Layer ids come from the first OBU extension that starts here.
// valid = false when an OBU element does not fit the payload.
PayloadInfo ParseAv1(ByteView payload);

}  // namespace sfu
