// A certificate for who has none.
#pragma once

#include <string>

namespace room {

// A new key and a certificate for it, good for a year, both as PEM text. Throws std::runtime_error.
std::string MakeSelfSigned();

}  // namespace room
