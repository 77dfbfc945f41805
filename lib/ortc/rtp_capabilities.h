// What somebody can receive: mediasoup's RtpCapabilities.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ortc/rtp_codec.h"
#include "ortc/rtp_header_extension.h"

namespace sfu::ortc {

struct RtpCapabilities {
  std::vector<RtpCodecCapability> codecs;  // media and RTX, in order of preference
  std::vector<RtpHeaderExtension> header_extensions;

  bool operator==(const RtpCapabilities&) const = default;
};

// What no capabilities may have: a payload type that means two codecs, RTX of nothing, an extension
// id that means two extensions of one kind of media, values out of range. `name` is what errors
// call the object.
Status CheckRtpCapabilities(const RtpCapabilities& capabilities,
                            const std::string& name = "rtpCapabilities");

// The checks of one codec by itself; `field` is what errors call it.
Status CheckCodec(const CodecDescription& codec, const std::string& field);

}  // namespace sfu::ortc
