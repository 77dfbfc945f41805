// RtpParameters from and to the JSON of mediasoup and mediasoup-client.
//
// Members that ORTC does not have are not looked at. An error names the whole path of the field:
// "rtpParameters.codecs[1].payloadType: must be 0..127". `name` is what errors call the object.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ortc/rtp_parameters.h"

namespace sfu::ortc {

Result<RtpParameters> ParseRtpParameters(std::string_view json,
                                         std::string_view name = "rtpParameters");
std::string ToJson(const RtpParameters& parameters);

}  // namespace sfu::ortc
