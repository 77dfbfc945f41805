// ICE and DTLS parameters as JSON.
#include "ortc/transport_parameters_json.h"

#include <algorithm>

#include "base/ascii.h"
#include "ortc/field_json.h"

namespace sfu::ortc {
namespace {

constexpr size_t kMinUfragSize = 4;      // RFC 8839, section 5.4
constexpr size_t kMinPasswordSize = 22;  // the same
constexpr size_t kMaxFoundationSize = 32;

constexpr std::array<std::pair<std::string_view, IceProtocol>, 2> kProtocols = {{
    {"udp", IceProtocol::kUdp},
    {"tcp", IceProtocol::kTcp},
}};
constexpr std::array<std::pair<std::string_view, IceCandidateType>, 4> kTypes = {{
    {"host", IceCandidateType::kHost},
    {"srflx", IceCandidateType::kServerReflexive},
    {"prflx", IceCandidateType::kPeerReflexive},
    {"relay", IceCandidateType::kRelay},
}};
constexpr std::array<std::pair<std::string_view, IceTcpType>, 3> kTcpTypes = {{
    {"active", IceTcpType::kActive},
    {"passive", IceTcpType::kPassive},
    {"so", IceTcpType::kSimultaneousOpen},
}};
constexpr std::array<std::pair<std::string_view, DtlsRole>, 3> kRoles = {{
    {"auto", DtlsRole::kAuto},
    {"client", DtlsRole::kClient},
    {"server", DtlsRole::kServer},
}};
constexpr std::array<std::pair<std::string_view, FingerprintAlgorithm>, 5> kAlgorithms = {{
    {"sha-1", FingerprintAlgorithm::kSha1},
    {"sha-224", FingerprintAlgorithm::kSha224},
    {"sha-256", FingerprintAlgorithm::kSha256},
    {"sha-384", FingerprintAlgorithm::kSha384},
    {"sha-512", FingerprintAlgorithm::kSha512},
}};

// RFC 8839, section 5.1.
bool IsIceChar(char c) {
  const char lower = AsciiLower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

// mediasoup's own foundations and some peers' passwords have '-', '_' and '=' as well.
bool IsLenientIceChar(char c) { return IsIceChar(c) || c == '-' || c == '_' || c == '='; }

std::string ReadIceText(const JsonField& field, size_t min_size, size_t max_size) {
  std::string text = field.Text(min_size, max_size);
  if (!std::all_of(text.begin(), text.end(), IsLenientIceChar)) {
    field.Fail("must be letters, digits, + and /");
  }
  return text;
}

IceParameters ReadIceParameters(const JsonField& field) {
  IceParameters parameters;
  parameters.username_fragment =
      ReadIceText(field.Member("usernameFragment"), kMinUfragSize, kMaxTextSize);
  parameters.password = ReadIceText(field.Member("password"), kMinPasswordSize, kMaxTextSize);
  parameters.ice_lite = field.Member("iceLite").BooleanOr(false);
  return parameters;
}

IceCandidate ReadIceCandidate(const JsonField& field) {
  IceCandidate candidate;
  candidate.foundation = ReadIceText(field.Member("foundation"), 1, kMaxFoundationSize);
  candidate.priority = field.Member("priority").Number<uint32_t>(0, UINT32_MAX);
  // mediasoup before 3.13 calls it ip only.
  const JsonField address = field.Member("address");
  candidate.address = address.present() ? address.Text() : field.Member("ip").Text();
  candidate.protocol = field.Member("protocol").Choice(kProtocols);
  candidate.port = field.Member("port").Number<uint16_t>(0, UINT16_MAX);
  candidate.type = field.Member("type").Choice(kTypes);
  if (candidate.protocol == IceProtocol::kTcp) {
    candidate.tcp_type = field.Member("tcpType").ChoiceOr(kTcpTypes, IceTcpType::kPassive);
  }
  return candidate;
}

Json WriteIceCandidate(const IceCandidate& candidate) {
  Json json = {{"foundation", candidate.foundation},
               {"priority", candidate.priority},
               {"ip", candidate.address},
               {"address", candidate.address},
               {"protocol", WordOf(kProtocols, candidate.protocol)},
               {"port", candidate.port},
               {"type", WordOf(kTypes, candidate.type)}};
  if (candidate.tcp_type != IceTcpType::kNone) {
    json["tcpType"] = WordOf(kTcpTypes, candidate.tcp_type);
  }
  return json;
}

// "AB:CD:…" (RFC 8122, section 5), in any case.
std::vector<uint8_t> ReadDigest(const JsonField& field, size_t size) {
  const std::string text = field.Text();
  std::vector<uint8_t> digest;
  bool good = text.size() == size * 3 - 1;
  for (size_t i = 0; good && i < text.size(); i += 3) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    good = high >= 0 && low >= 0 && (i + 2 == text.size() || text[i + 2] == ':');
    digest.push_back(static_cast<uint8_t>(high * 16 + low));
  }
  if (!good) field.Fail("must be " + std::to_string(size) + " hexadecimal bytes joined by colons");
  return digest;
}

std::string WriteDigest(const std::vector<uint8_t>& digest) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const uint8_t byte : digest) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

DtlsFingerprint ReadFingerprint(const JsonField& field) {
  DtlsFingerprint fingerprint;
  fingerprint.algorithm = field.Member("algorithm").Choice(kAlgorithms);
  fingerprint.digest = ReadDigest(field.Member("value"), DigestSize(fingerprint.algorithm));
  return fingerprint;
}

DtlsParameters ReadDtlsParameters(const JsonField& field) {
  DtlsParameters parameters;
  parameters.role = field.Member("role").ChoiceOr(kRoles, DtlsRole::kAuto);
  const JsonField fingerprints = field.Member("fingerprints");
  parameters.fingerprints = fingerprints.RequiredList(kMaxFingerprints, ReadFingerprint);
  if (parameters.fingerprints.empty()) fingerprints.Fail("must not be empty");
  return parameters;
}

}  // namespace

Result<IceParameters> ParseIceParameters(std::string_view json, std::string_view name) {
  return ReadJson(json, name, ReadIceParameters);
}

std::string ToJson(const IceParameters& parameters) {
  return JsonText({{"usernameFragment", parameters.username_fragment},
                   {"password", parameters.password},
                   {"iceLite", parameters.ice_lite}});
}

Result<std::vector<IceCandidate>> ParseIceCandidates(std::string_view json, std::string_view name) {
  return ReadJson(json, name, [](const JsonField& field) {
    return field.RequiredList(kMaxIceCandidates, ReadIceCandidate);
  });
}

std::string ToJson(const std::vector<IceCandidate>& candidates) {
  Json json = Json::array();
  for (const IceCandidate& candidate : candidates) json.push_back(WriteIceCandidate(candidate));
  return JsonText(json);
}

Result<DtlsParameters> ParseDtlsParameters(std::string_view json, std::string_view name) {
  return ReadJson(json, name, ReadDtlsParameters);
}

std::string ToJson(const DtlsParameters& parameters) {
  Json json = {{"role", WordOf(kRoles, parameters.role)}, {"fingerprints", Json::array()}};
  for (const DtlsFingerprint& fingerprint : parameters.fingerprints) {
    json["fingerprints"].push_back({{"algorithm", WordOf(kAlgorithms, fingerprint.algorithm)},
                                    {"value", WriteDigest(fingerprint.digest)}});
  }
  return JsonText(json);
}

}  // namespace sfu::ortc
