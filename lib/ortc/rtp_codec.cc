// Names of codecs.
#include "ortc/rtp_codec.h"

#include "base/ascii.h"
#include "ortc/limits.h"

namespace sfu::ortc {

std::string MediaKindName(MediaKind kind) { return kind == MediaKind::kAudio ? "audio" : "video"; }

std::string CodecDescription::MimeType() const { return MediaKindName(kind) + "/" + name; }

bool CodecDescription::IsRtx() const { return EqualsIgnoringAsciiCase(name, "rtx"); }

std::optional<uint8_t> CodecDescription::Apt() const {
  const std::optional<int64_t> apt = parameters.Integer("apt");
  if (!apt || *apt < 0 || *apt > kMaxPayloadType) return std::nullopt;
  return static_cast<uint8_t>(*apt);
}

}  // namespace sfu::ortc
