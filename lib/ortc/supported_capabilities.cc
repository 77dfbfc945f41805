// The table. Ids and directions of the extensions are those of mediasoup 3.27, so that clients of
// both see the same numbers.
#include "ortc/supported_capabilities.h"

#include <utility>

namespace sfu::ortc {
namespace {

using Feedback = std::vector<RtcpFeedback>;

Feedback TransportCc() { return {{"transport-cc", ""}}; }
Feedback RepairedAudio() { return {{"nack", ""}, {"transport-cc", ""}}; }
Feedback Video() {
  return {{"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"goog-remb", ""}, {"transport-cc", ""}};
}

RtpCodecCapability AudioCodec(std::string name, uint32_t clock_rate, uint8_t channels,
                              Feedback feedback) {
  RtpCodecCapability codec;
  codec.kind = MediaKind::kAudio;
  codec.name = std::move(name);
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  codec.rtcp_feedback = std::move(feedback);
  return codec;
}

// With a static payload type (RFC 3551, section 6).
RtpCodecCapability StaticCodec(std::string name, uint32_t clock_rate, uint8_t payload_type,
                               Feedback feedback) {
  RtpCodecCapability codec = AudioCodec(std::move(name), clock_rate, 1, std::move(feedback));
  codec.preferred_payload_type = payload_type;
  return codec;
}

// Opus with more than two channels, as Chromium carries it.
RtpCodecCapability MultiOpus(uint8_t channels, std::string mapping, int64_t streams,
                             int64_t coupled) {
  RtpCodecCapability codec = AudioCodec("multiopus", 48000, channels, RepairedAudio());
  codec.parameters = {{"channel_mapping", std::move(mapping)},
                      {"num_streams", streams},
                      {"coupled_streams", coupled}};
  return codec;
}

RtpCodecCapability VideoCodec(std::string name, FormatParameters parameters = {}) {
  RtpCodecCapability codec;
  codec.kind = MediaKind::kVideo;
  codec.name = std::move(name);
  codec.clock_rate = 90000;
  codec.parameters = std::move(parameters);
  codec.rtcp_feedback = Video();
  return codec;
}

std::vector<RtpCodecCapability> Codecs() {
  std::vector<RtpCodecCapability> codecs = {
      AudioCodec("opus", 48000, 2, RepairedAudio()),
      MultiOpus(4, "0,1,2,3", 2, 2),
      MultiOpus(6, "0,4,1,2,3,5", 4, 2),
      MultiOpus(8, "0,6,1,2,3,4,5,7", 5, 3),
      StaticCodec("PCMU", 8000, 0, TransportCc()),
      StaticCodec("PCMA", 8000, 8, TransportCc()),
      StaticCodec("G722", 8000, 9, TransportCc()),
  };
  for (const uint32_t clock_rate : {32000, 16000, 8000}) {
    codecs.push_back(StaticCodec("CN", clock_rate, 13, {}));
  }
  for (const uint32_t clock_rate : {48000, 32000, 16000, 8000}) {
    codecs.push_back(AudioCodec("telephone-event", clock_rate, 1, {}));
  }
  codecs.push_back(VideoCodec("VP8"));
  codecs.push_back(VideoCodec("VP9"));
  codecs.push_back(VideoCodec("H264", {{"level-asymmetry-allowed", 1}}));
  codecs.push_back(VideoCodec("H265", {{"level-asymmetry-allowed", 1}}));
  codecs.push_back(VideoCodec("AV1"));
  return codecs;
}

struct ExtensionRow {
  ExtensionType type;
  uint8_t id;
  std::optional<ExtensionDirection> audio;  // unset: not with this kind of media
  std::optional<ExtensionDirection> video;
};

std::vector<RtpHeaderExtension> Extensions() {
  constexpr auto kBoth = ExtensionDirection::kSendRecv;
  constexpr auto kIn = ExtensionDirection::kRecvOnly;
  // Consumers have one stream each, so they need no RID. Audio is not counted in a receiver's
  // bandwidth estimate, so it carries no transport-wide numbers to it. The dependency descriptor
  // goes to pipes only, see MakePipeConsumerParameters().
  constexpr ExtensionRow kRows[] = {
      {ExtensionType::kMid, 1, kBoth, kBoth},
      {ExtensionType::kRid, 2, std::nullopt, kIn},
      {ExtensionType::kRepairedRid, 3, std::nullopt, kIn},
      {ExtensionType::kAbsSendTime, 4, kBoth, kBoth},
      {ExtensionType::kTransportSequence, 5, kIn, kBoth},
      {ExtensionType::kAudioLevel, 6, kBoth, std::nullopt},
      {ExtensionType::kDependencyDescriptor, 7, std::nullopt, kIn},
      {ExtensionType::kVideoOrientation, 8, std::nullopt, kBoth},
      {ExtensionType::kTimeOffset, 9, std::nullopt, kBoth},
      {ExtensionType::kAbsCaptureTime, 10, kBoth, kBoth},
      {ExtensionType::kPlayoutDelay, 11, kBoth, kBoth},
  };
  std::vector<RtpHeaderExtension> extensions;
  for (const ExtensionRow& row : kRows) {
    const std::string uri(ExtensionUri(row.type));
    if (row.audio) extensions.push_back({MediaKind::kAudio, uri, row.id, false, *row.audio});
    if (row.video) extensions.push_back({MediaKind::kVideo, uri, row.id, false, *row.video});
  }
  return extensions;
}

}  // namespace

const RtpCapabilities& SupportedRtpCapabilities() {
  static const RtpCapabilities supported = {Codecs(), Extensions()};
  return supported;
}

}  // namespace sfu::ortc
