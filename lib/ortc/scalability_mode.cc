// Reading and writing scalability modes.
#include "ortc/scalability_mode.h"

#include <algorithm>

#include "ortc/limits.h"

namespace sfu::ortc {
namespace {

// Takes a number of layers off the front of `text`.
std::optional<int> TakeLayers(std::string_view* text) {
  if (text->empty() || text->front() < '1' || text->front() > '0' + kMaxLayers) return std::nullopt;
  const int layers = text->front() - '0';
  text->remove_prefix(1);
  return layers;
}

bool IsSuffix(std::string_view text) {
  if (text.empty()) return true;
  return (text.front() == '_' || text.front() == 'h') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

}  // namespace

std::optional<ScalabilityMode> ParseScalabilityMode(std::string_view text) {
  if (text.empty() || (text.front() != 'L' && text.front() != 'S')) return std::nullopt;
  text.remove_prefix(1);
  const std::optional<int> spatial = TakeLayers(&text);
  if (!spatial || text.empty() || text.front() != 'T') return std::nullopt;
  text.remove_prefix(1);
  const std::optional<int> temporal = TakeLayers(&text);
  if (!temporal || !IsSuffix(text)) return std::nullopt;
  return ScalabilityMode{*spatial, *temporal, text.starts_with("_KEY")};
}

std::string LayersText(int spatial_layers, int temporal_layers) {
  std::string text = "L";
  text.append(std::to_string(spatial_layers)).append("T").append(std::to_string(temporal_layers));
  return text;
}

}  // namespace sfu::ortc
