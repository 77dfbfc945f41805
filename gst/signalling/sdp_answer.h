// The answer to an offer (RFC 8829, section 5.3), and the description of ourselves in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ortc/rtp_parameters.h"
#include "ortc/transport_parameters.h"
#include "signalling/sdp_offer.h"

namespace sfu::signalling {

// Our end of the one transport. `dtls.role` is ours: kClient answers "active", all else "passive".
struct SdpLocalTransport {
  ortc::IceParameters ice;
  std::vector<ortc::IceCandidate> candidates;  // all there are
  ortc::DtlsParameters dtls;
};

// What we are in DTLS, when that is what the offerer will be: the server, if it is left to us.
constexpr ortc::DtlsRole AnsweringRole(ortc::DtlsRole offerer) {
  return offerer == ortc::DtlsRole::kServer ? ortc::DtlsRole::kClient : ortc::DtlsRole::kServer;
}

// What the offerer will be in DTLS: who leaves it to us is the client, for so our answer says.
ortc::DtlsParameters OffererDtls(const SdpOffer& offer);

// What becomes of one section. Unset: nothing.
struct SdpAnswerMedia {
  // We receive (WHIP): the offerer sends just this. Else we send just this (WHEP).
  bool receive = false;
  ortc::RtpParameters parameters;
};

// `media` has an entry for each section of the offer, set only for usable ones. What is not
// answered is refused by port 0 (RFC 3264, section 6), but for the tagged section: with it browsers
// lose the transport of all, so it becomes inactive. `session_id`: a number that no other answer of
// ours has, below 2^63 (RFC 8829, section 5.2.1).
std::string MakeSdpAnswer(const SdpOffer& offer, const SdpLocalTransport& local,
                          const std::vector<std::optional<SdpAnswerMedia>>& media,
                          uint64_t session_id);

}  // namespace sfu::signalling
