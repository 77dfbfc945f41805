// What sfuwhip tells the application of an offer, and what that answers: mediasoup's objects, as
// JSON. Errors of answers name the field.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ortc/rtp_capabilities.h"
#include "signalling/sdp_offer.h"
#include "signalling/whip_endpoint.h"

namespace sfu::signalling {

// {iceParameters, dtlsParameters, media: [null | {mid, kind, rtpParameters | rtpCapabilities}]}:
// an entry for each section of the offer, null where there is nothing for this role. Who publishes
// sends `rtpParameters`, by what `router` takes, if it takes it; who watches receives
// `rtpCapabilities`.
std::string OfferJson(const SdpOffer& offer, SessionRole role, const ortc::RtpCapabilities& router);

// {iceParameters, iceCandidates, dtlsParameters, media: [null | {rtpParameters}]}, with an entry
// for each section of the offer, or {fault: "unusable" | "nothing-yet" | "unavailable", reason}.
Result<SessionHost::Opened> ParseOpened(std::string_view json, SessionRole role,
                                        const SdpOffer& offer);

// Our end: {iceParameters, iceCandidates, dtlsParameters}.
Result<SdpLocalTransport> ParseLocalTransport(std::string_view json);

}  // namespace sfu::signalling
