// Real objects, from golden/. The browsers' are what mediasoup-client 3.24 makes of the offers of
// Chromium 156 (recorded) and Firefox (written by hand, after its SDP); the router's and those in
// expected_*.json are what mediasoup 3.27 makes of these, without its own packet-id extension. Only
// the SSRCs of the producers are ours.
#pragma once

#include <string>
#include <vector>

#include "ortc/rtp_capabilities.h"
#include "ortc/rtp_parameters.h"

namespace sfu::ortc {

// The text of golden/NAME.json; a test failure if there is none.
std::string GoldenText(const std::string& name);

RtpCapabilities GoldenCapabilities(const std::string& name);
RtpParameters GoldenParameters(const std::string& name);
std::vector<RtpCodecCapability> GoldenMediaCodecs();
// Capabilities of a router with those codecs.
RtpCapabilities GoldenRouter();

}  // namespace sfu::ortc
