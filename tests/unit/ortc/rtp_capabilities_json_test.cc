// Capabilities as JSON: round trips, what may be left off, and each error.
#include "ortc/rtp_capabilities_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "golden.h"
#include "json_errors.h"
#include "ortc/limits.h"

namespace sfu::ortc {
namespace {

using nlohmann::json;

json Valid() {
  return json::parse(R"({
    "codecs": [
      {"kind": "audio", "mimeType": "audio/opus", "preferredPayloadType": 111, "clockRate": 48000,
       "channels": 2, "parameters": {"useinbandfec": 1},
       "rtcpFeedback": [{"type": "transport-cc"}]},
      {"kind": "video", "mimeType": "video/VP8", "preferredPayloadType": 96, "clockRate": 90000},
      {"kind": "video", "mimeType": "video/rtx", "preferredPayloadType": 97, "clockRate": 90000,
       "parameters": {"apt": 96}}],
    "headerExtensions": [
      {"kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 4},
      {"kind": "video", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 4,
       "preferredEncrypt": false, "direction": "recvonly"}]})");
}

std::string ErrorOf(const json& value) {
  const auto parsed = ParseRtpCapabilities(value.dump());
  return parsed ? "none" : parsed.error().ToString();
}

TEST(RtpCapabilitiesJsonTest, Fields) {
  const auto parsed = ParseRtpCapabilities(Valid().dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  const RtpCapabilities& caps = parsed.value();
  ASSERT_EQ(caps.codecs.size(), 3U);
  EXPECT_EQ(caps.codecs[0].kind, MediaKind::kAudio);
  EXPECT_EQ(caps.codecs[0].name, "opus");
  EXPECT_EQ(caps.codecs[0].preferred_payload_type, 111);
  EXPECT_EQ(caps.codecs[0].clock_rate, 48000U);
  EXPECT_EQ(caps.codecs[0].channels, 2);
  EXPECT_EQ(caps.codecs[0].parameters.Integer("useinbandfec"), 1);
  EXPECT_EQ(caps.codecs[0].rtcp_feedback, (std::vector<RtcpFeedback>{{"transport-cc", ""}}));
  EXPECT_EQ(caps.codecs[1].channels, 0);
  EXPECT_EQ(caps.codecs[2].Apt(), 96);
  ASSERT_EQ(caps.header_extensions.size(), 2U);
  EXPECT_EQ(caps.header_extensions[0].direction, ExtensionDirection::kSendRecv);
  EXPECT_EQ(caps.header_extensions[1].direction, ExtensionDirection::kRecvOnly);
  EXPECT_EQ(caps.header_extensions[1].preferred_id, 4);
}

TEST(RtpCapabilitiesJsonTest, WhatMayBeLeftOff) {
  EXPECT_EQ(ErrorOf(json::object()), "none");
  EXPECT_EQ(ErrorOf({{"codecs", nullptr}, {"headerExtensions", json::array()}}), "none");
  const auto parsed =
      ParseRtpCapabilities(R"({"codecs": [{"mimeType": "audio/PCMA", "clockRate": 8000}]})");
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().codecs[0].channels, 1);
  EXPECT_EQ(parsed.value().codecs[0].preferred_payload_type, std::nullopt);
}

TEST(RtpCapabilitiesJsonTest, RoundTrip) {
  for (const char* name :
       {"chromium_native_capabilities", "chromium_recv_capabilities", "firefox_native_capabilities",
        "firefox_recv_capabilities", "router_capabilities"}) {
    const RtpCapabilities caps = GoldenCapabilities(name);
    EXPECT_FALSE(caps.codecs.empty()) << name;
    const auto again = ParseRtpCapabilities(ToJson(caps));
    ASSERT_TRUE(again.ok()) << again.error().ToString();
    EXPECT_EQ(again.value(), caps) << name;
  }
}

TEST(RtpCapabilitiesJsonTest, EachErrorNamesItsField) {
  const std::vector<JsonErrorCase> cases = {
      {"", json::array(), "rtpCapabilities: must be an object"},
      {"", 1, "rtpCapabilities: must be an object"},
      {"/codecs", json::object(), "rtpCapabilities.codecs: must be an array"},
      {"/codecs/1", "VP8", "rtpCapabilities.codecs[1]: must be an object"},
      {"/codecs/1/mimeType", nullptr, "rtpCapabilities.codecs[1].mimeType: is missing"},
      {"/codecs/1/mimeType", 7, "rtpCapabilities.codecs[1].mimeType: must be a string"},
      {"/codecs/1/mimeType", "VP8",
       "rtpCapabilities.codecs[1].mimeType: must be audio/NAME or video/NAME"},
      {"/codecs/1/mimeType", "video/",
       "rtpCapabilities.codecs[1].mimeType: must be audio/NAME or video/NAME"},
      {"/codecs/1/mimeType", "text/x",
       "rtpCapabilities.codecs[1].mimeType: must be audio/NAME or video/NAME"},
      {"/codecs/1/mimeType", "video/" + std::string(59, 'x'),
       "rtpCapabilities.codecs[1].mimeType: is longer than 64"},
      {"/codecs/1/clockRate", nullptr, "rtpCapabilities.codecs[1].clockRate: is missing"},
      {"/codecs/1/clockRate", "90000", "rtpCapabilities.codecs[1].clockRate: must be a number"},
      {"/codecs/1/clockRate", 0, "rtpCapabilities.codecs[1].clockRate: must be 1..1000000"},
      {"/codecs/1/clockRate", 4294977296,
       "rtpCapabilities.codecs[1].clockRate: must be 1..1000000"},
      {"/codecs/0/channels", 0, "rtpCapabilities.codecs[0].channels: must be 1..255"},
      {"/codecs/0/channels", 256, "rtpCapabilities.codecs[0].channels: must be 1..255"},
      {"/codecs/0/preferredPayloadType", -1,
       "rtpCapabilities.codecs[0].preferredPayloadType: must be 0..127"},
      {"/codecs/0/preferredPayloadType", 128,
       "rtpCapabilities.codecs[0].preferredPayloadType: must be 0..127"},
      {"/codecs/0/preferredPayloadType", 1.5,
       "rtpCapabilities.codecs[0].preferredPayloadType: must be 0..127"},
      {"/codecs/0/preferredPayloadType", 96,
       "rtpCapabilities.codecs[1].preferredPayloadType: 96 is that of rtpCapabilities.codecs[0] "
       "already"},
      {"/codecs/0/parameters", json::array(),
       "rtpCapabilities.codecs[0].parameters: must be an object"},
      {"/codecs/0/parameters/stereo", true,
       "rtpCapabilities.codecs[0].parameters.stereo: must be a string or a number"},
      {"/codecs/0/parameters/stereo", nullptr,
       "rtpCapabilities.codecs[0].parameters.stereo: must be a string or a number"},
      {"/codecs/0/parameters/" + std::string(65, 'p'), 1,
       "rtpCapabilities.codecs[0].parameters: has a member whose name is empty, longer than 64 or "
       "not printable"},
      {"/codecs/2/parameters/apt", 95,
       "rtpCapabilities.codecs[2].parameters.apt: must be the payload type of a media codec"},
      {"/codecs/2/parameters/apt", 97,
       "rtpCapabilities.codecs[2].parameters.apt: must be the payload type of a media codec"},
      {"/codecs/2/parameters/apt", 111,
       "rtpCapabilities.codecs[2].parameters.apt: must be the payload type of a media codec"},
      {"/codecs/0/rtcpFeedback", "nack",
       "rtpCapabilities.codecs[0].rtcpFeedback: must be an array"},
      {"/codecs/0/rtcpFeedback/0/type", nullptr,
       "rtpCapabilities.codecs[0].rtcpFeedback[0].type: is missing"},
      {"/codecs/0/rtcpFeedback/0/type", "",
       "rtpCapabilities.codecs[0].rtcpFeedback[0].type: must not be empty"},
      {"/codecs/0/rtcpFeedback/0/parameter", 1,
       "rtpCapabilities.codecs[0].rtcpFeedback[0].parameter: must be a string"},
      {"/headerExtensions/0/kind", "text",
       "rtpCapabilities.headerExtensions[0].kind: must be one of audio, video"},
      {"/headerExtensions/0/uri", "", "rtpCapabilities.headerExtensions[0].uri: must not be empty"},
      {"/headerExtensions/0/uri", std::string(257, 'u'),
       "rtpCapabilities.headerExtensions[0].uri: is longer than 256"},
      {"/headerExtensions/0/uri", std::string("a\0b", 3),
       "rtpCapabilities.headerExtensions[0].uri: must not have control characters"},
      {"/headerExtensions/0/preferredId", 0,
       "rtpCapabilities.headerExtensions[0].preferredId: must be 1..255"},
      {"/headerExtensions/0/preferredId", 256,
       "rtpCapabilities.headerExtensions[0].preferredId: must be 1..255"},
      {"/headerExtensions/1/preferredEncrypt", "no",
       "rtpCapabilities.headerExtensions[1].preferredEncrypt: must be true or false"},
      {"/headerExtensions/1/direction", "both",
       "rtpCapabilities.headerExtensions[1].direction: must be one of sendrecv, sendonly, "
       "recvonly, "
       "inactive"},
  };
  ExpectErrors(Valid(), cases, ErrorOf);
}

TEST(RtpCapabilitiesJsonTest, ExtensionIdMeansOneExtension) {
  json value = Valid();
  value["headerExtensions"].push_back({{"kind", "video"}, {"uri", "urn:x"}, {"preferredId", 4}});
  EXPECT_EQ(ErrorOf(value),
            "rtpCapabilities.headerExtensions[2].preferredId: 4 is that of "
            "rtpCapabilities.headerExtensions[1] already");
}

TEST(RtpCapabilitiesJsonTest, Bounds) {
  json value = Valid();
  for (size_t i = 0; i < kMaxRtcpFeedback; ++i) {
    value["codecs"][0]["rtcpFeedback"].push_back({{"type", "x"}});
  }
  EXPECT_EQ(ErrorOf(value), "rtpCapabilities.codecs[0].rtcpFeedback: has more than 32 elements");
  value = Valid();
  for (size_t i = 0; i < kMaxParameters; ++i) {
    value["codecs"][0]["parameters"][Numbered("p", i)] = 1;
  }
  EXPECT_EQ(ErrorOf(value), "rtpCapabilities.codecs[0].parameters: has more than 64 members");
  value = Valid();
  while (value["codecs"].size() <= kMaxCodecs) value["codecs"].push_back(value["codecs"][0]);
  EXPECT_EQ(ErrorOf(value), "rtpCapabilities.codecs: has more than 128 elements");
}

TEST(MediaCodecsJsonTest, ListOfCodecs) {
  const auto parsed = ParseMediaCodecs(
      R"([{"kind": "video", "mimeType": "video/VP9", "clockRate": 90000,
           "parameters": {"profile-id": 2}}])");
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  ASSERT_EQ(parsed.value().size(), 1U);
  EXPECT_EQ(parsed.value()[0].name, "VP9");
  EXPECT_EQ(ParseMediaCodecs("{}").error().ToString(), "mediaCodecs: must be an array");
  EXPECT_EQ(ParseMediaCodecs("null").error().ToString(), "mediaCodecs: is missing");
  EXPECT_EQ(ParseMediaCodecs(R"([{"mimeType": "video/VP9"}])").error().ToString(),
            "mediaCodecs[0].clockRate: is missing");
  EXPECT_EQ(ParseMediaCodecs("[").error().ToString(), "mediaCodecs: is not JSON, see byte 2");
}

TEST(RtpCapabilitiesJsonTest, NameOfTheObjectIsTheCallers) {
  EXPECT_EQ(ParseRtpCapabilities("3", "consume.rtpCapabilities").error().ToString(),
            "consume.rtpCapabilities: must be an object");
}

}  // namespace
}  // namespace sfu::ortc
