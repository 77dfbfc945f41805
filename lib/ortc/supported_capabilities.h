// What libsfu supports at all: mediasoup's table, with H265 and without codecs that no browser has
// any more (iLBC, ISAC, SILK).
#pragma once

#include "ortc/rtp_capabilities.h"

namespace sfu::ortc {

// The codecs have no payload types but the static ones of RFC 3551, and RTX is not among them. The
// header extensions have the ids and directions that every router offers.
const RtpCapabilities& SupportedRtpCapabilities();

}  // namespace sfu::ortc
