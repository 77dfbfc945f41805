// Parameters as JSON.
#include "ortc/rtp_parameters_json.h"

#include "ortc/rtp_codec_json.h"
#include "ortc/rtp_objects_json.h"

namespace sfu::ortc {
namespace {

// JavaScript's largest safe integer: more bits per second than anybody has.
constexpr int64_t kMaxBitrate = 9007199254740991;
constexpr int64_t kMaxSsrc = UINT32_MAX;

RtpCodecParameters ReadCodec(const JsonField& field) {
  RtpCodecParameters codec;
  static_cast<CodecDescription&>(codec) = ReadCodecDescription(field);
  codec.payload_type = field.Member("payloadType").Number<uint8_t>(0, kMaxPayloadType);
  return codec;
}

Json WriteCodec(const RtpCodecParameters& codec) {
  Json json = WriteCodecDescription(codec);
  json["payloadType"] = codec.payload_type;
  return json;
}

RtpHeaderExtensionParameters ReadExtension(const JsonField& field) {
  RtpHeaderExtensionParameters extension;
  extension.uri = field.Member("uri").Text();
  extension.id = field.Member("id").Number<uint8_t>(1, 255);
  extension.encrypt = field.Member("encrypt").BooleanOr(false);
  extension.parameters = ReadFormatParameters(field.Member("parameters"));
  return extension;
}

Json WriteExtension(const RtpHeaderExtensionParameters& extension) {
  return {{"uri", extension.uri},
          {"id", extension.id},
          {"encrypt", extension.encrypt},
          {"parameters", WriteFormatParameters(extension.parameters)}};
}

// Applications compute it, and browsers and mediasoup take a fraction.
std::optional<uint64_t> ReadBitrate(const JsonField& field) {
  if (field.present() && field.value().is_number_float()) {
    const auto bitrate = field.value().get<double>();
    if (bitrate >= 0 && bitrate <= static_cast<double>(kMaxBitrate)) {
      return static_cast<uint64_t>(bitrate);
    }
  }
  return field.OptionalNumber<uint64_t>(0, kMaxBitrate);
}

RtpEncodingParameters ReadEncoding(const JsonField& field) {
  RtpEncodingParameters encoding;
  encoding.ssrc = field.Member("ssrc").OptionalNumber<Ssrc>(1, kMaxSsrc);
  encoding.rid = field.Member("rid").TextOr("", kMaxRidSize);
  encoding.codec_payload_type =
      field.Member("codecPayloadType").OptionalNumber<uint8_t>(0, kMaxPayloadType);
  const JsonField rtx = field.Member("rtx");
  if (rtx.present()) encoding.rtx_ssrc = rtx.Member("ssrc").Number<Ssrc>(1, kMaxSsrc);
  encoding.dtx = field.Member("dtx").BooleanOr(false);
  encoding.scalability_mode = field.Member("scalabilityMode").TextOr("");
  encoding.max_bitrate = ReadBitrate(field.Member("maxBitrate"));
  return encoding;
}

Json WriteEncoding(const RtpEncodingParameters& encoding) {
  Json json = Json::object();
  if (encoding.ssrc) json["ssrc"] = *encoding.ssrc;
  if (!encoding.rid.empty()) json["rid"] = encoding.rid;
  if (encoding.codec_payload_type) json["codecPayloadType"] = *encoding.codec_payload_type;
  if (encoding.rtx_ssrc) json["rtx"]["ssrc"] = *encoding.rtx_ssrc;
  if (encoding.dtx) json["dtx"] = true;
  if (!encoding.scalability_mode.empty()) json["scalabilityMode"] = encoding.scalability_mode;
  if (encoding.max_bitrate) json["maxBitrate"] = *encoding.max_bitrate;
  return json;
}

RtcpParameters ReadRtcp(const JsonField& field) {
  RtcpParameters rtcp;
  if (!field.present()) return rtcp;
  rtcp.cname = field.Member("cname").TextOr("", kMaxCnameSize);
  rtcp.reduced_size = field.Member("reducedSize").BooleanOr(true);
  return rtcp;
}

Json WriteRtcp(const RtcpParameters& rtcp) {
  Json json = {{"reducedSize", rtcp.reduced_size}};
  if (!rtcp.cname.empty()) json["cname"] = rtcp.cname;
  return json;
}

}  // namespace

RtpParameters ReadRtpParameters(const JsonField& field) {
  RtpParameters parameters;
  parameters.mid = field.Member("mid").TextOr("", kMaxMidSize);
  parameters.msid = field.Member("msid").TextOr("");
  parameters.codecs = field.Member("codecs").RequiredList(kMaxCodecs, ReadCodec);
  parameters.header_extensions =
      field.Member("headerExtensions").List(kMaxHeaderExtensions, ReadExtension);
  parameters.encodings = field.Member("encodings").List(kMaxEncodings, ReadEncoding);
  parameters.rtcp = ReadRtcp(field.Member("rtcp"));
  if (!field.failed()) field.Check(CheckRtpParameters(parameters, field.path()));
  return parameters;
}

Json WriteRtpParameters(const RtpParameters& parameters) {
  Json json = {{"codecs", Json::array()},
               {"headerExtensions", Json::array()},
               {"encodings", Json::array()},
               {"rtcp", WriteRtcp(parameters.rtcp)}};
  if (!parameters.mid.empty()) json["mid"] = parameters.mid;
  if (!parameters.msid.empty()) json["msid"] = parameters.msid;
  for (const RtpCodecParameters& codec : parameters.codecs) {
    json["codecs"].push_back(WriteCodec(codec));
  }
  for (const RtpHeaderExtensionParameters& extension : parameters.header_extensions) {
    json["headerExtensions"].push_back(WriteExtension(extension));
  }
  for (const RtpEncodingParameters& encoding : parameters.encodings) {
    json["encodings"].push_back(WriteEncoding(encoding));
  }
  return json;
}

Result<RtpParameters> ParseRtpParameters(std::string_view json, std::string_view name) {
  return ReadJson(json, name, ReadRtpParameters);
}

std::string ToJson(const RtpParameters& parameters) {
  return JsonText(WriteRtpParameters(parameters));
}

}  // namespace sfu::ortc
