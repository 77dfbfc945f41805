// Reading the streams of a section.
#include "signalling/sdp_streams.h"

#include <algorithm>

#include "ortc/limits.h"
#include "signalling/sdp_text.h"

namespace sfu::signalling {

Status SdpStreamsReader::Read(std::string_view key, std::string_view value) {
  if (key == "ssrc") return ReadSsrc(value);
  if (key == "ssrc-group") return ReadSsrcGroup(value);
  if (key == "rid") return ReadRid(value);
  if (key == "simulcast") return ReadSimulcast(value);
  return OkStatus();
}

Error SdpStreamsReader::Wrong(std::string_view attribute, std::string reason) const {
  return Error{name_ + "." + std::string(attribute), std::move(reason)};
}

// "1234 cname:x".
Status SdpStreamsReader::ReadSsrc(std::string_view value) {
  const auto ssrc = SdpNumber(CutSdp(&value, ' '), UINT32_MAX);
  if (ssrc.value_or(0) == 0) return Wrong("ssrc", "must be 1..4294967295");
  const auto number = static_cast<Ssrc>(*ssrc);
  auto& known = ssrcs_;
  if (std::find(known.begin(), known.end(), number) == known.end()) {
    if (known.size() == kMaxSdpSsrcs) {
      return Wrong("ssrc", "has more than " + std::to_string(kMaxSdpSsrcs) + " streams");
    }
    known.push_back(number);
  }
  if (CutSdp(&value, ':') != "cname" || !cname_.empty()) return OkStatus();
  if (value.size() > ortc::kMaxCnameSize) return Wrong("ssrc", "has a CNAME that is too long");
  cname_ = value;
  return OkStatus();
}

// "FID media rtx" (RFC 5576; RFC 4588, section 8.8), "SIM low middle high".
Status SdpStreamsReader::ReadSsrcGroup(std::string_view value) {
  const std::string_view semantics = CutSdp(&value, ' ');
  std::vector<Ssrc> group;
  for (const std::string_view text : SplitSdp(value)) {
    const auto ssrc = SdpNumber(text, UINT32_MAX);
    if (ssrc.value_or(0) == 0) return Wrong("ssrc-group", "must be of SSRCs");
    if (group.size() == kMaxSdpSsrcs) return Wrong("ssrc-group", "is too long");
    group.push_back(static_cast<Ssrc>(*ssrc));
  }
  if (semantics == "FID" && group.size() == 2) {
    if (group[0] == group[1] || rtx_.size() == kMaxSdpSsrcs) {
      return Wrong("ssrc-group", "must name two streams");
    }
    rtx_.emplace(group[0], group[1]);
  }
  if (semantics == "SIM") layers_ = std::move(group);
  return OkStatus();
}

// "h send pt=96;max-width=1280" (RFC 8851). The restrictions are the sender's own affair.
Status SdpStreamsReader::ReadRid(std::string_view value) {
  const std::string_view rid = CutSdp(&value, ' ');
  if (!IsSdpToken(rid, ortc::kMaxRidSize)) return Wrong("rid", "must be a name and a direction");
  if (CutSdp(&value, ' ') != "send") return OkStatus();
  auto& known = rids_;
  if (std::find(known.begin(), known.end(), rid) != known.end()) {
    return Wrong("rid", "has '" + std::string(rid) + "' twice");
  }
  if (known.size() == ortc::kMaxEncodings) {
    return Wrong("rid", "is given more than " + std::to_string(ortc::kMaxEncodings) + " times");
  }
  known.emplace_back(rid);
  return OkStatus();
}

// "send l;m;~h recv …" (RFC 8853). Of alternatives ("l,k") the first is taken.
Status SdpStreamsReader::ReadSimulcast(std::string_view value) {
  if (simulcast_) return Wrong("simulcast", "is given twice");
  simulcast_ = true;
  const std::vector<std::string_view> words = SplitSdp(value);
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] != "send") continue;
    for (std::string_view alternatives : SplitSdp(words[i + 1], ';')) {
      std::string_view rid = CutSdp(&alternatives, ',');
      if (rid.starts_with('~')) rid.remove_prefix(1);
      if (simulcast_rids_.size() == ortc::kMaxEncodings) {
        return Wrong("simulcast",
                     "has more than " + std::to_string(ortc::kMaxEncodings) + " streams");
      }
      simulcast_rids_.emplace_back(rid);
    }
  }
  return OkStatus();
}

Result<std::vector<ortc::RtpEncodingParameters>> SdpStreamsReader::Encodings() const {
  auto encodings = SimulcastEncodings();
  if (!encodings || !encodings.value().empty()) return encodings;
  if (layers_.size() > ortc::kMaxEncodings) return Wrong("ssrc-group", "is too long");
  if (layers_.size() > 1) {
    for (const Ssrc ssrc : layers_) encodings.value().push_back(EncodingOf(ssrc));
    return encodings;
  }
  const auto first =
      std::find_if_not(ssrcs_.begin(), ssrcs_.end(), [this](Ssrc ssrc) { return IsRtx(ssrc); });
  if (first != ssrcs_.end()) encodings.value().push_back(EncodingOf(*first));
  return encodings;
}

Result<std::vector<ortc::RtpEncodingParameters>> SdpStreamsReader::SimulcastEncodings() const {
  std::vector<ortc::RtpEncodingParameters> encodings;
  for (const std::string& rid : simulcast_rids_) {
    if (std::find(rids_.begin(), rids_.end(), rid) == rids_.end()) {
      return Wrong("simulcast", "names '" + rid + "', which no rid line has");
    }
    const bool seen = std::any_of(encodings.begin(), encodings.end(),
                                  [&](const auto& encoding) { return encoding.rid == rid; });
    if (seen) return Wrong("simulcast", "has '" + rid + "' twice");
    encodings.emplace_back().rid = rid;
  }
  return encodings;
}

ortc::RtpEncodingParameters SdpStreamsReader::EncodingOf(Ssrc ssrc) const {
  ortc::RtpEncodingParameters encoding;
  encoding.ssrc = ssrc;
  if (const auto rtx = rtx_.find(ssrc); rtx != rtx_.end()) encoding.rtx_ssrc = rtx->second;
  return encoding;
}

bool SdpStreamsReader::IsRtx(Ssrc ssrc) const {
  return std::any_of(rtx_.begin(), rtx_.end(),
                     [&](const auto& pair) { return pair.second == ssrc; });
}

}  // namespace sfu::signalling
