// A Consumer: what a receiver gets of a Producer, by what it can receive.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "ortc/rtp_capabilities.h"
#include "ortc/rtp_parameters.h"

namespace sfu::ortc {

// mediasoup's canConsume(): whether the receiver has a codec of the Producer. `consumable` is that
// of its ProducerDescription.
bool CanConsume(const RtpParameters& consumable, const RtpCapabilities& receiver);

// Whose payload types and extension ids a Consumer uses.
enum class ConsumerNumbers : uint8_t {
  // The Router's, as in mediasoup: mediasoup-client tells its browser about them. Extensions match
  // by URI and id.
  kRouter,
  // The receiver's, for one that made an offer of its own (WHEP). Extensions match by URI.
  kReceiver,
};

struct ConsumerOptions {
  std::string mid;  // see MidSource; empty: none
  // RTX and generic NACK. mediasoup's default is true for video, false for audio.
  bool enable_rtx = true;
  // All streams of the Producer rather than one that is switched between them.
  bool all_encodings = false;
  ConsumerNumbers numbers = ConsumerNumbers::kRouter;
};

// mediasoup's consume(). Codecs are those of the Producer that the receiver has, each with the RTCP
// feedback that both know; RTX where the receiver has RTX of that codec. Bandwidth is estimated
// from transport-wide numbers if that extension is negotiated, else by REMB if abs-send-time is,
// else not; the feedback says so. `random` draws the SSRCs; RTX has that of its stream + 1, or with
// all encodings a row of its own. The error names "rtpCapabilities.codecs" if no codec matches.
Result<RtpParameters> MakeConsumerParameters(const RtpParameters& consumable,
                                             const RtpCapabilities& receiver,
                                             const ConsumerOptions& options, Random* random);

// What another Router gets: all streams, all codecs, nothing to estimate bandwidth by, and for
// video the dependency descriptor, so that layers can be chosen there. RTX and NACK if
// `enable_rtx`.
RtpParameters MakePipeConsumerParameters(const RtpParameters& consumable, bool enable_rtx,
                                         Random* random);

// The MIDs of a transport's Consumers: "0", "1" … as mediasoup counts them.
class MidSource {
 public:
  // At most 8 digits; begins anew after 100,000,000.
  std::string Next();

 private:
  uint32_t next_ = 0;
};

}  // namespace sfu::ortc
