// ICE and DTLS parameters as JSON.
#include "ortc/transport_parameters_json.h"

#include "ortc/field_json.h"
#include "ortc/transport_text.h"

namespace sfu::ortc {
namespace {

constexpr std::array<std::pair<std::string_view, DtlsRole>, 3> kRoles = {{
    {"auto", DtlsRole::kAuto},
    {"client", DtlsRole::kClient},
    {"server", DtlsRole::kServer},
}};

std::string ReadIceText(const JsonField& field, size_t min_size, size_t max_size) {
  std::string text = field.Text(min_size, max_size);
  if (!IsIceText(text)) field.Fail("must be letters, digits, + and /");
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
  candidate.protocol = field.Member("protocol").Choice(kIceProtocolWords);
  candidate.port = field.Member("port").Number<uint16_t>(0, UINT16_MAX);
  candidate.type = field.Member("type").Choice(kIceCandidateTypeWords);
  if (candidate.protocol == IceProtocol::kTcp) {
    candidate.tcp_type = field.Member("tcpType").ChoiceOr(kIceTcpTypeWords, IceTcpType::kPassive);
  }
  return candidate;
}

Json WriteIceCandidate(const IceCandidate& candidate) {
  Json json = {{"foundation", candidate.foundation},
               {"priority", candidate.priority},
               {"ip", candidate.address},
               {"address", candidate.address},
               {"protocol", WordOf(kIceProtocolWords, candidate.protocol)},
               {"port", candidate.port},
               {"type", WordOf(kIceCandidateTypeWords, candidate.type)}};
  if (candidate.tcp_type != IceTcpType::kNone) {
    json["tcpType"] = WordOf(kIceTcpTypeWords, candidate.tcp_type);
  }
  return json;
}

std::vector<uint8_t> ReadDigest(const JsonField& field, size_t size) {
  auto digest = DigestFromText(field.Text(), size);
  if (!digest) {
    field.Fail("must be " + std::to_string(size) + " hexadecimal bytes joined by colons");
  }
  return digest.value_or(std::vector<uint8_t>());
}

DtlsFingerprint ReadFingerprint(const JsonField& field) {
  DtlsFingerprint fingerprint;
  fingerprint.algorithm = field.Member("algorithm").Choice(kFingerprintAlgorithmWords);
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

Result<IceCandidate> ParseIceCandidate(std::string_view json, std::string_view name) {
  return ReadJson(json, name, ReadIceCandidate);
}

std::string ToJson(const IceCandidate& candidate) { return JsonText(WriteIceCandidate(candidate)); }

std::string ToJson(const std::vector<IceCandidate>& candidates) {
  Json json = Json::array();
  for (const IceCandidate& candidate : candidates) json.push_back(WriteIceCandidate(candidate));
  return JsonText(json);
}

Result<DtlsParameters> ParseDtlsParameters(std::string_view json, std::string_view name) {
  return ReadJson(json, name, ReadDtlsParameters);
}

Result<WebRtcConnectRequest> ParseWebRtcConnect(std::string_view json, std::string_view name) {
  const Result<Json> parsed = ParseBoundedJson(json, name);
  if (!parsed) return parsed.error();
  const Json& value = parsed.value();
  const bool wrapped = value.is_object() && value.contains("dtlsParameters");
  std::optional<Error> error;
  WebRtcConnectRequest request;
  request.dtls = ReadDtlsParameters(
      JsonField(wrapped ? value["dtlsParameters"] : value, "dtlsParameters", &error));
  if (wrapped && value.contains("iceParameters")) {
    request.ice = ReadIceParameters(JsonField(value["iceParameters"], "iceParameters", &error));
  }
  if (wrapped && value.contains("iceCandidates")) {
    request.candidates = JsonField(value["iceCandidates"], "iceCandidates", &error)
                             .RequiredList(kMaxIceCandidates, ReadIceCandidate);
  }
  if (error) return *error;
  return request;
}

std::string ToJson(const DtlsParameters& parameters) {
  Json json = {{"role", WordOf(kRoles, parameters.role)}, {"fingerprints", Json::array()}};
  for (const DtlsFingerprint& fingerprint : parameters.fingerprints) {
    json["fingerprints"].push_back(
        {{"algorithm", WordOf(kFingerprintAlgorithmWords, fingerprint.algorithm)},
         {"value", DigestText(fingerprint.digest)}});
  }
  return JsonText(json);
}

}  // namespace sfu::ortc
