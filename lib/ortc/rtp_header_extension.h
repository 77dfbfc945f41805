// RTP header extensions (RFC 8285) as ORTC names them, and how their URIs belong to the extensions
// that libsfu acts on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ortc/format_parameters.h"
#include "rtp/codec.h"

namespace sfu::ortc {

// Seen from who has the capability. Endpoints' own values are not looked at, as in mediasoup.
enum class ExtensionDirection : uint8_t { kSendRecv, kSendOnly, kRecvOnly, kInactive };

// In capabilities.
struct RtpHeaderExtension {
  MediaKind kind = MediaKind::kAudio;
  std::string uri;
  uint8_t preferred_id = 0;        // 1..255
  bool preferred_encrypt = false;  // RFC 6904; never used
  ExtensionDirection direction = ExtensionDirection::kSendRecv;

  bool operator==(const RtpHeaderExtension&) const = default;
};

// In parameters.
struct RtpHeaderExtensionParameters {
  std::string uri;
  uint8_t id = 0;  // 1..255
  bool encrypt = false;
  FormatParameters parameters;

  bool operator==(const RtpHeaderExtensionParameters&) const = default;
};

// Nothing for an extension that libsfu does not know.
std::optional<ExtensionType> ExtensionTypeFromUri(std::string_view uri);
// Empty for kCount.
std::string_view ExtensionUri(ExtensionType type);

}  // namespace sfu::ortc
