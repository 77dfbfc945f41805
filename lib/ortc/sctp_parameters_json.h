// SCTP objects from and to the JSON of mediasoup and mediasoup-client. An error names the whole
// path of the field; `name` is what it calls the object.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ortc/sctp_parameters.h"

namespace sfu::ortc {

Result<NumSctpStreams> ParseNumSctpStreams(std::string_view json,
                                           std::string_view name = "numStreams");
std::string ToJson(const NumSctpStreams& streams);

Result<SctpParameters> ParseSctpParameters(std::string_view json,
                                           std::string_view name = "sctpParameters");
std::string ToJson(const SctpParameters& parameters);

Result<SctpStreamParameters> ParseSctpStreamParameters(
    std::string_view json, std::string_view name = "sctpStreamParameters");
std::string ToJson(const SctpStreamParameters& parameters);

}  // namespace sfu::ortc
