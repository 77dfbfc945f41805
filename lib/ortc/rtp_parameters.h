// What somebody sends: mediasoup's RtpParameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ortc/rtp_codec.h"
#include "ortc/rtp_header_extension.h"
#include "rtp/sequence.h"

namespace sfu::ortc {

// One stream of several of the same picture, or the only one.
struct RtpEncodingParameters {
  std::optional<Ssrc> ssrc;  // not 0
  std::string rid;           // RFC 8851; may be empty
  // The codec of this stream; unset: the first media codec.
  std::optional<uint8_t> codec_payload_type;
  std::optional<Ssrc> rtx_ssrc;         // JSON's rtx.ssrc; not 0
  bool dtx = false;                     // the sender is silent when nobody speaks
  std::string scalability_mode;         // "L1T3", see scalability_mode.h; may be empty
  std::optional<uint64_t> max_bitrate;  // bits per second

  bool operator==(const RtpEncodingParameters&) const = default;
};

struct RtcpParameters {
  std::string cname;  // may be empty
  bool reduced_size = true;

  bool operator==(const RtcpParameters&) const = default;
};

struct RtpParameters {
  std::string mid;                         // RFC 9143; may be empty
  std::string msid;                        // RFC 8830: which streams belong together; may be empty
  std::vector<RtpCodecParameters> codecs;  // media and RTX
  std::vector<RtpHeaderExtensionParameters> header_extensions;
  std::vector<RtpEncodingParameters> encodings;
  RtcpParameters rtcp;

  // The codec of encodings[encoding]; the first media codec, if there is no such encoding. Null if
  // there is none.
  const RtpCodecParameters* CodecOf(size_t encoding) const;
  // The RTX codec of a media codec, or null.
  const RtpCodecParameters* RtxOf(const RtpCodecParameters& codec) const;

  bool operator==(const RtpParameters&) const = default;
};

// What no parameters may have: no media codec, a payload type that means two codecs, two RTX codecs
// of one codec or one of none, an extension id or a URI twice, an SSRC or RID twice, several
// encodings that nothing tells apart, values out of range. `name` is what errors call the object.
Status CheckRtpParameters(const RtpParameters& parameters,
                          const std::string& name = "rtpParameters");

// Whether `mid` may stand in an RTP header extension.
bool IsMid(const std::string& mid);

}  // namespace sfu::ortc
