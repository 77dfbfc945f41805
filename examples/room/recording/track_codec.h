// How each codec comes from RTP into a Matroska file, as it is.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

#include "matroska_file.h"

namespace room {

// What makes frames of a stream's packets, as a gst-launch-1.0 line; empty: that codec cannot be
// recorded. `mime_type`: as in RtpParameters.
std::string DepayloaderFor(const std::string& mime_type);

// What makes raw pictures or sounds of a stream's packets; empty: that codec is not known.
std::string DecoderFor(const std::string& mime_type);

// Loads the plugins that all these lines need, so that a recording begins at once. Throws
// std::runtime_error that names what is not there.
void LoadDepayloaders();

// The track for what such a line gives. Nothing: these caps are not known.
std::optional<MatroskaTrack> TrackFor(const GstCaps* caps, const std::string& name);

}  // namespace room
