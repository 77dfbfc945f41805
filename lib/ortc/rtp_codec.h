// Codecs as ORTC names them: in capabilities ("I could") and in parameters ("I do").
//
// The members have the names and meanings of mediasoup's RtpCodecCapability and RtpCodecParameters.
// sfu::RtpCodec (rtp/codec.h) is the short form that packets are handled by; see stream_mapping.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ortc/format_parameters.h"
#include "rtp/codec.h"

namespace sfu::ortc {

// One kind of RTCP feedback, as SDP writes it behind "a=rtcp-fb:": {"nack", "pli"}.
struct RtcpFeedback {
  std::string type;
  std::string parameter;  // may be empty

  bool operator==(const RtcpFeedback&) const = default;
};

// What both have in common.
struct CodecDescription {
  MediaKind kind = MediaKind::kAudio;
  std::string name;         // "opus"; compared in any case
  uint32_t clock_rate = 0;  // Hz, 1..kMaxClockRate
  uint8_t channels = 0;     // audio: 1..255; video: 0
  FormatParameters parameters;
  std::vector<RtcpFeedback> rtcp_feedback;

  // "audio/opus".
  std::string MimeType() const;
  // Whether these are retransmissions of another codec (RFC 4588).
  bool IsRtx() const;
  // Of RTX: the payload type of that codec. Nothing if it is missing or no payload type.
  std::optional<uint8_t> Apt() const;

  bool operator==(const CodecDescription&) const = default;
};

struct RtpCodecCapability : CodecDescription {
  std::optional<uint8_t> preferred_payload_type;  // 0..127

  bool operator==(const RtpCodecCapability&) const = default;
};

struct RtpCodecParameters : CodecDescription {
  uint8_t payload_type = 0;  // 0..127

  bool operator==(const RtpCodecParameters&) const = default;
};

// "audio" or "video".
std::string MediaKindName(MediaKind kind);

}  // namespace sfu::ortc
