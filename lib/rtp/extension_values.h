// What the header extensions of WebRTC mean: one small type per extension, from and to its bytes.
//
// Each has kUri (its name in SDP and ORTC), kSize (bytes), Parse (nothing if the size or the
// content is not what the specification says) and Write (fills exactly kSize bytes; false, and
// nothing written, if `out` has another size). The bytes are those of HeaderExtension::data.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/codec.h"
#include "rtp/ntp_time.h"

namespace sfu {

// When the packet left, as 24 bits of seconds with 18 bits of fraction; wraps every 64 s.
struct AbsSendTime {
  static constexpr std::string_view kUri =
      "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
  static constexpr size_t kSize = 3;
  uint32_t value = 0;  // 24 bits

  // On any clock: receivers only take differences.
  static AbsSendTime FromTimestamp(Timestamp t);
  static std::optional<AbsSendTime> Parse(ByteView data);
  bool Write(MutableBytes out) const;
  // How much later this is than `earlier`, by the shorter way round: -32 s..32 s.
  TimeDelta Since(AbsSendTime earlier) const;
};

// The transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01).
struct TransportSequence {
  static constexpr std::string_view kUri =
      "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
  static constexpr size_t kSize = 2;
  uint16_t value = 0;

  static std::optional<TransportSequence> Parse(ByteView data);
  bool Write(MutableBytes out) const;
};

// Loudness of the audio in the packet (RFC 6464).
struct AudioLevel {
  static constexpr std::string_view kUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
  static constexpr size_t kSize = 1;
  bool voice = false;      // the sender believes that somebody speaks
  uint8_t minus_dbov = 0;  // 0 (loudest) .. 127 (silence)

  static std::optional<AudioLevel> Parse(ByteView data);
  bool Write(MutableBytes out) const;
};

// How to turn the picture before showing it (3GPP TS 26.114, section 7.4.5).
struct VideoOrientation {
  static constexpr std::string_view kUri = "urn:3gpp:video-orientation";
  static constexpr size_t kSize = 1;
  bool back_camera = false;
  bool flip = false;      // mirrored left to right
  uint16_t rotation = 0;  // degrees clockwise: 0, 90, 180, 270
  bool operator==(const VideoOrientation&) const = default;

  static std::optional<VideoOrientation> Parse(ByteView data);
  bool Write(MutableBytes out) const;
};

// How much later than its RTP timestamp the packet was sent, in RTP clock ticks (RFC 5450).
struct TransmissionOffset {
  static constexpr std::string_view kUri = "urn:ietf:params:rtp-hdrext:toffset";
  static constexpr size_t kSize = 3;
  int32_t ticks = 0;  // -2^23 .. 2^23-1; Write clamps

  static std::optional<TransmissionOffset> Parse(ByteView data);
  bool Write(MutableBytes out) const;
};

// When the media was captured, on the capturer's clock; with the capturer's clock minus the
// sender's where somebody in between has estimated it. 8 bytes without, 16 with that offset.
struct AbsCaptureTime {
  static constexpr std::string_view kUri =
      "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
  static constexpr size_t kShortSize = 8;
  static constexpr size_t kSize = 16;
  NtpTime capture;
  std::optional<int64_t> clock_offset;  // seconds with 32 bits of fraction

  size_t size() const { return clock_offset ? kSize : kShortSize; }
  static std::optional<AbsCaptureTime> Parse(ByteView data);
  // `out` has size() bytes.
  bool Write(MutableBytes out) const;
};

// The least and the most delay between capture and rendering that the sender asks for.
struct PlayoutDelay {
  static constexpr std::string_view kUri =
      "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
  static constexpr size_t kSize = 3;
  static constexpr uint16_t kMax = 0xFFF;
  uint16_t min = 0;  // units of 10 ms, 0..kMax; Write clamps
  uint16_t max = 0;

  TimeDelta min_delay() const { return TimeDelta::Millis(10) * min; }
  TimeDelta max_delay() const { return TimeDelta::Millis(10) * max; }
  // Nothing if min is above max.
  static std::optional<PlayoutDelay> Parse(ByteView data);
  bool Write(MutableBytes out) const;
};

// SDES items in header extensions (RFC 7941): text that names the media section or the encoding.
inline constexpr std::string_view kMidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
inline constexpr std::string_view kRidUri = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
inline constexpr std::string_view kRepairedRidUri =
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";

// AOMedia's RTP Payload Format For AV1, appendix A; read by codecs/dependency_descriptor.h.
inline constexpr std::string_view kDependencyDescriptorUri =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

// The type of an extension's URI; nothing for those that libsfu does not act on.
std::optional<ExtensionType> ExtensionTypeFromUri(std::string_view uri);

// A MID (RFC 9143; a token of RFC 8866), or nothing. Ends at the first zero byte, for some senders
// pad a shorter MID to the length of a longer one. The text stays in the packet.
std::optional<std::string_view> ParseMid(ByteView data);
// A RID: letters and digits (RFC 8852), and the '-' and '_' that RFC 8851 once allowed.
std::optional<std::string_view> ParseRid(ByteView data);
// The bytes of a MID or RID, to hand to HeaderExtensionWriter::Add.
ByteView TextBytes(std::string_view text);

}  // namespace sfu
