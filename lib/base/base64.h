// Base64 (RFC 4648, section 4), as keys and fingerprints come in signalling.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace sfu {

// With padding, without line breaks.
std::string Base64Encode(ByteView bytes);

// Strict: nothing for characters outside the alphabet, a length that no encoder produces, or bits
// set behind the last byte. The padding may be left off.
std::optional<std::vector<uint8_t>> Base64Decode(std::string_view text);

}  // namespace sfu
