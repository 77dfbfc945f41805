// Matching a Producer's parameters to a Router's capabilities.
#include "ortc/producer_parameters.h"

#include <algorithm>
#include <utility>

#include "ortc/codec_match.h"
#include "ortc/field_path.h"
#include "ortc/h264_profile.h"
#include "ortc/random_ssrc.h"
#include "ortc/scalability_mode.h"
#include "rtp/extension_values.h"

namespace sfu::ortc {
namespace {

constexpr char kRoot[] = "rtpParameters";
constexpr char kCodecs[] = "rtpParameters.codecs";
constexpr char kEncodings[] = "rtpParameters.encodings";

const RtpCodecCapability* FindMatch(const std::vector<RtpCodecCapability>& codecs,
                                    const CodecDescription& codec) {
  const auto found =
      std::find_if(codecs.begin(), codecs.end(), [&](const RtpCodecCapability& candidate) {
        return CodecsMatch(codec, candidate, CodecMatch::kFormat);
      });
  return found == codecs.end() ? nullptr : &*found;
}

const RtpCodecCapability* FindRtx(const std::vector<RtpCodecCapability>& codecs, uint8_t apt) {
  const auto found =
      std::find_if(codecs.begin(), codecs.end(), [&](const RtpCodecCapability& candidate) {
        return candidate.IsRtx() && candidate.Apt() == apt;
      });
  return found == codecs.end() ? nullptr : &*found;
}

const RtpCodecCapability* FindType(const std::vector<RtpCodecCapability>& codecs, uint8_t type) {
  const auto found = std::find_if(
      codecs.begin(), codecs.end(),
      [&](const RtpCodecCapability& codec) { return codec.preferred_payload_type == type; });
  return found == codecs.end() ? nullptr : &*found;
}

// What a transport must be able to find the streams by.
Status CheckSources(const RtpParameters& parameters, const ProducerOptions& options) {
  const RtpEncodingParameters& first = parameters.encodings.front();
  if (options.allow_unknown_source || parameters.encodings.size() > 1 || first.ssrc ||
      !first.rid.empty() || !parameters.mid.empty()) {
    return OkStatus();
  }
  return Error{At(kEncodings, 0), "must have an ssrc or a rid, for there is no mid"};
}

Status CheckKind(MediaKind kind, const RtpParameters& parameters) {
  if (parameters.codecs.front().kind != kind) {
    return Error{At(kCodecs, 0) + ".mimeType", "must be of kind " + MediaKindName(kind)};
  }
  if (kind == MediaKind::kAudio && parameters.encodings.size() > 1) {
    return Error{kEncodings, "must be one, for audio has no simulcast"};
  }
  return OkStatus();
}

void AgreeOnH264(const RtpCodecCapability& capability, RtpCodecParameters* codec) {
  if (CodecIdFromName(codec->name) != CodecId::kH264) return;
  const std::optional<std::string> agreed =
      AnswerH264ProfileLevel(codec->parameters, capability.parameters);
  if (agreed) codec->parameters.Set("profile-level-id", *agreed);
}

Status MapMediaCodecs(const RtpCapabilities& router, RtpParameters* parameters,
                      RtpMapping* mapping) {
  for (size_t i = 0; i < parameters->codecs.size(); ++i) {
    RtpCodecParameters& codec = parameters->codecs[i];
    if (codec.IsRtx()) continue;
    const RtpCodecCapability* match = FindMatch(router.codecs, codec);
    if (match == nullptr || !match->preferred_payload_type) {
      return Error{At(kCodecs, i), codec.MimeType() + " is not among the router's codecs"};
    }
    AgreeOnH264(*match, &codec);
    mapping->codecs.push_back({codec.payload_type, *match->preferred_payload_type});
  }
  return OkStatus();
}

Status MapRtxCodecs(const RtpCapabilities& router, const RtpParameters& parameters,
                    RtpMapping* mapping) {
  for (size_t i = 0; i < parameters.codecs.size(); ++i) {
    const RtpCodecParameters& codec = parameters.codecs[i];
    if (!codec.IsRtx()) continue;
    // CheckRtpParameters() has seen to it that there is the media codec.
    const std::optional<uint8_t> media = mapping->MapPayloadType(codec.Apt().value_or(0));
    const RtpCodecCapability* rtx = media ? FindRtx(router.codecs, *media) : nullptr;
    if (rtx == nullptr || !rtx->preferred_payload_type) {
      return Error{At(kCodecs, i), "the router has no RTX for its codec"};
    }
    mapping->codecs.push_back({codec.payload_type, *rtx->preferred_payload_type});
  }
  return OkStatus();
}

void MapExtensions(MediaKind kind, const RtpCapabilities& router, const RtpParameters& parameters,
                   RtpMapping* mapping) {
  for (const RtpHeaderExtensionParameters& extension : parameters.header_extensions) {
    for (const RtpHeaderExtension& known : router.header_extensions) {
      if (known.kind != kind || known.uri != extension.uri) continue;
      mapping->extensions.push_back({extension.uri, extension.id, known.preferred_id});
      break;
    }
  }
}

void MapEncodings(const RtpParameters& parameters, Random* random, RtpMapping* mapping) {
  Ssrc mapped = DrawSsrcs(random);
  for (const RtpEncodingParameters& encoding : parameters.encodings) {
    mapping->encodings.push_back({encoding.ssrc, encoding.rid, mapped++});
  }
}

RtpCodecParameters ToParameters(const RtpCodecCapability& capability) {
  RtpCodecParameters codec;
  static_cast<CodecDescription&>(codec) = capability;
  codec.payload_type = capability.preferred_payload_type.value_or(uint8_t{0});
  return codec;
}

bool HasType(const std::vector<RtpCodecParameters>& codecs, uint8_t type) {
  return std::any_of(codecs.begin(), codecs.end(),
                     [&](const RtpCodecParameters& codec) { return codec.payload_type == type; });
}

std::vector<RtpCodecParameters> ConsumableCodecs(const RtpCapabilities& router,
                                                 const RtpParameters& parameters,
                                                 const RtpMapping& mapping) {
  std::vector<RtpCodecParameters> codecs;
  for (const RtpCodecParameters& codec : parameters.codecs) {
    if (codec.IsRtx()) continue;
    const std::optional<uint8_t> type = mapping.MapPayloadType(codec.payload_type);
    const RtpCodecCapability* capability = type ? FindType(router.codecs, *type) : nullptr;
    // Two codecs of the Producer may be one to the Router.
    if (capability == nullptr || HasType(codecs, *type)) continue;
    codecs.push_back(ToParameters(*capability));
    codecs.back().parameters = codec.parameters;
    // Consumers have RTX of their own, whether the Producer has it or not.
    const RtpCodecCapability* rtx = FindRtx(router.codecs, *type);
    if (rtx != nullptr) codecs.push_back(ToParameters(*rtx));
  }
  return codecs;
}

bool HasExtension(const RtpParameters& parameters, std::string_view uri) {
  return std::any_of(
      parameters.header_extensions.begin(), parameters.header_extensions.end(),
      [&](const RtpHeaderExtensionParameters& extension) { return extension.uri == uri; });
}

std::vector<RtpHeaderExtensionParameters> ConsumableExtensions(MediaKind kind,
                                                               const RtpCapabilities& router,
                                                               const RtpParameters& parameters) {
  std::vector<RtpHeaderExtensionParameters> extensions;
  for (const RtpHeaderExtension& known : router.header_extensions) {
    const bool sent = known.direction == ExtensionDirection::kSendRecv ||
                      known.direction == ExtensionDirection::kSendOnly;
    if (known.kind != kind || !sent) continue;
    // The capture time is passed on, so it is announced only if the Producer sends it.
    if (known.uri == AbsCaptureTime::kUri && !HasExtension(parameters, known.uri)) continue;
    extensions.push_back({known.uri, known.preferred_id, known.preferred_encrypt, {}});
  }
  return extensions;
}

RtpParameters MakeConsumable(MediaKind kind, const RtpCapabilities& router,
                             const RtpParameters& parameters, const RtpMapping& mapping) {
  RtpParameters consumable;
  consumable.msid = parameters.msid;
  consumable.codecs = ConsumableCodecs(router, parameters, mapping);
  consumable.header_extensions = ConsumableExtensions(kind, router, parameters);
  consumable.encodings = parameters.encodings;
  for (size_t i = 0; i < consumable.encodings.size(); ++i) {
    RtpEncodingParameters& encoding = consumable.encodings[i];
    encoding.ssrc = mapping.encodings[i].mapped_ssrc;
    encoding.rid.clear();
    encoding.rtx_ssrc.reset();
    encoding.codec_payload_type.reset();
  }
  consumable.rtcp = {parameters.rtcp.cname, true};
  return consumable;
}

ProducerType TypeOf(MediaKind kind, const RtpParameters& parameters) {
  if (parameters.encodings.size() > 1) return ProducerType::kSimulcast;
  if (kind == MediaKind::kAudio) return ProducerType::kSimple;
  const ScalabilityMode mode = ParseScalabilityMode(parameters.encodings.front().scalability_mode)
                                   .value_or(ScalabilityMode());
  const bool layers = mode.spatial_layers > 1 || mode.temporal_layers > 1;
  return layers ? ProducerType::kSvc : ProducerType::kSimple;
}

}  // namespace

std::optional<uint8_t> RtpMapping::MapPayloadType(uint8_t payload_type) const {
  for (const Codec& codec : codecs) {
    if (codec.payload_type == payload_type) return codec.mapped_payload_type;
  }
  return std::nullopt;
}

std::optional<uint8_t> RtpMapping::MapExtensionId(uint8_t id) const {
  for (const Extension& extension : extensions) {
    if (extension.id == id) return extension.mapped_id;
  }
  return std::nullopt;
}

std::string ProducerTypeName(ProducerType type) {
  switch (type) {
    case ProducerType::kSimple:
      return "simple";
    case ProducerType::kSimulcast:
      return "simulcast";
    case ProducerType::kSvc:
      return "svc";
  }
  return {};
}

Result<ProducerDescription> DescribeProducer(MediaKind kind, const RtpParameters& parameters,
                                             const RtpCapabilities& router,
                                             const ProducerOptions& options, Random* random) {
  ProducerDescription producer;
  producer.kind = kind;
  producer.parameters = parameters;
  RtpParameters& own = producer.parameters;
  if (own.encodings.empty()) own.encodings.emplace_back();
  if (!options.cname.empty()) own.rtcp.cname = options.cname;

  Status status = CheckRtpParameters(own, kRoot);
  if (status) status = CheckKind(kind, own);
  if (status) status = CheckSources(own, options);
  if (status) status = MapMediaCodecs(router, &own, &producer.mapping);
  if (status) status = MapRtxCodecs(router, own, &producer.mapping);
  if (!status) return status.error();
  MapExtensions(kind, router, own, &producer.mapping);
  MapEncodings(own, random, &producer.mapping);
  producer.consumable = MakeConsumable(kind, router, own, producer.mapping);
  producer.type = TypeOf(kind, own);
  return producer;
}

}  // namespace sfu::ortc
