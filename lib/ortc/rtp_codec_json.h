// Codecs and "fmtp" parameters from and to JSON. For the other *_json files.
#pragma once

#include "ortc/field_json.h"
#include "ortc/rtp_codec.h"

namespace sfu::ortc {

FormatParameters ReadFormatParameters(const JsonField& field);
Json WriteFormatParameters(const FormatParameters& parameters);

// mimeType, clockRate, channels, parameters and rtcpFeedback. `kind`, which capabilities have, is
// not looked at, for mimeType says it, as in mediasoup.
CodecDescription ReadCodecDescription(const JsonField& field);
Json WriteCodecDescription(const CodecDescription& codec);

// "kind" of capabilities and extensions.
MediaKind ReadMediaKind(const JsonField& field);

}  // namespace sfu::ortc
