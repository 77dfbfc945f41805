// What of a section's codecs and extensions is used (the part of SdpMedia that negotiates).
#include <algorithm>
#include <utility>

#include "ortc/codec_match.h"
#include "ortc/supported_capabilities.h"
#include "signalling/sdp_media.h"

namespace sfu::signalling {
namespace {

using ortc::RtpCodecCapability;
using ortc::RtpCodecParameters;

const RtpCodecCapability* FindMatch(const ortc::RtpCapabilities& capabilities,
                                    const RtpCodecParameters& codec, ortc::CodecMatch match) {
  for (const RtpCodecCapability& candidate : capabilities.codecs) {
    if (!candidate.IsRtx() && ortc::CodecsMatch(candidate, codec, match)) return &candidate;
  }
  return nullptr;
}

bool HasRtx(const ortc::RtpCapabilities& capabilities, const RtpCodecCapability& media) {
  return media.preferred_payload_type &&
         std::any_of(capabilities.codecs.begin(), capabilities.codecs.end(),
                     [&](const RtpCodecCapability& codec) {
                       return codec.IsRtx() && codec.Apt() == media.preferred_payload_type;
                     });
}

RtpCodecCapability CapabilityOf(const RtpCodecParameters& codec) {
  RtpCodecCapability capability;
  static_cast<ortc::CodecDescription&>(capability) = codec;
  capability.preferred_payload_type = codec.payload_type;
  return capability;
}

bool RouterReceives(const ortc::RtpCapabilities& router, MediaKind kind, const std::string& uri) {
  return std::any_of(router.header_extensions.begin(), router.header_extensions.end(),
                     [&](const ortc::RtpHeaderExtension& extension) {
                       return extension.kind == kind && extension.uri == uri &&
                              (extension.direction == ortc::ExtensionDirection::kSendRecv ||
                               extension.direction == ortc::ExtensionDirection::kRecvOnly);
                     });
}

const RtpCodecParameters* FindRtx(const std::vector<RtpCodecParameters>& codecs,
                                  uint8_t payload_type) {
  for (const RtpCodecParameters& codec : codecs) {
    if (codec.IsRtx() && codec.Apt() == payload_type) return &codec;
  }
  return nullptr;
}

}  // namespace

ortc::RtpCapabilities SdpMedia::Receivable() const {
  ortc::RtpCapabilities capabilities;
  const ortc::RtpCapabilities& known = ortc::SupportedRtpCapabilities();
  for (const RtpCodecParameters& codec : codecs) {
    if (codec.IsRtx() || FindMatch(known, codec, ortc::CodecMatch::kCodec) == nullptr) continue;
    if (!ortc::CheckCodec(codec, transport.name())) continue;
    capabilities.codecs.push_back(CapabilityOf(codec));
    const RtpCodecParameters* rtx = FindRtx(codecs, codec.payload_type);
    if (rtx != nullptr) capabilities.codecs.push_back(CapabilityOf(*rtx));
  }
  for (const SdpExtension& extension : extensions) {
    if (!Receives(extension.direction)) continue;
    ortc::RtpHeaderExtension capability;
    capability.kind = kind;
    capability.uri = extension.parameters.uri;
    capability.preferred_id = extension.parameters.id;
    capabilities.header_extensions.push_back(std::move(capability));
  }
  return capabilities;
}

Result<ortc::RtpParameters> SdpMedia::Sendable(const ortc::RtpCapabilities& router,
                                               const Liking& likes) const {
  for (const RtpCodecParameters& codec : codecs) {
    if (codec.IsRtx() || !ortc::CheckCodec(codec, transport.name())) continue;
    const RtpCodecCapability* ours = FindMatch(router, codec, ortc::CodecMatch::kFormat);
    if (ours == nullptr) continue;
    ortc::RtpParameters parameters = SendableAs(codec, *ours, router);
    const Status status = ortc::CheckRtpParameters(parameters, transport.name());
    if (!status) return status.error();
    if (likes == nullptr || likes(parameters)) return parameters;
  }
  return Error{transport.name() + ".rtpmap", "has no codec that the router takes"};
}

ortc::RtpParameters SdpMedia::SendableAs(const RtpCodecParameters& codec,
                                         const RtpCodecCapability& ours,
                                         const ortc::RtpCapabilities& router) const {
  ortc::RtpParameters parameters;
  parameters.mid = mid;
  parameters.msid = msid;
  parameters.rtcp.cname = cname;
  parameters.rtcp.reduced_size = reduced_size_rtcp;
  parameters.encodings = encodings;
  parameters.codecs.push_back(codec);
  std::erase_if(parameters.codecs.back().rtcp_feedback, [&](const ortc::RtcpFeedback& feedback) {
    const auto& known = ours.rtcp_feedback;
    return std::find(known.begin(), known.end(), feedback) == known.end();
  });
  const RtpCodecParameters* rtx = FindRtx(codecs, codec.payload_type);
  if (rtx != nullptr && HasRtx(router, ours)) {
    parameters.codecs.push_back(*rtx);
  } else {
    for (ortc::RtpEncodingParameters& encoding : parameters.encodings) encoding.rtx_ssrc.reset();
  }
  for (const SdpExtension& extension : extensions) {
    if (Sends(extension.direction) && RouterReceives(router, kind, extension.parameters.uri)) {
      parameters.header_extensions.push_back(extension.parameters);
    }
  }
  return parameters;
}

}  // namespace sfu::signalling
