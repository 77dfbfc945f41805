// Reading and writing fragments.
#include "signalling/sdp_fragment.h"

#include "signalling/sdp_text.h"
#include "signalling/sdp_transport.h"

namespace sfu::signalling {

Result<SdpFragment> ParseSdpFragment(std::string_view text) {
  const auto lines = ReadSdpLines(text);
  if (!lines) return lines.error();
  // All sections share one transport, so it does not matter in which of them a line stands.
  SdpTransportReader reader("sdp");
  for (std::string_view line : lines.value()) {
    if (!line.starts_with("a=")) continue;
    line.remove_prefix(2);
    const std::string_view key = CutSdp(&line, ':');
    Status status = reader.Read(key, line);
    if (!status) return status.error();
  }
  SdpFragment fragment;
  fragment.ice.username_fragment = reader.username_fragment();
  fragment.ice.password = reader.password();
  if (fragment.ice.username_fragment.empty() != fragment.ice.password.empty()) {
    return Error{fragment.ice.password.empty() ? "sdp.ice-pwd" : "sdp.ice-ufrag", "is missing"};
  }
  fragment.candidates = reader.candidates();
  fragment.end_of_candidates = reader.end_of_candidates();
  return fragment;
}

std::string MakeSdpFragment(const SdpFragment& fragment, const std::string& mid) {
  std::string text;
  if (fragment.ice.ice_lite) text += "a=ice-lite\r\n";
  text += "a=ice-ufrag:" + fragment.ice.username_fragment + "\r\n";
  text += "a=ice-pwd:" + fragment.ice.password + "\r\n";
  // The pseudo section that candidates stand in (RFC 8840, section 4.4).
  text += "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";
  if (!mid.empty()) text += "a=mid:" + mid + "\r\n";
  for (const auto& candidate : fragment.candidates) text += "a=" + SdpCandidate(candidate) + "\r\n";
  if (fragment.end_of_candidates) text += "a=end-of-candidates\r\n";
  return text;
}

}  // namespace sfu::signalling
