// Between ORTC's RtpParameters and caps (application/x-rtp).
#pragma once

#include <gst/gst.h>

#include <cstddef>

#include "base/result.h"
#include "gst_ref.h"
#include "ortc/rtp_parameters.h"

namespace sfu::gst {

// The stream of parameters.encodings[encoding] as caps: media, encoding-name, payload, clock-rate,
// encoding-params, ssrc if it is known, rtcp-fb-*, extmap-* and the codec's parameters. Null if
// there is no such encoding, or no codec of it.
CapsRef CapsOfStream(const ortc::RtpParameters& parameters, size_t encoding);

// What caps say of a stream, for one that nobody negotiated: codec, its parameters, feedback,
// header extensions, SSRC. The error names the field of the caps.
Result<ortc::RtpParameters> ParametersOfCaps(const GstCaps* caps);

}  // namespace sfu::gst
