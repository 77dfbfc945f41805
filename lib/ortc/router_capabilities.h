// What a Router can receive: made of the application's list of media codecs.
#pragma once

#include <vector>

#include "base/result.h"
#include "ortc/rtp_capabilities.h"

namespace sfu::ortc {

// mediasoup's rules. Codecs keep their order. A payload type is the one that the application
// prefers, else the static one of the codec, else the next free of 100..127, 96..99. Each video
// codec is followed by RTX. The application's parameters are added to those of the supported codec;
// its RTCP feedback is not looked at, the supported is used.
//
// An error names the field: an unsupported codec, a payload type that is taken, or in 64..95, where
// it could not be told from RTCP (RFC 5761, section 4), no free payload type left.
Result<RtpCapabilities> MakeRouterCapabilities(const std::vector<RtpCodecCapability>& media_codecs,
                                               const std::string& name = "mediaCodecs");

// A Router's capabilities over time.
class RouterCapabilities {
 public:
  // Without codecs, until Update().
  RouterCapabilities();

  const RtpCapabilities& current() const { return current_; }
  // mediasoup's updateMediaCodecs: what is produced and consumed from now on uses these. After an
  // error nothing has changed.
  Status Update(const std::vector<RtpCodecCapability>& media_codecs);

 private:
  RtpCapabilities current_;
};

}  // namespace sfu::ortc
