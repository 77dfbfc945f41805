// ICE and DTLS parameters as JSON.
#include "ortc/transport_parameters_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "json_errors.h"

namespace sfu::ortc {
namespace {

using nlohmann::json;

constexpr char kSha256[] =
    "BA:4B:8D:11:CE:6A:60:0E:4F:EF:0F:A5:3E:E9:D4:D1:1B:05:6C:3B:90:1A:EA:D6:2A:58:C7:0A:6E:4E:8F:"
    "4F";

TEST(IceParametersJsonTest, RoundTrip) {
  const IceParameters parameters{"l0adqwer", "pUUETMXfBDrZjQjaQOK5e6Qi", true};
  const auto again = ParseIceParameters(ToJson(parameters));
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(again.value(), parameters);
}

TEST(IceParametersJsonTest, EachErrorNamesItsField) {
  const json valid = {{"usernameFragment", "l0ad"}, {"password", "pUUETMXfBDrZjQjaQOK5e6Qi"}};
  const std::vector<JsonErrorCase> cases = {
      {"", json::array(), "iceParameters: must be an object"},
      {"/usernameFragment", nullptr, "iceParameters.usernameFragment: is missing"},
      {"/usernameFragment", "abc", "iceParameters.usernameFragment: is shorter than 4"},
      {"/usernameFragment", "ab:cd",
       "iceParameters.usernameFragment: must be letters, digits, + and /"},
      {"/password", "short", "iceParameters.password: is shorter than 22"},
      {"/password", std::string(257, 'p'), "iceParameters.password: is longer than 256"},
      {"/iceLite", 1, "iceParameters.iceLite: must be true or false"},
  };
  ExpectErrors(valid, cases, [](const json& value) {
    const auto parsed = ParseIceParameters(value.dump());
    return parsed ? "none" : parsed.error().ToString();
  });
}

json Candidates() {
  return json::parse(R"([
    {"foundation": "udpcandidate", "priority": 1076558079, "ip": "192.0.2.1",
     "address": "192.0.2.1", "protocol": "udp", "port": 40533, "type": "host"},
    {"foundation": "tcpcandidate", "priority": 1076302079, "ip": "2001:db8::1",
     "protocol": "tcp", "port": 9, "type": "host", "tcpType": "passive"}])");
}

TEST(IceCandidatesJsonTest, RoundTrip) {
  const auto parsed = ParseIceCandidates(Candidates().dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  ASSERT_EQ(parsed.value().size(), 2U);
  EXPECT_EQ(parsed.value()[0].tcp_type, IceTcpType::kNone);
  EXPECT_EQ(parsed.value()[1].address, "2001:db8::1");
  EXPECT_EQ(parsed.value()[1].protocol, IceProtocol::kTcp);
  EXPECT_EQ(parsed.value()[1].tcp_type, IceTcpType::kPassive);
  const auto again = ParseIceCandidates(ToJson(parsed.value()));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.value(), parsed.value());
  // Clients of both ages find the address.
  const json written = json::parse(ToJson(parsed.value()));
  EXPECT_EQ(written[1].at("ip"), "2001:db8::1");
  EXPECT_EQ(written[1].at("address"), "2001:db8::1");
  EXPECT_FALSE(written[0].contains("tcpType"));
}

TEST(IceCandidatesJsonTest, EachErrorNamesItsField) {
  const std::vector<JsonErrorCase> cases = {
      {"", json::object(), "iceCandidates: must be an array"},
      {"/0", 1, "iceCandidates[0]: must be an object"},
      {"/0/foundation", "", "iceCandidates[0].foundation: must not be empty"},
      {"/0/foundation", std::string(33, 'f'), "iceCandidates[0].foundation: is longer than 32"},
      {"/0/priority", 4294967296, "iceCandidates[0].priority: must be 0..4294967295"},
      {"/1/ip", nullptr, "iceCandidates[1].ip: is missing"},
      {"/0/address", "", "iceCandidates[0].address: must not be empty"},
      {"/0/protocol", "sctp", "iceCandidates[0].protocol: must be one of udp, tcp"},
      {"/0/port", 65536, "iceCandidates[0].port: must be 0..65535"},
      {"/0/type", "local", "iceCandidates[0].type: must be one of host, srflx, prflx, relay"},
      {"/1/tcpType", "both", "iceCandidates[1].tcpType: must be one of active, passive, so"},
  };
  ExpectErrors(Candidates(), cases, [](const json& value) {
    const auto parsed = ParseIceCandidates(value.dump());
    return parsed ? "none" : parsed.error().ToString();
  });
}

TEST(DtlsParametersJsonTest, FromABrowser) {
  // mediasoup-client's, of an offer of Chromium.
  const json value = {{"role", "client"},
                      {"fingerprints", {{{"algorithm", "sha-256"}, {"value", kSha256}}}}};
  const auto parsed = ParseDtlsParameters(value.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().role, DtlsRole::kClient);
  ASSERT_EQ(parsed.value().fingerprints.size(), 1U);
  EXPECT_EQ(parsed.value().fingerprints[0].digest.size(), 32U);
  EXPECT_EQ(parsed.value().fingerprints[0].digest[0], 0xBA);
  EXPECT_EQ(parsed.value().fingerprints[0].digest[31], 0x4F);
  EXPECT_EQ(json::parse(ToJson(parsed.value())), value);
}

TEST(DtlsParametersJsonTest, AllAlgorithms) {
  for (const auto algorithm :
       {FingerprintAlgorithm::kSha1, FingerprintAlgorithm::kSha224, FingerprintAlgorithm::kSha256,
        FingerprintAlgorithm::kSha384, FingerprintAlgorithm::kSha512}) {
    const DtlsParameters parameters{
        DtlsRole::kServer, {{algorithm, std::vector<uint8_t>(DigestSize(algorithm), 0x0F)}}};
    const auto again = ParseDtlsParameters(ToJson(parameters));
    ASSERT_TRUE(again.ok()) << again.error().ToString();
    EXPECT_EQ(again.value(), parameters);
  }
}

TEST(DtlsParametersJsonTest, EachErrorNamesItsField) {
  std::string lower = kSha256;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  const json valid = {{"fingerprints", {{{"algorithm", "sha-256"}, {"value", lower}}}}};
  const std::string digest_error =
      "dtlsParameters.fingerprints[0].value: must be 32 hexadecimal bytes joined by colons";
  std::string spaced = kSha256;
  spaced[2] = ' ';
  std::string letter = kSha256;
  letter[0] = 'G';
  const std::vector<JsonErrorCase> cases = {
      {"/role", "both", "dtlsParameters.role: must be one of auto, client, server"},
      {"/fingerprints", nullptr, "dtlsParameters.fingerprints: is missing"},
      {"/fingerprints", json::array(), "dtlsParameters.fingerprints: must not be empty"},
      {"/fingerprints", json(9, json::object()),
       "dtlsParameters.fingerprints: has more than 8 elements"},
      {"/fingerprints/0/algorithm", "md5",
       "dtlsParameters.fingerprints[0].algorithm: must be one of sha-1, sha-224, sha-256, sha-384, "
       "sha-512"},
      {"/fingerprints/0/algorithm", "sha-1",
       "dtlsParameters.fingerprints[0].value: must be 20 hexadecimal bytes joined by colons"},
      {"/fingerprints/0/value", nullptr, "dtlsParameters.fingerprints[0].value: is missing"},
      {"/fingerprints/0/value", std::string(kSha256) + ":00", digest_error},
      {"/fingerprints/0/value", std::string(kSha256).substr(3), digest_error},
      {"/fingerprints/0/value", spaced, digest_error},
      {"/fingerprints/0/value", letter, digest_error},
  };
  ExpectErrors(valid, cases, [](const json& value) {
    const auto parsed = ParseDtlsParameters(value.dump());
    return parsed ? "none" : parsed.error().ToString();
  });
}

}  // namespace
}  // namespace sfu::ortc
