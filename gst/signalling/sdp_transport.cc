// Reading and writing the lines of a transport.
#include "signalling/sdp_transport.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "ortc/limits.h"
#include "ortc/transport_text.h"
#include "signalling/sdp_text.h"

namespace sfu::signalling {
namespace {

// An address or a host name; whatever it is, it must be able to stand in a line.
bool IsAddress(std::string_view text) {
  return !text.empty() && text.size() <= ortc::kMaxTextSize &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

Status SdpTransportReader::Read(std::string_view key, std::string_view value) {
  if (key == "ice-ufrag") return ReadIceText(key, value, ortc::kMinUfragSize, &username_fragment_);
  if (key == "ice-pwd") return ReadIceText(key, value, ortc::kMinPasswordSize, &password_);
  if (key == "candidate") return ReadCandidate(value);
  if (key == "fingerprint") return ReadFingerprint(value);
  if (key == "setup") return ReadSetup(value);
  if (key == "end-of-candidates") end_of_candidates_ = true;
  if (key == "ice-lite") lite_ = true;
  return OkStatus();
}

Status SdpTransportReader::ReadIceText(std::string_view key, std::string_view value,
                                       size_t min_size, std::string* text) {
  const std::string field = name_ + "." + std::string(key);
  if (value.size() < min_size || value.size() > ortc::kMaxTextSize || !ortc::IsIceText(value)) {
    return Error{field, "must be " + std::to_string(min_size) + ".." +
                            std::to_string(ortc::kMaxTextSize) + " letters, digits, + and /"};
  }
  if (!text->empty() && *text != value) return Error{field, "is given twice"};
  *text = value;
  return OkStatus();
}

// "foundation component transport priority address port typ TYPE …" (RFC 8839, section 5.1).
Status SdpTransportReader::ReadCandidate(std::string_view value) {
  const std::string field = name_ + ".candidate";
  const std::vector<std::string_view> words = SplitSdp(value);
  if (words.size() < 8 || words[6] != "typ") {
    return Error{field,
                 "must be a foundation, component, transport, priority, address, port and "
                 "type"};
  }
  const auto component = SdpNumber(words[1], 256);
  const auto priority = SdpNumber(words[3], UINT32_MAX);
  const auto port = SdpNumber(words[5], UINT16_MAX);
  if (words[0].size() > ortc::kMaxFoundationSize || !ortc::IsIceText(words[0])) {
    return Error{field, "must have a foundation of at most 32 letters, digits, + and /"};
  }
  if (component.value_or(0) == 0) return Error{field, "must have a component from 1 to 256"};
  if (!priority) return Error{field, "must have a priority from 0 to 4294967295"};
  if (!IsAddress(words[4])) return Error{field, "must have an address"};
  if (!port) return Error{field, "must have a port from 0 to 65535"};
  const bool udp = EqualsIgnoringAsciiCase(words[2], "udp");
  const auto type = ortc::ValueOfWord(ortc::kIceCandidateTypeWords, words[7]);
  // RTCP shares the port of component 1. What is not known is not wrong (RFC 8839, section 5.1).
  if (*component != 1 || !type || (!udp && !EqualsIgnoringAsciiCase(words[2], "tcp"))) {
    return OkStatus();
  }
  ortc::IceCandidate candidate;
  candidate.foundation = words[0];
  candidate.priority = static_cast<uint32_t>(*priority);
  candidate.address = words[4];
  candidate.port = static_cast<uint16_t>(*port);
  candidate.type = *type;
  if (!udp) {
    candidate.protocol = ortc::IceProtocol::kTcp;
    candidate.tcp_type = ortc::IceTcpType::kPassive;
    for (size_t i = 8; i + 1 < words.size(); i += 2) {
      if (words[i] != "tcptype") continue;
      const auto tcp_type = ortc::ValueOfWord(ortc::kIceTcpTypeWords, words[i + 1]);
      if (!tcp_type) return Error{field, "must have the tcptype active, passive or so"};
      candidate.tcp_type = *tcp_type;
    }
  }
  if (candidates_.size() == ortc::kMaxIceCandidates) {
    return Error{field, "is given more than " + std::to_string(ortc::kMaxIceCandidates) + " times"};
  }
  candidates_.push_back(std::move(candidate));
  return OkStatus();
}

// "sha-256 AB:CD:…" (RFC 8122, section 5).
Status SdpTransportReader::ReadFingerprint(std::string_view value) {
  const std::string field = name_ + ".fingerprint";
  const std::string_view algorithm_name = CutSdp(&value, ' ');
  const auto algorithm = ortc::ValueOfWord(ortc::kFingerprintAlgorithmWords, algorithm_name);
  if (!algorithm) return OkStatus();
  const size_t size = ortc::DigestSize(*algorithm);
  auto digest = ortc::DigestFromText(value, size);
  if (!digest) {
    return Error{field, "must be " + std::to_string(size) + " hexadecimal bytes joined by colons"};
  }
  ortc::DtlsFingerprint fingerprint{*algorithm, std::move(*digest)};
  const auto known = std::find(fingerprints_.begin(), fingerprints_.end(), fingerprint);
  if (known != fingerprints_.end()) return OkStatus();
  if (fingerprints_.size() == ortc::kMaxFingerprints) {
    return Error{field, "is given more than " + std::to_string(ortc::kMaxFingerprints) + " times"};
  }
  fingerprints_.push_back(std::move(fingerprint));
  return OkStatus();
}

Status SdpTransportReader::ReadSetup(std::string_view value) {
  constexpr ortc::WordTable<ortc::DtlsRole, 3> kSetups = {{
      {"actpass", ortc::DtlsRole::kAuto},
      {"active", ortc::DtlsRole::kClient},
      {"passive", ortc::DtlsRole::kServer},
  }};
  const auto role = ortc::ValueOfWord(kSetups, value);
  if (!role) return Error{name_ + ".setup", "must be actpass, active or passive"};
  if (role_ && *role_ != *role) return Error{name_ + ".setup", "is given twice"};
  role_ = role;
  return OkStatus();
}

std::string SdpCandidate(const ortc::IceCandidate& candidate) {
  const bool udp = candidate.protocol == ortc::IceProtocol::kUdp;
  std::string text = "candidate:" + candidate.foundation + " 1 " + (udp ? "udp" : "tcp") + " " +
                     std::to_string(candidate.priority) + " " + candidate.address + " " +
                     std::to_string(candidate.port) + " typ " +
                     ortc::WordOf(ortc::kIceCandidateTypeWords, candidate.type);
  if (!udp) text += " tcptype " + ortc::WordOf(ortc::kIceTcpTypeWords, candidate.tcp_type);
  return text;
}

std::string SdpFingerprint(const ortc::DtlsFingerprint& fingerprint) {
  return ortc::WordOf(ortc::kFingerprintAlgorithmWords, fingerprint.algorithm) + " " +
         ortc::DigestText(fingerprint.digest);
}

}  // namespace sfu::signalling
