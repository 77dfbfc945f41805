// Reading is strict, but what mediasoup fills in by itself may be left off here, too.
#include "ortc/rtp_codec_json.h"

#include <optional>

#include "base/ascii.h"

namespace sfu::ortc {
namespace {

struct MimeType {
  MediaKind kind = MediaKind::kAudio;
  std::string name;
};

MimeType ReadMimeType(const JsonField& field) {
  const std::string text = field.Text(1, kMaxNameSize);
  const size_t slash = text.find('/');
  const std::string kind = text.substr(0, slash);
  const bool audio = EqualsIgnoringAsciiCase(kind, "audio");
  if (slash == std::string::npos || slash + 1 == text.size() ||
      (!audio && !EqualsIgnoringAsciiCase(kind, "video"))) {
    field.Fail("must be audio/NAME or video/NAME");
    return {};
  }
  return {audio ? MediaKind::kAudio : MediaKind::kVideo, text.substr(slash + 1)};
}

std::optional<ParameterValue> ReadParameter(const JsonField& field) {
  if (!field.present()) {
    field.Fail("must be a string or a number");
    return std::nullopt;
  }
  const Json& value = field.value();
  if (value.is_string()) return field.Text(0);
  // What is larger than int64_t came as unsigned; it is kept as a fraction is.
  if (value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX) return value.get<double>();
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number_float()) return value.get<double>();
  field.Fail("must be a string or a number");
  return std::nullopt;
}

RtcpFeedback ReadRtcpFeedback(const JsonField& field) {
  RtcpFeedback feedback;
  feedback.type = field.Member("type").Text(1, kMaxNameSize);
  feedback.parameter = field.Member("parameter").TextOr("", kMaxNameSize);
  return feedback;
}

Json WriteRtcpFeedback(const RtcpFeedback& feedback) {
  return {{"type", feedback.type}, {"parameter", feedback.parameter}};
}

}  // namespace

MediaKind ReadMediaKind(const JsonField& field) {
  constexpr std::array<std::pair<std::string_view, MediaKind>, 2> kKinds = {{
      {"audio", MediaKind::kAudio},
      {"video", MediaKind::kVideo},
  }};
  return field.Choice(kKinds);
}

FormatParameters ReadFormatParameters(const JsonField& field) {
  FormatParameters parameters;
  field.ForEachMember(kMaxParameters, [&](const std::string& name, const JsonField& member) {
    std::optional<ParameterValue> value = ReadParameter(member);
    if (value) parameters.Set(name, *std::move(value));
  });
  return parameters;
}

Json WriteFormatParameters(const FormatParameters& parameters) {
  Json json = Json::object();
  for (const auto& [name, value] : parameters.values()) {
    std::visit([&json, &key = name](const auto& v) { json[key] = v; }, value);
  }
  return json;
}

CodecDescription ReadCodecDescription(const JsonField& field) {
  CodecDescription codec;
  MimeType type = ReadMimeType(field.Member("mimeType"));
  codec.kind = type.kind;
  codec.name = std::move(type.name);
  codec.clock_rate = field.Member("clockRate").Number<uint32_t>(1, kMaxClockRate);
  if (codec.kind == MediaKind::kAudio) {
    codec.channels =
        field.Member("channels").OptionalNumber<uint8_t>(1, kMaxChannels).value_or(uint8_t{1});
  }
  codec.parameters = ReadFormatParameters(field.Member("parameters"));
  codec.rtcp_feedback = field.Member("rtcpFeedback").List(kMaxRtcpFeedback, ReadRtcpFeedback);
  return codec;
}

Json WriteCodecDescription(const CodecDescription& codec) {
  Json json = {{"mimeType", codec.MimeType()},
               {"clockRate", codec.clock_rate},
               {"parameters", WriteFormatParameters(codec.parameters)},
               {"rtcpFeedback", Json::array()}};
  if (codec.kind == MediaKind::kAudio) json["channels"] = codec.channels;
  for (const RtcpFeedback& feedback : codec.rtcp_feedback) {
    json["rtcpFeedback"].push_back(WriteRtcpFeedback(feedback));
  }
  return json;
}

}  // namespace sfu::ortc
