// Capabilities as JSON.
#include "ortc/rtp_capabilities_json.h"

#include <array>

#include "ortc/rtp_codec_json.h"
#include "ortc/rtp_objects_json.h"

namespace sfu::ortc {
namespace {

constexpr std::array<std::pair<std::string_view, ExtensionDirection>, 4> kDirections = {{
    {"sendrecv", ExtensionDirection::kSendRecv},
    {"sendonly", ExtensionDirection::kSendOnly},
    {"recvonly", ExtensionDirection::kRecvOnly},
    {"inactive", ExtensionDirection::kInactive},
}};

RtpCodecCapability ReadCodec(const JsonField& field) {
  RtpCodecCapability codec;
  static_cast<CodecDescription&>(codec) = ReadCodecDescription(field);
  codec.preferred_payload_type =
      field.Member("preferredPayloadType").OptionalNumber<uint8_t>(0, kMaxPayloadType);
  return codec;
}

Json WriteCodec(const RtpCodecCapability& codec) {
  Json json = WriteCodecDescription(codec);
  json["kind"] = MediaKindName(codec.kind);
  if (codec.preferred_payload_type) json["preferredPayloadType"] = *codec.preferred_payload_type;
  return json;
}

RtpHeaderExtension ReadExtension(const JsonField& field) {
  RtpHeaderExtension extension;
  extension.kind = ReadMediaKind(field.Member("kind"));
  extension.uri = field.Member("uri").Text();
  extension.preferred_id = field.Member("preferredId").Number<uint8_t>(1, 255);
  extension.preferred_encrypt = field.Member("preferredEncrypt").BooleanOr(false);
  extension.direction =
      field.Member("direction").ChoiceOr(kDirections, ExtensionDirection::kSendRecv);
  return extension;
}

Json WriteExtension(const RtpHeaderExtension& extension) {
  return {{"kind", MediaKindName(extension.kind)},
          {"uri", extension.uri},
          {"preferredId", extension.preferred_id},
          {"preferredEncrypt", extension.preferred_encrypt},
          {"direction", WordOf(kDirections, extension.direction)}};
}

}  // namespace

RtpCapabilities ReadRtpCapabilities(const JsonField& field) {
  RtpCapabilities capabilities;
  capabilities.codecs = field.Member("codecs").List(kMaxCodecs, ReadCodec);
  capabilities.header_extensions =
      field.Member("headerExtensions").List(kMaxHeaderExtensions, ReadExtension);
  if (!field.failed()) field.Check(CheckRtpCapabilities(capabilities, field.path()));
  return capabilities;
}

Result<RtpCapabilities> ParseRtpCapabilities(std::string_view json, std::string_view name) {
  return ReadJson(json, name, ReadRtpCapabilities);
}

std::string ToJson(const RtpCapabilities& capabilities) {
  Json json = {{"codecs", Json::array()}, {"headerExtensions", Json::array()}};
  for (const RtpCodecCapability& codec : capabilities.codecs) {
    json["codecs"].push_back(WriteCodec(codec));
  }
  for (const RtpHeaderExtension& extension : capabilities.header_extensions) {
    json["headerExtensions"].push_back(WriteExtension(extension));
  }
  return JsonText(json);
}

Result<std::vector<RtpCodecCapability>> ParseMediaCodecs(std::string_view json,
                                                         std::string_view name) {
  return ReadJson(json, name,
                  [](const JsonField& field) { return field.RequiredList(kMaxCodecs, ReadCodec); });
}

}  // namespace sfu::ortc
