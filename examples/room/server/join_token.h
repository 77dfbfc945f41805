// Join tokens: who has one may enter one room until it expires. A token is signed with
// HMAC-SHA256 by a key that only its maker and the server know:
//   base64url({"expires":UNIX_SECONDS,"room":NAME}) "." base64url(signature)
// Knows no GStreamer and no network.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace room {

constexpr size_t kMaxToken = 512;               // bytes of text
constexpr size_t kMinKey = 16, kMaxKey = 4096;  // bytes

// What a token is for that opens the REST API of all rooms, and of the server. No room is called
// so.
constexpr char kAllRooms[] = "*";

// A token for `room` until `expires`, in seconds since 1970.
std::string MakeToken(std::string_view key, std::string_view room, int64_t expires);

// Why `token` does not open `room` at `now`, in plain words; empty if it does.
std::string RefuseToken(std::string_view key, std::string_view token, std::string_view room,
                        int64_t now);

// The key in a file, without the end of its last line. Throws std::runtime_error.
std::string ReadKey(const std::string& file);

}  // namespace room
