// The fragments of SDP that a PATCH carries (RFC 8840, section 9; application/trickle-ice-sdpfrag):
// candidates that were found later, and new ICE credentials for a restart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ortc/transport_parameters.h"

namespace sfu::signalling {

struct SdpFragment {
  // Both empty, or both set.
  ortc::IceParameters ice;
  std::vector<ortc::IceCandidate> candidates;
  bool end_of_candidates = false;
};

// Errors name the line or attribute, below "sdp".
Result<SdpFragment> ParseSdpFragment(std::string_view text);

// What answers an ICE restart. `mid`: of the section whose transport all share.
std::string MakeSdpFragment(const SdpFragment& fragment, const std::string& mid);

}  // namespace sfu::signalling
