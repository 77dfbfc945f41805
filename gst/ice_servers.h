// STUN and TURN servers as URIs, in the form that webrtcbin takes: stun://HOST[:PORT] and
// turn://USER:PASSWORD@HOST[:PORT][?transport=udp|tcp].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/socket_address.h"
#include "net/nice_ice_session.h"

namespace sfu::gst {

// A comma-separated list; spaces around entries do not count.
std::vector<std::string> SplitList(std::string_view text);

// Errors name the property: "stun-server", "turn-server". Host names are looked up, on the calling
// thread.
Result<SocketAddress> ParseStunServer(const std::string& uri);
// Separated by commas; none if the text is empty.
Result<std::vector<TurnServer>> ParseTurnServers(const std::string& uris);

}  // namespace sfu::gst
