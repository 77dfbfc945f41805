// In which sizes a room is broadcast, and the playlist that names them all (RFC 8216, section
// 4.3.4). Knows no GStreamer.
#pragma once

#include <string>
#include <vector>

#include "../server/protocol.h"

namespace room {

struct Rendition {
  int width = 1280;  // even, as the height
  int height = 720;
  int bitrate = 2500;  // kbit/s of the picture

  // What it needs at most, of a segment's length: bit/s with the sound and the wrapping.
  int bandwidth() const;
};

constexpr int kSoundBitrate = 128'000;  // bit/s
constexpr size_t kMaxRenditions = 4;
constexpr int kMinHeight = 90;
constexpr int kMaxHeight = 720;

// Reads [{"height": 720}, …], one of which may have a `bitrate` in kbit/s, too. Throws
// RequestError.
std::vector<Rendition> ParseRenditions(const Json& renditions);

struct Variant {
  Rendition rendition;
  std::string codec;     // of its picture (RFC 6381)
  std::string playlist;  // its name
};
std::string MultivariantPlaylist(const std::vector<Variant>& variants);

}  // namespace room
