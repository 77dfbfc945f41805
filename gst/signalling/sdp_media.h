// One section ("m=") of an offer: what its side can send or receive, as ORTC objects.
#pragma once

#include <gst/sdp/sdp.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ortc/rtp_capabilities.h"
#include "ortc/rtp_parameters.h"
#include "signalling/sdp_transport.h"

namespace sfu::signalling {

// Seen from the offerer.
enum class SdpDirection : uint8_t { kInactive = 0, kSendOnly = 1, kRecvOnly = 2, kSendRecv = 3 };
constexpr bool Sends(SdpDirection direction) { return (static_cast<int>(direction) & 1) != 0; }
constexpr bool Receives(SdpDirection direction) { return (static_cast<int>(direction) & 2) != 0; }

struct SdpExtension {
  ortc::RtpHeaderExtensionParameters parameters;
  SdpDirection direction = SdpDirection::kSendRecv;
};

struct SdpMedia {
  explicit SdpMedia(std::string name) : transport(std::move(name)) {}

  // As offered.
  std::string type;                  // "audio", "video", "application" …
  std::string protocol;              // "UDP/TLS/RTP/SAVPF"
  std::vector<std::string> formats;  // payload types, as texts
  std::string mid;                   // empty: none
  SdpTransportReader transport;      // its name is that of the section, "sdp.media[0]"
  bool rejected = false;             // port 0 without bundle-only
  bool rtcp_mux = false;
  bool reduced_size_rtcp = false;
  bool mixed_extensions = false;  // RFC 8285, section 6
  // Whether it can be answered with anything but a refusal: RTP in the bundle. The offer says so.
  bool usable = false;

  // Only of sections that are RTP over DTLS.
  bool rtp = false;
  MediaKind kind = MediaKind::kAudio;
  SdpDirection direction = SdpDirection::kSendRecv;
  std::vector<ortc::RtpCodecParameters> codecs;  // in order of preference
  std::vector<SdpExtension> extensions;
  std::vector<ortc::RtpEncodingParameters> encodings;
  std::string cname;
  std::string msid;  // "STREAM TRACK", or empty

  // What the offerer can receive here: the codecs that libsfu knows, and their RTX.
  ortc::RtpCapabilities Receivable() const;
  // What the offerer is to send here: the first of its codecs that `router` has, with its RTX, and
  // the extensions and feedback that both know. With `likes`: the first that is liked. The error
  // names the section.
  using Liking = std::function<bool(const ortc::RtpParameters&)>;
  Result<ortc::RtpParameters> Sendable(const ortc::RtpCapabilities& router,
                                       const Liking& likes = nullptr) const;

 private:
  ortc::RtpParameters SendableAs(const ortc::RtpCodecParameters& codec,
                                 const ortc::RtpCodecCapability& ours,
                                 const ortc::RtpCapabilities& router) const;
};

// Reads a section. `direction` is that of the whole description. Errors name the attribute, like
// "sdp.media[0].rtpmap".
Result<SdpMedia> ReadSdpMedia(const GstSDPMedia& media, const std::string& name,
                              SdpDirection direction);

// The direction that an attribute of this name says, if it is one.
std::optional<SdpDirection> SdpDirectionOf(std::string_view key);

}  // namespace sfu::signalling
