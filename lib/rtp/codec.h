// What is negotiated about one RTP stream: codec, payload types, feedback, header extension ids.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sfu {

enum class MediaKind : uint8_t { kAudio, kVideo };

// The codecs whose payload libsfu can look into; all others are forwarded as kOther.
enum class CodecId : uint8_t { kOther, kVp8, kVp9, kH264, kH265, kAv1, kOpus };

// The header extensions that libsfu acts on (RFC 8285). The numbers are slots of tables, not ids.
enum class ExtensionType : uint8_t {
  kMid,
  kRid,
  kRepairedRid,
  kAbsSendTime,
  kTransportSequence,
  kAudioLevel,
  kDependencyDescriptor,
  kVideoOrientation,
  kTimeOffset,
  kAbsCaptureTime,
  kPlayoutDelay,
  kCount,
};

// Which id each of them has in one stream's packets (RFC 8285); 0: not negotiated.
using ExtensionIds = std::array<uint8_t, static_cast<size_t>(ExtensionType::kCount)>;

// Which kinds of RTCP feedback a peer understands (RFC 4585, RFC 5104).
struct RtcpFeedback {
  bool nack = false;
  bool nack_pli = false;
  bool ccm_fir = false;
  bool transport_cc = false;
  bool goog_remb = false;
};

// One negotiated codec of one stream. The names are those of SDP and of mediasoup's RtpParameters.
struct RtpCodec {
  MediaKind kind = MediaKind::kVideo;
  CodecId id = CodecId::kOther;
  std::string encoding_name;    // "VP8", as in SDP's rtpmap
  uint8_t payload_type = 0;     // 0..127
  uint32_t clock_rate = 90000;  // Hz, > 0
  uint8_t channels = 0;         // audio only
  int rtx_payload_type = -1;    // -1: no RTX (RFC 4588)
  RtcpFeedback feedback;
  ExtensionIds extensions{};

  uint8_t extension_id(ExtensionType type) const { return extensions[static_cast<size_t>(type)]; }
};

// The codec of an SDP encoding name, in any case; kOther when libsfu cannot look into it.
CodecId CodecIdFromName(const std::string& encoding_name);

}  // namespace sfu
