// The tracks of an offer: which of its sections send something, and in what order they are served.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ortc/rtp_capabilities.h"
#include "signalling/sdp_offer.h"

namespace sfu::signalling {

// Whether the offerer sends something there, be it in the bundle or not.
bool IsSent(const SdpMedia& section);

// Whether all that is sent can be taken (RFC 9725, section 4.4.3: all or nothing, for who sends
// wants to know what does not arrive), and anything is. The error names the section.
Status CheckPublished(const SdpOffer& offer, const ortc::RtpCapabilities& router);

// The usable sections of media in the order in which they find what they send or receive: pictures
// first.
std::vector<size_t> VideoFirst(const SdpOffer& offer);

// What a viewer's browser needs to know which streams belong together, unless their sender has said
// it. `track`: a token that no other track of the session has.
void NameStream(const std::string& track, ortc::RtpParameters* parameters);

}  // namespace sfu::signalling
