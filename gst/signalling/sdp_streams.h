// The lines of SDP that say which streams a section has: by SSRC and its groups (RFC 5576), or by
// RID and simulcast (RFC 8851, RFC 8853).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ortc/rtp_parameters.h"

namespace sfu::signalling {

// Streams ("a=ssrc") that are looked at in one section: simulcast with RTX needs 16.
inline constexpr size_t kMaxSdpSsrcs = 64;

// Reads such lines, one by one, in any order.
class SdpStreamsReader {
 public:
  // `name`: what errors call the place, "sdp.media[0]".
  explicit SdpStreamsReader(std::string name) : name_(std::move(name)) {}

  // Takes a line "a=KEY:VALUE" if it is one of these. Others are left to the caller.
  Status Read(std::string_view key, std::string_view value);

  // Empty: not given.
  const std::string& cname() const { return cname_; }
  // What all lines together say, from the lowest encoding up. Errors name the attribute.
  Result<std::vector<ortc::RtpEncodingParameters>> Encodings() const;

 private:
  Error Wrong(std::string_view attribute, std::string reason) const;
  Status ReadSsrc(std::string_view value);
  Status ReadSsrcGroup(std::string_view value);
  Status ReadRid(std::string_view value);
  Status ReadSimulcast(std::string_view value);
  Result<std::vector<ortc::RtpEncodingParameters>> SimulcastEncodings() const;
  ortc::RtpEncodingParameters EncodingOf(Ssrc ssrc) const;
  bool IsRtx(Ssrc ssrc) const;

  const std::string name_;
  std::string cname_;
  std::vector<std::string> rids_;  // those of direction "send"
  bool simulcast_ = false;
  std::vector<std::string> simulcast_rids_;
  std::vector<Ssrc> ssrcs_;
  std::map<Ssrc, Ssrc> rtx_;  // RTX by media
  std::vector<Ssrc> layers_;  // of a group "SIM"
};

}  // namespace sfu::signalling
