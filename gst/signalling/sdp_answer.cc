// Writing an answer, line by line.
#include "signalling/sdp_answer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "signalling/sdp_transport.h"

namespace sfu::signalling {
namespace {

// Where ports and addresses do not matter: candidates tell them (RFC 8840, section 4.1.1).
constexpr char kAnyPort[] = "9";

class AnswerWriter {
 public:
  AnswerWriter(const SdpOffer& offer, const SdpLocalTransport& local)
      : offer_(offer), local_(local) {}

  std::string Write(const std::vector<std::optional<SdpAnswerMedia>>& media, uint64_t session_id) {
    Line("v=0");
    Line("o=- ", session_id, " 1 IN IP4 0.0.0.0");
    Line("s=-");
    Line("t=0 0");
    std::string bundle;
    for (size_t i = 0; i < media.size(); ++i) {
      if (IsAccepted(media, i)) bundle.append(" ").append(offer_.media[i].mid);
    }
    if (offer_.bundled) Line("a=group:BUNDLE", bundle);
    if (offer_.mixed_extensions) Line("a=extmap-allow-mixed");
    if (local_.ice.ice_lite) Line("a=ice-lite");
    Line("a=msid-semantic:WMS *");
    for (size_t i = 0; i < media.size(); ++i) {
      if (!IsAccepted(media, i)) {
        Refuse(offer_.media[i]);
      } else if (media[i]) {
        Section(offer_.media[i], *media[i]);
      } else {
        Inactive(offer_.media[i]);
      }
    }
    return std::move(text_);
  }

 private:
  bool IsAccepted(const std::vector<std::optional<SdpAnswerMedia>>& media, size_t index) const {
    return media[index].has_value() || (index == offer_.tagged && offer_.media[index].usable);
  }

  // Texts and numbers, one after the other.
  template <typename... Parts>
  void Line(const Parts&... parts) {
    (Put(parts), ...);
    text_ += "\r\n";
  }
  void Put(std::string_view text) { text_ += text; }
  void Put(uint64_t number) { text_ += std::to_string(number); }

  void Refuse(const SdpMedia& offered) {
    Line("m=", offered.type, " 0 ", offered.protocol, " ", offered.formats.front());
    Line("c=IN IP4 0.0.0.0");
    if (!offered.mid.empty()) Line("a=mid:", offered.mid);
    Line("a=inactive");
  }

  // What every section in use has.
  void Head(const SdpMedia& offered, const std::vector<ortc::RtpCodecParameters>& codecs,
            const char* direction) {
    std::string formats;
    for (const auto& codec : codecs) formats.append(" ").append(std::to_string(codec.payload_type));
    Line("m=", offered.type, " ", kAnyPort, " ", offered.protocol, formats);
    Line("c=IN IP4 0.0.0.0");
    if (!offered.mid.empty()) Line("a=mid:", offered.mid);
    Line("a=", direction);
    Line("a=ice-ufrag:", local_.ice.username_fragment);
    Line("a=ice-pwd:", local_.ice.password);
    for (const auto& fingerprint : Fingerprints())
      Line("a=fingerprint:", SdpFingerprint(fingerprint));
    Line(local_.dtls.role == ortc::DtlsRole::kClient ? "a=setup:active" : "a=setup:passive");
    if (!std::exchange(candidates_written_, true)) {
      for (const auto& candidate : local_.candidates) Line("a=", SdpCandidate(candidate));
      Line("a=end-of-candidates");
    }
    Line("a=rtcp-mux");
    if (offered.reduced_size_rtcp) Line("a=rtcp-rsize");
    if (offered.mixed_extensions) Line("a=extmap-allow-mixed");
    for (const auto& codec : codecs) Codec(codec);
  }

  // One is enough, and SHA-256 is what all know.
  std::vector<ortc::DtlsFingerprint> Fingerprints() const {
    const auto& all = local_.dtls.fingerprints;
    const auto found = std::find_if(all.begin(), all.end(), [](const auto& fingerprint) {
      return fingerprint.algorithm == ortc::FingerprintAlgorithm::kSha256;
    });
    if (found == all.end()) return all;
    return {*found};
  }

  void Codec(const ortc::RtpCodecParameters& codec) {
    const uint64_t type = codec.payload_type;
    if (codec.channels > 1) {
      Line("a=rtpmap:", type, " ", codec.name, "/", codec.clock_rate, "/", codec.channels);
    } else {
      Line("a=rtpmap:", type, " ", codec.name, "/", codec.clock_rate);
    }
    std::string parameters;
    for (const auto& [name, value] : codec.parameters.values()) {
      const auto text = codec.parameters.Text(name);
      if (!text) continue;
      if (!parameters.empty()) parameters += ';';
      parameters.append(name).append("=").append(*text);
    }
    if (!parameters.empty()) Line("a=fmtp:", type, " ", parameters);
    for (const auto& feedback : codec.rtcp_feedback) {
      const char* space = feedback.parameter.empty() ? "" : " ";
      Line("a=rtcp-fb:", type, " ", feedback.type, space, feedback.parameter);
    }
  }

  void Section(const SdpMedia& offered, const SdpAnswerMedia& media) {
    Head(offered, media.parameters.codecs, media.receive ? "recvonly" : "sendonly");
    for (const auto& extension : media.parameters.header_extensions) {
      Line("a=extmap:", extension.id, " ", extension.uri);
    }
    if (media.receive) {
      Simulcast(media.parameters);
    } else {
      Streams(media.parameters);
    }
  }

  // RFC 8853: the offerer may send these.
  void Simulcast(const ortc::RtpParameters& parameters) {
    std::string rids;
    for (const auto& encoding : parameters.encodings) {
      if (encoding.rid.empty()) continue;
      Line("a=rid:", encoding.rid, " recv");
      rids.append(rids.empty() ? "" : ";").append(encoding.rid);
    }
    if (!rids.empty()) Line("a=simulcast:recv ", rids);
  }

  // RFC 5576, RFC 8830: what we send.
  void Streams(const ortc::RtpParameters& parameters) {
    if (!parameters.msid.empty()) Line("a=msid:", parameters.msid);
    for (const auto& encoding : parameters.encodings) {
      if (!encoding.ssrc) continue;
      std::vector<Ssrc> ssrcs = {*encoding.ssrc};
      if (encoding.rtx_ssrc) {
        ssrcs.push_back(*encoding.rtx_ssrc);
        Line("a=ssrc-group:FID ", ssrcs[0], " ", ssrcs[1]);
      }
      for (const Ssrc ssrc : ssrcs) {
        Line("a=ssrc:", ssrc, " cname:", parameters.rtcp.cname);
        if (!parameters.msid.empty()) Line("a=ssrc:", ssrc, " msid:", parameters.msid);
      }
    }
  }

  // Some codec must stand there, though nothing is sent.
  void Inactive(const SdpMedia& offered) { Head(offered, {offered.codecs.front()}, "inactive"); }

  const SdpOffer& offer_;
  const SdpLocalTransport& local_;
  std::string text_;
  bool candidates_written_ = false;
};

}  // namespace

ortc::DtlsParameters OffererDtls(const SdpOffer& offer) {
  ortc::DtlsParameters dtls = offer.dtls;
  if (dtls.role == ortc::DtlsRole::kAuto) dtls.role = ortc::DtlsRole::kClient;
  return dtls;
}

std::string MakeSdpAnswer(const SdpOffer& offer, const SdpLocalTransport& local,
                          const std::vector<std::optional<SdpAnswerMedia>>& media,
                          uint64_t session_id) {
  return AnswerWriter(offer, local).Write(media, session_id);
}

}  // namespace sfu::signalling
