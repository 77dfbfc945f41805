// JSON text to values and back, with bounds on what a text may hold. Nothing here throws.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sfu::ortc {

using Json = nlohmann::json;

// Parses a text of at most kMaxJsonBytes, kMaxJsonDepth and kMaxJsonValues (RFC 8259, UTF-8). Of
// members of one name the last counts, as in JavaScript. `name` is what errors call the object.
Result<Json> ParseBoundedJson(std::string_view text, std::string_view name);

// One line. Bytes that are no UTF-8 become U+FFFD.
std::string JsonText(const Json& json);

}  // namespace sfu::ortc
