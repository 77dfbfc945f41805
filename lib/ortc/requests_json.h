// Requests from JSON, and answers to JSON, as mediasoup and mediasoup-client write them.
//
// An error names the whole path of the field below the object ("rtpParameters.codecs[1].clockRate:
// must be 1..1000000"), or `name` if the text as a whole is wrong. Members that a request does not
// have are not looked at.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ortc/requests.h"

namespace sfu::ortc {

// {kind, rtpParameters, id?, paused?, keyFrameRequestDelay?}
Result<ProduceRequest> ParseProduceRequest(std::string_view json,
                                           std::string_view name = "options");

// {producerId, rtpCapabilities, paused?, mid?, enableRtx?, ignoreDtx?, preferredLayers?,
// numbers?}, the last: "router" or "receiver"
Result<ConsumeRequest> ParseConsumeRequest(std::string_view json,
                                           std::string_view name = "options");

// {producerId, rtpCapabilities}
Result<CanConsumeRequest> ParseCanConsumeRequest(std::string_view json,
                                                 std::string_view name = "options");

// {ip?, port?, rtcpPort?, srtpParameters?}
Result<PlainConnectRequest> ParsePlainConnectRequest(std::string_view json,
                                                     std::string_view name = "options");

std::string ToJson(const ProduceAnswer& answer);
std::string ToJson(const ConsumeAnswer& answer);
std::string ToJson(const TransportTuple& tuple);
std::string ToJson(const SrtpKeyText& parameters);
std::string ToJson(const PlainTransportState& state);

}  // namespace sfu::ortc
