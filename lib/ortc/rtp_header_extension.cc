// The table of URIs.
#include "ortc/rtp_header_extension.h"

#include <array>
#include <cstddef>

#include "rtp/extension_values.h"

namespace sfu::ortc {
namespace {

// In the order of ExtensionType.
constexpr std::array<std::string_view, static_cast<size_t>(ExtensionType::kCount)> kUris = {
    kMidUri,
    kRidUri,
    kRepairedRidUri,
    AbsSendTime::kUri,
    TransportSequence::kUri,
    AudioLevel::kUri,
    kDependencyDescriptorUri,
    VideoOrientation::kUri,
    TransmissionOffset::kUri,
    AbsCaptureTime::kUri,
    PlayoutDelay::kUri,
};

}  // namespace

std::optional<ExtensionType> ExtensionTypeFromUri(std::string_view uri) {
  for (size_t i = 0; i < kUris.size(); ++i) {
    if (kUris[i] == uri) return static_cast<ExtensionType>(i);
  }
  return std::nullopt;
}

std::string_view ExtensionUri(ExtensionType type) {
  const auto index = static_cast<size_t>(type);
  return index < kUris.size() ? kUris[index] : std::string_view();
}

}  // namespace sfu::ortc
