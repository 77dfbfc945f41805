#include "rendition.h"

#include <algorithm>
#include <cmath>

namespace room {
namespace {

constexpr int kMinBitrate = 100;  // kbit/s
constexpr int kMaxBitrate = 10'000;

[[noreturn]] void Refuse(const std::string& reason) {
  throw RequestError("invalid", "renditions", reason);
}

int Number(const Json& object, const char* name, int least, int most) {
  const Json& value = object.at(name);
  if (value.is_number_integer() && value >= least && value <= most) return value.get<int>();
  Refuse(std::string(name) + " must be a whole number of " + std::to_string(least) + " to " +
         std::to_string(most));
}

Rendition ParseOne(const Json& json) {
  if (!json.is_object() || !json.contains("height")) Refuse("each needs a height");
  Rendition rendition;
  const Rendition full;
  rendition.height = Number(json, "height", kMinHeight, kMaxHeight);
  if (rendition.height % 2 != 0) Refuse("heights must be even");
  rendition.width = (rendition.height * full.width / full.height + 1) / 2 * 2;
  // Small pictures need more for each of their pixels.
  const double scale = std::pow(static_cast<double>(rendition.height) / full.height, 1.5);
  rendition.bitrate = json.contains("bitrate") ? Number(json, "bitrate", kMinBitrate, kMaxBitrate)
                                               : static_cast<int>(full.bitrate * scale);
  return rendition;
}

}  // namespace

int Rendition::bandwidth() const {
  // The encoder may spend 0.6 s ahead, and a segment is a second long. Packets of the transport
  // stream add less than a tenth to pictures, and about a sixth to sounds.
  constexpr double kPicture = 1.6 * 1.1 * 1000;
  constexpr double kSound = 1.2;
  return static_cast<int>(bitrate * kPicture + kSoundBitrate * kSound);
}

std::vector<Rendition> ParseRenditions(const Json& renditions) {
  if (!renditions.is_array() || renditions.empty() || renditions.size() > kMaxRenditions) {
    Refuse("must be an array of 1 to " + std::to_string(kMaxRenditions));
  }
  std::vector<Rendition> parsed;
  for (const Json& json : renditions) {
    const Rendition rendition = ParseOne(json);
    const bool twice = std::ranges::any_of(
        parsed, [&](const Rendition& one) { return one.height == rendition.height; });
    if (twice) Refuse("each needs a height of its own");
    parsed.push_back(rendition);
  }
  return parsed;
}

std::string MultivariantPlaylist(const std::vector<Variant>& variants) {
  std::string text = "#EXTM3U\n#EXT-X-VERSION:3\n";
  for (const auto& [rendition, codec, playlist] : variants) {
    const std::string size = std::to_string(rendition.width) + "x";
    text.append("#EXT-X-STREAM-INF:BANDWIDTH=").append(std::to_string(rendition.bandwidth()));
    text.append(",RESOLUTION=").append(size).append(std::to_string(rendition.height));
    text.append(",CODECS=\"").append(codec).append(",mp4a.40.2\"\n").append(playlist).append("\n");
  }
  return text;
}

}  // namespace room
