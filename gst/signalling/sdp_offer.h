// A browser's offer (RFC 8829, RFC 3264), as WHIP and WHEP clients POST it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ortc/transport_parameters.h"
#include "signalling/sdp_media.h"

namespace sfu::signalling {

struct SdpOffer {
  // Of the offerer's one transport. `dtls.role` is what the offerer will be; kAuto: what we leave.
  ortc::IceParameters ice;
  std::vector<ortc::IceCandidate> candidates;
  bool end_of_candidates = false;
  ortc::DtlsParameters dtls;

  std::vector<SdpMedia> media;  // in the order of the offer; an answer has the same
  // Of the section whose transport all others share (the BUNDLE tag, RFC 9143, section 7.1).
  size_t tagged = 0;
  bool bundled = false;  // there is a group
  bool mixed_extensions = false;
};

// All media must be bundled, with rtcp-mux; without a group there may be one section only. An error
// names the line or attribute: "sdp.media[1].rtpmap: has payload type 96 twice".
Result<SdpOffer> ParseSdpOffer(std::string_view text);

}  // namespace sfu::signalling
