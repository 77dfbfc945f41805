// The names of sessions.
#pragma once

#include <string>

namespace sfu::signalling {

// 128 bits, as hexadecimal digits, that nobody can guess: who knows them may end the session. Empty
// where there is no randomness at all; then there are no keys for media either.
std::string NewSessionId();

}  // namespace sfu::signalling
