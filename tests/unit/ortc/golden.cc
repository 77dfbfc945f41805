// Reading golden/.
#include "golden.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "ortc/rtp_capabilities_json.h"
#include "ortc/rtp_parameters_json.h"

namespace sfu::ortc {
namespace {

template <typename T>
T Valid(Result<T> result, const std::string& name) {
  if (result) return std::move(result).value();
  ADD_FAILURE() << name << ": " << result.error().ToString();
  return {};
}

}  // namespace

std::string GoldenText(const std::string& name) {
  std::ifstream file(std::string(ORTC_GOLDEN_DIR) + "/" + name + ".json");
  if (!file) ADD_FAILURE() << "no " << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

RtpCapabilities GoldenCapabilities(const std::string& name) {
  return Valid(ParseRtpCapabilities(GoldenText(name)), name);
}

RtpParameters GoldenParameters(const std::string& name) {
  return Valid(ParseRtpParameters(GoldenText(name)), name);
}

std::vector<RtpCodecCapability> GoldenMediaCodecs() {
  return Valid(ParseMediaCodecs(GoldenText("media_codecs")), "media_codecs");
}

RtpCapabilities GoldenRouter() { return GoldenCapabilities("router_capabilities"); }

}  // namespace sfu::ortc
