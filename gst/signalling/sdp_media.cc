// Reading a section, attribute by attribute.
#include "signalling/sdp_media.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ortc/limits.h"
#include "ortc/word_table.h"
#include "signalling/sdp_streams.h"
#include "signalling/sdp_text.h"

namespace sfu::signalling {
namespace {

using ortc::RtpCodecParameters;

constexpr ortc::WordTable<SdpDirection, 4> kDirections = {{
    {"sendrecv", SdpDirection::kSendRecv},
    {"sendonly", SdpDirection::kSendOnly},
    {"recvonly", SdpDirection::kRecvOnly},
    {"inactive", SdpDirection::kInactive},
}};

// Extensions with larger ids are only asked for (RFC 8285, section 4.3): nobody sends them.
constexpr uint64_t kMaxUsedExtensionId = 255;
constexpr uint64_t kMaxExtensionId = 4351;
constexpr uint8_t kMaxStaticPayloadType = 34;
constexpr int kNone = -1;

// What may stand for RTP over DTLS (RFC 8829, section 5.1.2): a fingerprint decides, whatever the
// name.
constexpr std::array<std::string_view, 8> kRtpProtocols = {
    "UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP",
    "RTP/SAVPF",         "RTP/SAVP",         "RTP/AVPF",           "RTP/AVP"};

// What RFC 3551 says of payload types that need no rtpmap.
bool FillStatic(uint8_t payload_type, RtpCodecParameters* codec) {
  struct Row {
    uint8_t payload_type;
    const char* name;
  };
  constexpr std::array<Row, 4> kRows = {{{0, "PCMU"}, {8, "PCMA"}, {9, "G722"}, {13, "CN"}}};
  for (const Row& row : kRows) {
    if (row.payload_type != payload_type || codec->kind != MediaKind::kAudio) continue;
    codec->name = row.name;
    codec->clock_rate = 8000;
    codec->channels = 1;
    return true;
  }
  return false;
}

class MediaReader {
 public:
  MediaReader(const GstSDPMedia& source, SdpMedia media)
      : source_(source), media_(std::move(media)), name_(media_.transport.name()), streams_(name_) {
    index_.fill(kNone);
  }

  Result<SdpMedia> Read() && {
    Status status = ReadFormats();
    for (guint i = 0; status && i < gst_sdp_media_attributes_len(&source_); ++i) {
      const GstSDPAttribute* attribute = gst_sdp_media_get_attribute(&source_, i);
      status = ReadAttribute(SdpView(attribute->key), SdpView(attribute->value));
    }
    if (status) status = Finish();
    if (!status) return status.error();
    return std::move(media_);
  }

 private:
  Error Wrong(std::string_view attribute, std::string reason) const {
    return Error{name_ + "." + std::string(attribute), std::move(reason)};
  }

  Status ReadFormats() {
    for (guint i = 0; i < gst_sdp_media_formats_len(&source_); ++i) {
      media_.formats.emplace_back(SdpView(gst_sdp_media_get_format(&source_, i)));
      if (!media_.rtp) continue;
      const auto type = SdpNumber(media_.formats.back(), ortc::kMaxPayloadType);
      if (!type) return Wrong("formats", "must be payload types from 0 to 127");
      if (index_[*type] != kNone) {
        return Wrong("formats", "has payload type " + std::to_string(*type) + " twice");
      }
      index_[*type] = static_cast<int>(media_.codecs.size());
      RtpCodecParameters codec;
      codec.kind = media_.kind;
      codec.payload_type = static_cast<uint8_t>(*type);
      FillStatic(codec.payload_type, &codec);
      media_.codecs.push_back(std::move(codec));
    }
    if (media_.formats.empty()) return Wrong("formats", "is empty");
    return OkStatus();
  }

  Status ReadAttribute(std::string_view key, std::string_view value) {
    if (key == "mid") return ReadMid(value);
    if (key == "bundle-only") bundle_only_ = true;
    if (!media_.rtp) return media_.transport.Read(key, value);
    if (key == "rtcp-mux") media_.rtcp_mux = true;
    if (key == "rtcp-rsize") media_.reduced_size_rtcp = true;
    if (key == "extmap-allow-mixed") media_.mixed_extensions = true;
    if (key == "rtpmap") return ReadRtpmap(value);
    if (key == "fmtp") return ReadFmtp(value);
    if (key == "rtcp-fb") return ReadFeedback(value);
    if (key == "extmap") return ReadExtension(value);
    if (key == "msid") return ReadMsid(value);
    if (const auto direction = SdpDirectionOf(key)) media_.direction = *direction;
    if (Status read = streams_.Read(key, value); !read) return read;
    return media_.transport.Read(key, value);
  }

