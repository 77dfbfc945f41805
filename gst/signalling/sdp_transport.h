// The lines of SDP by which a transport is set up: ICE (RFC 8839, RFC 6544) and DTLS (RFC 8122,
// RFC 8842).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ortc/transport_parameters.h"

namespace sfu::signalling {

// Reads such lines, one by one, in any order. Each value at most once, or the same again.
class SdpTransportReader {
 public:
  // `name`: what errors call the place, "sdp.media[0]".
  explicit SdpTransportReader(std::string name) : name_(std::move(name)) {}

  // Takes a line "a=KEY:VALUE" if it is one of these. Others are left to the caller.
  Status Read(std::string_view key, std::string_view value);

  const std::string& name() const { return name_; }
  // Empty: not given.
  const std::string& username_fragment() const { return username_fragment_; }
  const std::string& password() const { return password_; }
  // Those of component 1 over UDP and TCP; what else there may be is left off.
  const std::vector<ortc::IceCandidate>& candidates() const { return candidates_; }
  bool end_of_candidates() const { return end_of_candidates_; }
  bool lite() const { return lite_; }
  // Those of hashes that we know.
  const std::vector<ortc::DtlsFingerprint>& fingerprints() const { return fingerprints_; }
  // What the offerer will be: "actpass" is kAuto. Unset: not given.
  const std::optional<ortc::DtlsRole>& role() const { return role_; }

 private:
  Status ReadIceText(std::string_view key, std::string_view value, size_t min_size,
                     std::string* text);
  Status ReadCandidate(std::string_view value);
  Status ReadFingerprint(std::string_view value);
  Status ReadSetup(std::string_view value);

  const std::string name_;
  std::string username_fragment_;
  std::string password_;
  std::vector<ortc::IceCandidate> candidates_;
  bool end_of_candidates_ = false;
  bool lite_ = false;
  std::vector<ortc::DtlsFingerprint> fingerprints_;
  std::optional<ortc::DtlsRole> role_;
};

// "a=candidate:…" without "a=" and without an end of line.
std::string SdpCandidate(const ortc::IceCandidate& candidate);
// "sha-256 AB:CD:…".
std::string SdpFingerprint(const ortc::DtlsFingerprint& fingerprint);

}  // namespace sfu::signalling
