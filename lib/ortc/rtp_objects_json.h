// RtpParameters and RtpCapabilities as parts of larger objects. For the other *_json
// files.
//
// Readers also check what the whole may not have.
#pragma once

#include "ortc/field_json.h"
#include "ortc/rtp_capabilities.h"
#include "ortc/rtp_parameters.h"

namespace sfu::ortc {

RtpParameters ReadRtpParameters(const JsonField& field);
Json WriteRtpParameters(const RtpParameters& parameters);

RtpCapabilities ReadRtpCapabilities(const JsonField& field);

}  // namespace sfu::ortc
