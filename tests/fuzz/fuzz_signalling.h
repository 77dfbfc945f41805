// What the targets of gst/signalling share: a router that has nearly everything, and our end of a
// transport.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ortc/router_capabilities.h"
#include "ortc/supported_capabilities.h"
#include "signalling/sdp_answer.h"
#include "signalling/sdp_offer.h"

namespace sfu::signalling {

inline const ortc::RtpCapabilities& FuzzRouter() {
  static const ortc::RtpCapabilities router = [] {
    std::vector<ortc::RtpCodecCapability> codecs = ortc::SupportedRtpCapabilities().codecs;
    std::erase_if(codecs, [](const ortc::RtpCodecCapability& codec) {
      return codec.name == "CN" && codec.clock_rate != 8000;
    });
    return ortc::MakeRouterCapabilities(codecs).value();
  }();
  return router;
}

inline SdpLocalTransport FuzzTransport() {
  SdpLocalTransport local;
  local.ice = {"ourname1", "ourpassword0123456789012", true};
  local.candidates = {{"1", 1, "192.0.2.1", ortc::IceProtocol::kUdp, 4000}};
  local.dtls.fingerprints.push_back(
      {ortc::FingerprintAlgorithm::kSha256, std::vector<uint8_t>(32, 1)});
  return local;
}

}  // namespace sfu::signalling
