// IceParameters, IceCandidate and DtlsParameters from and to the JSON of mediasoup and
// mediasoup-client. An error names the whole path of the field; `name` is what it calls the object.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ortc/transport_parameters.h"

namespace sfu::ortc {

Result<IceParameters> ParseIceParameters(std::string_view json,
                                         std::string_view name = "iceParameters");
std::string ToJson(const IceParameters& parameters);

Result<IceCandidate> ParseIceCandidate(std::string_view json,
                                       std::string_view name = "iceCandidate");
std::string ToJson(const IceCandidate& candidate);

// An array, empty or not.
Result<std::vector<IceCandidate>> ParseIceCandidates(std::string_view json,
                                                     std::string_view name = "iceCandidates");
std::string ToJson(const std::vector<IceCandidate>& candidates);

Result<DtlsParameters> ParseDtlsParameters(std::string_view json,
                                           std::string_view name = "dtlsParameters");
// What the peer has told of itself. The last two are for a full agent, which dials it.
struct WebRtcConnectRequest {
  DtlsParameters dtls;
  std::optional<IceParameters> ice;
  std::vector<IceCandidate> candidates;
};
// The argument of mediasoup's WebRtcTransport.connect(), and more: {dtlsParameters, iceParameters?,
// iceCandidates?}; DtlsParameters alone are understood, too.
Result<WebRtcConnectRequest> ParseWebRtcConnect(std::string_view json,
                                                std::string_view name = "options");
std::string ToJson(const DtlsParameters& parameters);

}  // namespace sfu::ortc
