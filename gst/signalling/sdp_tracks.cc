#include "signalling/sdp_tracks.h"

namespace sfu::signalling {

bool IsSent(const SdpMedia& section) {
  return section.rtp && !section.rejected && Sends(section.direction);
}

Status CheckPublished(const SdpOffer& offer, const ortc::RtpCapabilities& router) {
  bool any = false;
  for (const SdpMedia& section : offer.media) {
    if (!IsSent(section)) continue;
    if (!section.usable) return Error{section.transport.name(), "is not in the bundle"};
    const auto parameters = section.Sendable(router);
    if (!parameters) return parameters.error();
    any = true;
  }
  if (!any) return Error{"sdp", "publishes nothing"};
  return OkStatus();
}

std::vector<size_t> VideoFirst(const SdpOffer& offer) {
  std::vector<size_t> order;
  for (const MediaKind kind : {MediaKind::kVideo, MediaKind::kAudio}) {
    for (size_t i = 0; i < offer.media.size(); ++i) {
      if (offer.media[i].usable && offer.media[i].kind == kind) order.push_back(i);
    }
  }
  return order;
}

void NameStream(const std::string& track, ortc::RtpParameters* parameters) {
  // "-" is no stream (RFC 8830, section 2); pages that watch look for one.
  const std::string& msid = parameters->msid;
  if (msid.empty() || msid.starts_with("- ")) parameters->msid = "sfuserver " + track;
  if (parameters->rtcp.cname.empty()) parameters->rtcp.cname = "sfuserver";
}

}  // namespace sfu::signalling
