// The names of fields are those that GStreamer's SDP library gives them.
#include "ortc_caps.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "ortc/rtp_header_extension.h"
#include "ortc/stream_mapping.h"
#include "rtp_caps.h"

namespace sfu::gst {
namespace {

// Parameters by which formats are told apart, in the caps of payloaders.
constexpr std::array kFormatFields = {
    "profile-level-id",
    "packetization-mode",
    "level-asymmetry-allowed",  // H264
    "profile-id",
    "tier-flag",
    "level-id",
    "tx-mode",  // H265, VP9
    "profile",
    "level-idx",
    "tier",  // AV1
    "channel_mapping",
    "num_streams",
    "coupled_streams",  // multiopus
};

bool IsFieldName(std::string_view name) {
  return !name.empty() && g_ascii_isalpha(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '.'; });
}

// Endpoints name their parameters as they like, but not over what the stream is.
void AddFormat(GstStructure* s, const ortc::FormatParameters& parameters) {
  for (const auto& [name, value] : parameters.values()) {
    if (!IsFieldName(name) || gst_structure_has_field(s, name.c_str())) continue;
    const auto text = parameters.Text(name);
    if (text) gst_structure_set(s, name.c_str(), G_TYPE_STRING, text->c_str(), nullptr);
  }
}

void AddFeedback(GstStructure* s, const std::vector<ortc::RtcpFeedback>& feedback) {
  for (const ortc::RtcpFeedback& given : feedback) {
    std::string name = "rtcp-fb-" + given.type;
    if (!given.parameter.empty()) name += "-" + given.parameter;
    if (IsFieldName(name)) gst_structure_set(s, name.c_str(), G_TYPE_BOOLEAN, TRUE, nullptr);
  }
}

void AddExtensions(GstStructure* s,
                   const std::vector<ortc::RtpHeaderExtensionParameters>& extensions) {
  for (const ortc::RtpHeaderExtensionParameters& extension : extensions) {
    const std::string name = "extmap-" + std::to_string(extension.id);
    gst_structure_set(s, name.c_str(), G_TYPE_STRING, extension.uri.c_str(), nullptr);
  }
}

// Upper case, as depayloaders want it; but for the one that they want otherwise.
std::string EncodingName(const std::string& name) {
  constexpr char kMultiOpus[] = "multiopus";
  if (g_ascii_strcasecmp(name.c_str(), kMultiOpus) == 0) return kMultiOpus;
  std::string upper = name;
  std::transform(upper.begin(), upper.end(), upper.begin(), g_ascii_toupper);
  return upper;
}

// Payloaders write numbers as texts; mediasoup-client expects numbers.
ortc::ParameterValue ReadParameter(const char* name, std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // Its digits may happen to be decimal.
  const bool is_text = g_str_equal(name, "profile-level-id");
  if (is_text || error != std::errc() || end != text.data() + text.size()) {
    return std::string(text);
  }
  return number;
}

ortc::FormatParameters ReadFormat(const GstStructure* s) {
  ortc::FormatParameters parameters;
  for (const char* name : kFormatFields) {
    gint number = 0;
    if (const char* text = gst_structure_get_string(s, name)) {
      parameters.Set(name, ReadParameter(name, text));
    } else if (gst_structure_get_int(s, name, &number)) {
      parameters.Set(name, int64_t{number});
    }
  }
  return parameters;
}

}  // namespace

CapsRef CapsOfStream(const ortc::RtpParameters& parameters, size_t encoding) {
  if (encoding >= parameters.encodings.size()) return CapsRef();
  const ortc::RtpCodecParameters* codec = parameters.CodecOf(encoding);
  if (codec == nullptr) return CapsRef();
  GstCaps* caps = gst_caps_new_simple(
      "application/x-rtp", "media", G_TYPE_STRING, ortc::MediaKindName(codec->kind).c_str(),
      "encoding-name", G_TYPE_STRING, EncodingName(codec->name).c_str(), "payload", G_TYPE_INT,
      static_cast<int>(codec->payload_type), "clock-rate", G_TYPE_INT,
      static_cast<int>(codec->clock_rate), nullptr);
  GstStructure* s = gst_caps_get_structure(caps, 0);
  if (codec->channels > 1) {
    gst_structure_set(s, "encoding-params", G_TYPE_STRING, std::to_string(codec->channels).c_str(),
                      nullptr);
  }
  const auto ssrc = parameters.encodings[encoding].ssrc;
  if (ssrc) gst_structure_set(s, "ssrc", G_TYPE_UINT, *ssrc, nullptr);
  AddFeedback(s, codec->rtcp_feedback);
  AddExtensions(s, parameters.header_extensions);
  AddFormat(s, codec->parameters);
  return CapsRef::Adopt(caps);
}

Result<ortc::RtpParameters> ParametersOfCaps(const GstCaps* caps) {
  const auto info = ReadCaps(caps);
  if (!info) return info.error();
  ortc::StreamDescription stream;
  stream.codec = info.value().codec;
  stream.ssrc = info.value().ssrc;
  // Always two, whatever is said (RFC 7587, section 7).
  if (stream.codec.id == CodecId::kOpus) stream.codec.channels = 2;
  ortc::RtpParameters parameters = ortc::ParametersOf(stream);
  parameters.codecs.front().parameters = ReadFormat(gst_caps_get_structure(caps, 0));
  for (size_t i = 0; i < stream.codec.extensions.size(); ++i) {
    if (stream.codec.extensions[i] == 0) continue;
    const std::string uri(ortc::ExtensionUri(static_cast<ExtensionType>(i)));
    parameters.header_extensions.push_back({uri, stream.codec.extensions[i], false, {}});
  }
  return parameters;
}

}  // namespace sfu::gst
