// How errors name a field: "rtpParameters.codecs[1].payloadType".
#pragma once

#include <cstddef>
#include <string>

namespace sfu::ortc {

// "codecs", 1 -> "codecs[1]".
inline std::string At(const std::string& list, size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

}  // namespace sfu::ortc
