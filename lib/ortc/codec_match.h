// When two descriptions mean the same codec.
#pragma once

#include "ortc/rtp_codec.h"

namespace sfu::ortc {

enum class CodecMatch : uint8_t {
  // The same codec at the same clock rate and number of channels (and the same streams of
  // multiopus): what the router must support at all.
  kCodec,
  // And of the same format, so that what one sends the other can decode: H264's profile and
  // packetization-mode, VP9's and AV1's profile, H265's profile, tier and transmission mode.
  kFormat,
};

// Symmetric. RTX matches any RTX of its clock rate; whose it is tells Apt().
bool CodecsMatch(const CodecDescription& a, const CodecDescription& b, CodecMatch match);

}  // namespace sfu::ortc
