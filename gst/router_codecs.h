// The codecs of one Router: what may be produced and consumed in it.
#pragma once

#include <gst/gst.h>

#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "ortc/producer_parameters.h"
#include "ortc/router_capabilities.h"

namespace sfu::gst {

// What a Router has unless it is told otherwise, as the JSON of an array of RtpCodecCapability:
// Opus, the telephone's codecs, VP8, VP9, H264, AV1 and H265.
const std::string& DefaultMediaCodecs();
// The capabilities that come of them.
const ortc::RtpCapabilities& DefaultCapabilities();

// Any thread.
class RouterCodecs {
 public:
  RouterCodecs();

  ortc::RtpCapabilities capabilities() const;
  // The codecs as they were given.
  std::string media_codecs() const;

  // The codecs of the Router, once: the error says that another face has set others.
  Status Set(const std::string& media_codecs);
  // mediasoup's updateMediaCodecs(): what is produced and consumed from now on goes by these.
  Status Update(const std::string& media_codecs);

  // A Producer of which its caps say all that is known. The error says why it has no Consumers.
  Result<ortc::ProducerDescription> Describe(const GstCaps* caps) const;

 private:
  Status UpdateLocked(const std::string& media_codecs);

  mutable std::mutex mutex_;
  std::string media_codecs_ = DefaultMediaCodecs();
  bool set_ = false;
  ortc::RtpCapabilities capabilities_;
};

// The capabilities of a Router of these codecs. The error names the field.
Result<ortc::RtpCapabilities> CapabilitiesOf(const std::string& media_codecs);

}  // namespace sfu::gst
