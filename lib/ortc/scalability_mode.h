// How many layers a stream has, as WebRTC writes it: "L1T3", "S3T2", "L3T3_KEY".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sfu::ortc {

struct ScalabilityMode {
  int spatial_layers = 1;   // 1..kMaxLayers
  int temporal_layers = 1;  // 1..kMaxLayers
  // Spatial layers depend on each other at key frames only (k-SVC).
  bool ksvc = false;

  bool operator==(const ScalabilityMode&) const = default;
};

// Reads the modes of the W3C's "Scalable Video Coding (SVC) Extension for WebRTC". Suffixes other
// than _KEY ("h", "_KEY_SHIFT") change nothing here. Nothing for other texts.
std::optional<ScalabilityMode> ParseScalabilityMode(std::string_view text);

// "L3T2": the mode that a receiver of one of several streams is told.
std::string LayersText(int spatial_layers, int temporal_layers);

}  // namespace sfu::ortc
