// The checks of capabilities.
#include "ortc/rtp_capabilities.h"

#include <algorithm>

#include "ortc/field_path.h"
#include "ortc/h264_profile.h"
#include "ortc/limits.h"

namespace sfu::ortc {
namespace {

Status CheckPayloadTypes(const std::vector<RtpCodecCapability>& codecs, const std::string& list) {
  for (size_t i = 0; i < codecs.size(); ++i) {
    const std::optional<uint8_t> type = codecs[i].preferred_payload_type;
    if (!type) continue;
    const std::string field = At(list, i) + ".preferredPayloadType";
    if (*type > kMaxPayloadType) return Error{field, "must be 0..127"};
    for (size_t j = 0; j < i; ++j) {
      if (codecs[j].preferred_payload_type == type) {
        return Error{field, std::to_string(*type) + " is that of " + At(list, j) + " already"};
      }
    }
  }
  return OkStatus();
}

Status CheckRtx(const std::vector<RtpCodecCapability>& codecs, const std::string& list) {
  for (size_t i = 0; i < codecs.size(); ++i) {
    if (!codecs[i].IsRtx()) continue;
    const std::optional<uint8_t> apt = codecs[i].Apt();
    const bool found =
        apt && std::any_of(codecs.begin(), codecs.end(), [&](const RtpCodecCapability& codec) {
          return codec.preferred_payload_type == apt && !codec.IsRtx() &&
                 codec.kind == codecs[i].kind;
        });
    if (!found) {
      return Error{At(list, i) + ".parameters.apt", "must be the payload type of a media codec"};
    }
  }
  return OkStatus();
}

Status CheckExtensions(const std::vector<RtpHeaderExtension>& extensions, const std::string& list) {
  for (size_t i = 0; i < extensions.size(); ++i) {
    const RtpHeaderExtension& extension = extensions[i];
    if (extension.uri.empty()) return Error{At(list, i) + ".uri", "must not be empty"};
    if (extension.preferred_id == 0) return Error{At(list, i) + ".preferredId", "must be 1..255"};
    for (size_t j = 0; j < i; ++j) {
      if (extensions[j].kind == extension.kind &&
          extensions[j].preferred_id == extension.preferred_id &&
          extensions[j].uri != extension.uri) {
        return Error{At(list, i) + ".preferredId", std::to_string(extension.preferred_id) +
                                                       " is that of " + At(list, j) + " already"};
      }
    }
  }
  return OkStatus();
}

}  // namespace

Status CheckCodec(const CodecDescription& codec, const std::string& field) {
  if (codec.name.empty()) return Error{field + ".mimeType", "names no codec"};
  if (codec.clock_rate == 0 || codec.clock_rate > kMaxClockRate) {
    return Error{field + ".clockRate", "must be 1.." + std::to_string(kMaxClockRate)};
  }
  if (codec.kind == MediaKind::kAudio && codec.channels == 0) {
    return Error{field + ".channels", "must be 1..255"};
  }
  if (CodecIdFromName(codec.name) == CodecId::kH264 &&
      !H264ProfileLevel::FromParameters(codec.parameters)) {
    return Error{field + ".parameters.profile-level-id", "is no profile and level of H264"};
  }
  return OkStatus();
}

Status CheckRtpCapabilities(const RtpCapabilities& capabilities, const std::string& name) {
  const std::string codecs = name + ".codecs";
  for (size_t i = 0; i < capabilities.codecs.size(); ++i) {
    Status status = CheckCodec(capabilities.codecs[i], At(codecs, i));
    if (!status) return status;
  }
  Status status = CheckPayloadTypes(capabilities.codecs, codecs);
  if (status) status = CheckRtx(capabilities.codecs, codecs);
  if (status) status = CheckExtensions(capabilities.header_extensions, name + ".headerExtensions");
  return status;
}

}  // namespace sfu::ortc
