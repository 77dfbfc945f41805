// From negotiated parameters to the short forms that the stations of lib/ work with, and back.
//
// A Producer's transport makes a receiver of each stream (RtpReceiverOptions has the same codec,
// ssrc and rtx_ssrc), a Consumer's a sender (RtpSenderOptions likewise). A Router's ProducerOptions
// takes the codec, its ConsumerOptions the ssrc and codec.payload_type.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "ortc/rtp_parameters.h"
#include "rtp/codec.h"
#include "rtp/sequence.h"

namespace sfu::ortc {

// One RTP stream, with its retransmissions.
struct StreamDescription {
  RtpCodec codec;
  Ssrc ssrc = 0;      // 0: not known; found by rid, mid or payload type
  Ssrc rtx_ssrc = 0;  // 0: not known
  std::string rid;    // may be empty
};

// The stream of parameters.encodings[encoding]. Errors: no such encoding, no media codec.
Result<StreamDescription> DescribeStream(const RtpParameters& parameters, size_t encoding);

// The parameters of one stream of which nothing else is known: of a pad whose caps say it all.
RtpParameters ParametersOf(const StreamDescription& stream);

// The id of each extension that libsfu acts on, at the place of its ExtensionType; 0: none.
using ExtensionIds = std::array<uint8_t, static_cast<size_t>(ExtensionType::kCount)>;
ExtensionIds ExtensionIdsOf(const std::vector<RtpHeaderExtensionParameters>& extensions);

// Feedback that libsfu does not know is left off.
::sfu::RtcpFeedback ToFeedbackFlags(const std::vector<RtcpFeedback>& feedback);
std::vector<RtcpFeedback> FromFeedbackFlags(const ::sfu::RtcpFeedback& flags);

}  // namespace sfu::ortc
