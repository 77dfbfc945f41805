// The log: one line of JSON on standard error for each thing that happened.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace room {

// {"time":…,"event":EVENT, …FIELDS}. `fields` is an object.
void Log(std::string_view event, const nlohmann::json& fields);

}  // namespace room
