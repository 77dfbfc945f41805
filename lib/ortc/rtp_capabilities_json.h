// RtpCapabilities from and to the JSON of mediasoup and mediasoup-client.
//
// Members that ORTC does not have are not looked at. An error names the whole path of the field:
// "rtpCapabilities.codecs[1].clockRate: must be 1..1000000". `name` is what errors call the object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ortc/rtp_capabilities.h"

namespace sfu::ortc {

Result<RtpCapabilities> ParseRtpCapabilities(std::string_view json,
                                             std::string_view name = "rtpCapabilities");
std::string ToJson(const RtpCapabilities& capabilities);

// A router's mediaCodecs: an array of codec capabilities.
Result<std::vector<RtpCodecCapability>> ParseMediaCodecs(std::string_view json,
                                                         std::string_view name = "mediaCodecs");

}  // namespace sfu::ortc
