// Field by field.
#include "ortc/stream_mapping.h"

#include <string_view>

#include "ortc/field_path.h"

namespace sfu::ortc {
namespace {

struct FeedbackRow {
  std::string_view type;
  std::string_view parameter;
  bool ::sfu::RtcpFeedback::*flag;
};

constexpr std::array<FeedbackRow, 5> kFeedback = {{
    {"nack", "", &::sfu::RtcpFeedback::nack},
    {"nack", "pli", &::sfu::RtcpFeedback::nack_pli},
    {"ccm", "fir", &::sfu::RtcpFeedback::ccm_fir},
    {"goog-remb", "", &::sfu::RtcpFeedback::goog_remb},
    {"transport-cc", "", &::sfu::RtcpFeedback::transport_cc},
}};

RtpCodec ToRtpCodec(const RtpCodecParameters& codec, const RtpCodecParameters* rtx) {
  RtpCodec result;
  result.kind = codec.kind;
  result.id = CodecIdFromName(codec.name);
  result.encoding_name = codec.name;
  result.payload_type = codec.payload_type;
  result.clock_rate = codec.clock_rate;
  result.channels = codec.channels;
  if (rtx != nullptr) result.rtx_payload_type = rtx->payload_type;
  result.feedback = ToFeedbackFlags(codec.rtcp_feedback);
  return result;
}

RtpCodecParameters ToParameters(const RtpCodec& codec) {
  RtpCodecParameters result;
  result.kind = codec.kind;
  result.name = codec.encoding_name;
  result.payload_type = codec.payload_type;
  result.clock_rate = codec.clock_rate;
  if (codec.kind == MediaKind::kAudio) {
    result.channels = codec.channels == 0 ? uint8_t{1} : codec.channels;
  }
  result.rtcp_feedback = FromFeedbackFlags(codec.feedback);
  return result;
}

RtpCodecParameters RtxParameters(const RtpCodec& codec) {
  RtpCodecParameters rtx = ToParameters(codec);
  rtx.name = "rtx";
  rtx.payload_type = static_cast<uint8_t>(codec.rtx_payload_type);
  rtx.parameters = {{"apt", int64_t{codec.payload_type}}};
  rtx.rtcp_feedback.clear();
  return rtx;
}

}  // namespace

Result<StreamDescription> DescribeStream(const RtpParameters& parameters, size_t encoding) {
  const std::string field = At("rtpParameters.encodings", encoding);
  if (encoding >= parameters.encodings.size()) return Error{field, "is missing"};
  const RtpCodecParameters* codec = parameters.CodecOf(encoding);
  if (codec == nullptr) return Error{field, "has no media codec"};
  const RtpEncodingParameters& source = parameters.encodings[encoding];
  return StreamDescription{ToRtpCodec(*codec, parameters.RtxOf(*codec)), source.ssrc.value_or(0),
                           source.rtx_ssrc.value_or(0), source.rid};
}

RtpParameters ParametersOf(const StreamDescription& stream) {
  RtpParameters parameters;
  parameters.codecs.push_back(ToParameters(stream.codec));
  if (stream.codec.rtx_payload_type >= 0) parameters.codecs.push_back(RtxParameters(stream.codec));
  RtpEncodingParameters& encoding = parameters.encodings.emplace_back();
  if (stream.ssrc != 0) encoding.ssrc = stream.ssrc;
  if (stream.rtx_ssrc != 0) encoding.rtx_ssrc = stream.rtx_ssrc;
  encoding.rid = stream.rid;
  return parameters;
}

ExtensionIds ExtensionIdsOf(const std::vector<RtpHeaderExtensionParameters>& extensions) {
  ExtensionIds ids{};
  for (const RtpHeaderExtensionParameters& extension : extensions) {
    const std::optional<ExtensionType> type = ExtensionTypeFromUri(extension.uri);
    if (type) ids[static_cast<size_t>(*type)] = extension.id;
  }
  return ids;
}

::sfu::RtcpFeedback ToFeedbackFlags(const std::vector<RtcpFeedback>& feedback) {
  ::sfu::RtcpFeedback flags;
  for (const RtcpFeedback& given : feedback) {
    for (const FeedbackRow& row : kFeedback) {
      if (given.type == row.type && given.parameter == row.parameter) flags.*row.flag = true;
    }
  }
  return flags;
}

std::vector<RtcpFeedback> FromFeedbackFlags(const ::sfu::RtcpFeedback& flags) {
  std::vector<RtcpFeedback> feedback;
  for (const FeedbackRow& row : kFeedback) {
    if (flags.*row.flag) feedback.push_back({std::string(row.type), std::string(row.parameter)});
  }
  return feedback;
}

}  // namespace sfu::ortc