  Status ReadMid(std::string_view value) {
    if (!media_.mid.empty()) return Wrong("mid", "is given twice");
    media_.mid = value;
    if (!IsSdpToken(value, ortc::kMaxMidSize) || !ortc::IsMid(media_.mid)) {
      return Wrong("mid", "must be a token of at most " + std::to_string(ortc::kMaxMidSize));
    }
    return OkStatus();
  }

  // The codec that the attribute is about. Null: of a payload type that was taken off the "m="
  // line, as applications do that choose codecs so; then there is nothing to read.
  Result<RtpCodecParameters*> FindCodec(std::string_view attribute, std::string_view type_text) {
    const auto type = SdpNumber(type_text, ortc::kMaxPayloadType);
    if (!type) return Wrong(attribute, "must begin with a payload type");
    if (index_[*type] == kNone) return nullptr;
    return &media_.codecs[static_cast<size_t>(index_[*type])];
  }

  // "96 VP8/90000", "111 opus/48000/2".
  Status ReadRtpmap(std::string_view value) {
    const auto found = FindCodec("rtpmap", CutSdp(&value, ' '));
    if (!found) return found.error();
    RtpCodecParameters* const codec = found.value();
    if (codec == nullptr) return OkStatus();
    const std::string_view name = CutSdp(&value, '/');
    const auto clock_rate = SdpNumber(CutSdp(&value, '/'), ortc::kMaxClockRate);
    const auto channels = SdpNumber(value.empty() ? "1" : value, ortc::kMaxChannels);
    if (!IsSdpToken(name, ortc::kMaxNameSize)) return Wrong("rtpmap", "must name a codec");
    if (clock_rate.value_or(0) == 0) return Wrong("rtpmap", "must have a clock rate");
    if (channels.value_or(0) == 0) return Wrong("rtpmap", "must have 1 to 255 channels");
    if (mapped_[codec->payload_type]) {
      return Wrong("rtpmap", "has payload type " + std::to_string(codec->payload_type) + " twice");
    }
    mapped_[codec->payload_type] = true;
    codec->name = name;
    codec->clock_rate = static_cast<uint32_t>(*clock_rate);
    codec->channels = codec->kind == MediaKind::kAudio ? static_cast<uint8_t>(*channels) : 0;
    return OkStatus();
  }

  // "96 max-fs=12288;max-fr=60". What is no pair, as "0-15" of telephone-event, is left off, as
  // mediasoup-client leaves it off.
  Status ReadFmtp(std::string_view value) {
    const auto found = FindCodec("fmtp", CutSdp(&value, ' '));
    if (!found) return found.error();
    RtpCodecParameters* const codec = found.value();
    if (codec == nullptr) return OkStatus();
    if (!codec->parameters.empty()) {
      return Wrong("fmtp", "has payload type " + std::to_string(codec->payload_type) + " twice");
    }
    while (!value.empty()) {
      std::string_view text = CutSdp(&value, ';');
      while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
      while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
      if (text.find('=') == std::string_view::npos) continue;
      const std::string_view key = CutSdp(&text, '=');
      if (!IsSdpToken(key, ortc::kMaxNameSize) || text.size() > ortc::kMaxTextSize) {
        return Wrong("fmtp", "has a parameter without a name, or too long");
      }
      if (codec->parameters.size() == ortc::kMaxParameters) {
        return Wrong("fmtp",
                     "has more than " + std::to_string(ortc::kMaxParameters) + " parameters");
      }
      codec->parameters.Set(key, ParameterOf(text));
    }
    return OkStatus();
  }

  // As sdp-transform does it, so that the objects are those of mediasoup-client.
  static ortc::ParameterValue ParameterOf(std::string_view text) {
    constexpr uint64_t kMaxExact = 9007199254740991;  // in JavaScript
    const auto number = SdpNumber(text, kMaxExact);
    if (number && std::to_string(*number) == text) return static_cast<int64_t>(*number);
    return std::string(text);
  }

  // "96 nack pli", "* transport-cc" (RFC 4585, section 4.2).
  Status ReadFeedback(std::string_view value) {
    const std::string_view type_text = CutSdp(&value, ' ');
    const std::string_view name = CutSdp(&value, ' ');
    if (!IsSdpToken(name, ortc::kMaxNameSize) || value.size() > ortc::kMaxNameSize) {
      return Wrong("rtcp-fb", "must have a kind of feedback");
    }
    const ortc::RtcpFeedback feedback{std::string(name), std::string(value)};
    if (type_text == "*") {
      common_feedback_.push_back(feedback);
      return Bounded(common_feedback_);
    }
    const auto found = FindCodec("rtcp-fb", type_text);
    if (!found) return found.error();
    RtpCodecParameters* const codec = found.value();
    if (codec == nullptr) return OkStatus();
    codec->rtcp_feedback.push_back(feedback);
    return Bounded(codec->rtcp_feedback);
  }

