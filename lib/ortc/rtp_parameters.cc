// The checks of parameters.
#include "ortc/rtp_parameters.h"

#include <algorithm>
#include <set>

#include "ortc/field_path.h"
#include "ortc/limits.h"
#include "ortc/rtp_capabilities.h"
#include "ortc/scalability_mode.h"
#include "rtp/extension_values.h"

namespace sfu::ortc {
namespace {

bool IsRid(const std::string& rid) {
  return rid.size() <= kMaxRidSize && ParseRid(TextBytes(rid)) == rid;
}

const RtpCodecParameters* FindCodec(const std::vector<RtpCodecParameters>& codecs, uint8_t type) {
  const auto found =
      std::find_if(codecs.begin(), codecs.end(),
                   [&](const RtpCodecParameters& codec) { return codec.payload_type == type; });
  return found == codecs.end() ? nullptr : &*found;
}

Status CheckRtxCodec(const std::vector<RtpCodecParameters>& codecs, size_t index,
                     const std::string& list) {
  const std::string field = At(list, index) + ".parameters.apt";
  const std::optional<uint8_t> apt = codecs[index].Apt();
  const RtpCodecParameters* media = apt ? FindCodec(codecs, *apt) : nullptr;
  if (media == nullptr || media->IsRtx()) {
    return Error{field, "must be the payload type of a media codec"};
  }
  for (size_t j = 0; j < index; ++j) {
    if (codecs[j].IsRtx() && codecs[j].Apt() == apt) {
      return Error{field, std::to_string(*apt) + " has RTX by " + At(list, j) + " already"};
    }
  }
  return OkStatus();
}

Status CheckCodecs(const std::vector<RtpCodecParameters>& codecs, const std::string& list) {
  std::set<uint8_t> types;
  for (size_t i = 0; i < codecs.size(); ++i) {
    Status status = CheckCodec(codecs[i], At(list, i));
    if (!status) return status;
    if (codecs[i].kind != codecs[0].kind) {
      return Error{At(list, i) + ".mimeType", "must be of the same kind as the first codec"};
    }
    const uint8_t type = codecs[i].payload_type;
    const std::string field = At(list, i) + ".payloadType";
    if (type > kMaxPayloadType) return Error{field, "must be 0..127"};
    if (!types.insert(type).second) {
      return Error{field, std::to_string(type) + " is that of another codec already"};
    }
  }
  bool media = false;
  for (size_t i = 0; i < codecs.size(); ++i) {
    if (!codecs[i].IsRtx()) {
      media = true;
      continue;
    }
    Status status = CheckRtxCodec(codecs, i, list);
    if (!status) return status;
  }
  if (!media) return Error{list, "must have a media codec"};
  return OkStatus();
}

Status CheckExtensions(const std::vector<RtpHeaderExtensionParameters>& extensions,
                       const std::string& list) {
  std::set<uint8_t> ids;
  std::set<std::string> uris;
  for (size_t i = 0; i < extensions.size(); ++i) {
    const RtpHeaderExtensionParameters& extension = extensions[i];
    if (extension.uri.empty()) return Error{At(list, i) + ".uri", "must not be empty"};
    if (extension.id == 0) return Error{At(list, i) + ".id", "must be 1..255"};
    if (!ids.insert(extension.id).second) {
      return Error{At(list, i) + ".id",
                   std::to_string(extension.id) + " is that of another extension already"};
    }
    if (!uris.insert(extension.uri).second) {
      return Error{At(list, i) + ".uri", "has an id already"};
    }
  }
  return OkStatus();
}

Status CheckEncoding(const RtpEncodingParameters& encoding, const RtpParameters& parameters,
                     const std::string& field) {
  if (!encoding.rid.empty() && !IsRid(encoding.rid)) {
    return Error{field + ".rid",
                 "must be letters, digits, - and _, at most " + std::to_string(kMaxRidSize)};
  }
  if (encoding.codec_payload_type) {
    const RtpCodecParameters* codec = FindCodec(parameters.codecs, *encoding.codec_payload_type);
    if (codec == nullptr || codec->IsRtx()) {
      return Error{field + ".codecPayloadType", "must be the payload type of a media codec"};
    }
  }
  if (!encoding.scalability_mode.empty() && !ParseScalabilityMode(encoding.scalability_mode)) {
    return Error{field + ".scalabilityMode", "must be like L1T3, S2T1 or L3T3_KEY, with 1..8 each"};
  }
  if (parameters.encodings.size() > 1 && !encoding.ssrc && encoding.rid.empty()) {
    return Error{field, "must have an ssrc or a rid, for there are several encodings"};
  }
  return OkStatus();
}

Status CheckEncodings(const RtpParameters& parameters, const std::string& list) {
  if (parameters.encodings.size() > kMaxEncodings) {
    return Error{list, "has more than " + std::to_string(kMaxEncodings) + " elements"};
  }
  std::set<Ssrc> ssrcs;
  std::set<std::string> rids;
  for (size_t i = 0; i < parameters.encodings.size(); ++i) {
    const RtpEncodingParameters& encoding = parameters.encodings[i];
    Status status = CheckEncoding(encoding, parameters, At(list, i));
    if (!status) return status;
    if (encoding.ssrc == 0U) return Error{At(list, i) + ".ssrc", "must be 1..4294967295"};
    if (encoding.rtx_ssrc == 0U) return Error{At(list, i) + ".rtx.ssrc", "must be 1..4294967295"};
    if (encoding.ssrc && !ssrcs.insert(*encoding.ssrc).second) {
      return Error{At(list, i) + ".ssrc", "is that of another stream already"};
    }
    if (encoding.rtx_ssrc && !ssrcs.insert(*encoding.rtx_ssrc).second) {
      return Error{At(list, i) + ".rtx.ssrc", "is that of another stream already"};
    }
    if (!encoding.rid.empty() && !rids.insert(encoding.rid).second) {
      return Error{At(list, i) + ".rid", "is that of another stream already"};
    }
  }
  return OkStatus();
}

}  // namespace

bool IsMid(const std::string& mid) {
  return mid.size() <= kMaxMidSize && ParseMid(TextBytes(mid)) == mid;
}

const RtpCodecParameters* RtpParameters::CodecOf(size_t encoding) const {
  if (encoding < encodings.size() && encodings[encoding].codec_payload_type) {
    return FindCodec(codecs, *encodings[encoding].codec_payload_type);
  }
  const auto first = std::find_if(codecs.begin(), codecs.end(),
                                  [](const RtpCodecParameters& codec) { return !codec.IsRtx(); });
  return first == codecs.end() ? nullptr : &*first;
}

const RtpCodecParameters* RtpParameters::RtxOf(const RtpCodecParameters& codec) const {
  const auto found =
      std::find_if(codecs.begin(), codecs.end(), [&](const RtpCodecParameters& other) {
        return other.IsRtx() && other.Apt() == codec.payload_type;
      });
  return found == codecs.end() ? nullptr : &*found;
}

Status CheckRtpParameters(const RtpParameters& parameters, const std::string& name) {
  if (!parameters.mid.empty() && !IsMid(parameters.mid)) {
    return Error{name + ".mid", "must be a token of at most " + std::to_string(kMaxMidSize)};
  }
  if (parameters.rtcp.cname.size() > kMaxCnameSize) {
    return Error{name + ".rtcp.cname", "is longer than " + std::to_string(kMaxCnameSize)};
  }
  Status status = CheckCodecs(parameters.codecs, name + ".codecs");
  if (status) status = CheckExtensions(parameters.header_extensions, name + ".headerExtensions");
  if (status) status = CheckEncodings(parameters, name + ".encodings");
  return status;
}

}  // namespace sfu::ortc