  Status Bounded(const std::vector<ortc::RtcpFeedback>& feedback) const {
    if (feedback.size() <= ortc::kMaxRtcpFeedback) return OkStatus();
    return Wrong("rtcp-fb", "is given more than " + std::to_string(ortc::kMaxRtcpFeedback) +
                                " times for a payload type");
  }

  // "3/sendonly URI attributes" (RFC 8285, section 8).
  Status ReadExtension(std::string_view value) {
    std::string_view place = CutSdp(&value, ' ');
    const auto id = SdpNumber(CutSdp(&place, '/'), kMaxExtensionId);
    if (id.value_or(0) == 0) return Wrong("extmap", "must have an id from 1 to 255");
    SdpExtension extension;
    if (!place.empty()) {
      const auto direction = SdpDirectionOf(place);
      if (!direction) return Wrong("extmap", "must have a direction behind the /");
      extension.direction = *direction;
    }
    extension.parameters.uri = CutSdp(&value, ' ');
    if (extension.parameters.uri.empty() || extension.parameters.uri.size() > ortc::kMaxTextSize) {
      return Wrong("extmap", "must have a URI of at most " + std::to_string(ortc::kMaxTextSize));
    }
    // RFC 6904 is not ours.
    if (*id > kMaxUsedExtensionId ||
        extension.parameters.uri == "urn:ietf:params:rtp-hdrext:encrypt") {
      return OkStatus();
    }
    if (extension_ids_[*id]) {
      return Wrong("extmap", "has id " + std::to_string(*id) + " twice");
    }
    extension_ids_[*id] = true;
    extension.parameters.id = static_cast<uint8_t>(*id);
    media_.extensions.push_back(std::move(extension));
    return OkStatus();
  }

  Status ReadMsid(std::string_view value) {
    if (value.size() > ortc::kMaxTextSize) return Wrong("msid", "is too long");
    if (media_.msid.empty()) media_.msid = value;
    return OkStatus();
  }

  Status Finish() {
    media_.rejected = gst_sdp_media_get_port(&source_) == 0 && !bundle_only_;
    if (!media_.rtp) return OkStatus();
    // Types of RFC 3551 that nobody uses in WebRTC.
    std::erase_if(media_.codecs, [](const RtpCodecParameters& codec) {
      return codec.name.empty() && codec.payload_type <= kMaxStaticPayloadType;
    });
    if (media_.codecs.empty()) return Wrong("rtpmap", "has no codec that is known");
    for (RtpCodecParameters& codec : media_.codecs) {
      if (codec.name.empty()) {
        return Wrong("rtpmap",
                     "has no codec of payload type " + std::to_string(codec.payload_type));
      }
      auto& feedback = codec.rtcp_feedback;
      feedback.insert(feedback.end(), common_feedback_.begin(), common_feedback_.end());
      Status status = Bounded(feedback);
      if (!status) return status;
    }
    auto encodings = streams_.Encodings();
    if (!encodings) return encodings.error();
    media_.encodings = std::move(encodings).value();
    media_.cname = streams_.cname();
    return OkStatus();
  }

  const GstSDPMedia& source_;
  SdpMedia media_;
  const std::string name_;
  bool bundle_only_ = false;
  std::array<int, ortc::kMaxPayloadType + 1> index_{};    // of the codec, or kNone
  std::array<bool, ortc::kMaxPayloadType + 1> mapped_{};  // has an rtpmap
  std::array<bool, kMaxUsedExtensionId + 1> extension_ids_{};
  std::vector<ortc::RtcpFeedback> common_feedback_;
  SdpStreamsReader streams_;
};

}  // namespace

std::optional<SdpDirection> SdpDirectionOf(std::string_view key) {
  for (const auto& [word, direction] : kDirections) {
    if (word == key) return direction;
  }
  return std::nullopt;
}

Result<SdpMedia> ReadSdpMedia(const GstSDPMedia& media, const std::string& name,
                              SdpDirection direction) {
  SdpMedia read(name);
  read.type = SdpView(gst_sdp_media_get_media(&media));
  read.protocol = SdpView(gst_sdp_media_get_proto(&media));
  read.direction = direction;
  read.kind = read.type == "video" ? MediaKind::kVideo : MediaKind::kAudio;
  read.rtp =
      (read.type == "audio" || read.type == "video") &&
      std::find(kRtpProtocols.begin(), kRtpProtocols.end(), read.protocol) != kRtpProtocols.end();
  return MediaReader(media, std::move(read)).Read();
}

}  // namespace sfu::signalling
