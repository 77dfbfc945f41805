// Parameters as JSON: round trips, what may be left off, and each error.
#include "ortc/rtp_parameters_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "golden.h"
#include "json_errors.h"
#include "ortc/limits.h"

namespace sfu::ortc {
namespace {

using nlohmann::json;

json Valid() {
  return json::parse(R"({
    "mid": "1", "msid": "stream track",
    "codecs": [
      {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000,
       "rtcpFeedback": [{"type": "nack", "parameter": "pli"}]},
      {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}}],
    "headerExtensions": [
      {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 4, "encrypt": false, "parameters": {}},
      {"uri": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "id": 10}],
    "encodings": [
      {"rid": "r0", "maxBitrate": 100000, "scalabilityMode": "L1T3", "active": true},
      {"ssrc": 4000000000, "rtx": {"ssrc": 4000000001}, "codecPayloadType": 96, "dtx": true}],
    "rtcp": {"cname": "abc", "reducedSize": true, "mux": true}})");
}

std::string ErrorOf(const json& value) {
  const auto parsed = ParseRtpParameters(value.dump());
  return parsed ? "none" : parsed.error().ToString();
}

TEST(RtpParametersJsonTest, Fields) {
  const auto parsed = ParseRtpParameters(Valid().dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  const RtpParameters& p = parsed.value();
  EXPECT_EQ(p.mid, "1");
  EXPECT_EQ(p.msid, "stream track");
  ASSERT_EQ(p.codecs.size(), 2U);
  EXPECT_EQ(p.codecs[0].payload_type, 96);
  EXPECT_EQ(p.codecs[0].MimeType(), "video/VP8");
  EXPECT_EQ(p.codecs[1].Apt(), 96);
  ASSERT_EQ(p.header_extensions.size(), 2U);
  EXPECT_EQ(p.header_extensions[1].id, 10);
  ASSERT_EQ(p.encodings.size(), 2U);
  EXPECT_EQ(p.encodings[0].rid, "r0");
  EXPECT_EQ(p.encodings[0].max_bitrate, 100000U);
  EXPECT_EQ(p.encodings[0].scalability_mode, "L1T3");
  EXPECT_EQ(p.encodings[0].ssrc, std::nullopt);
  EXPECT_EQ(p.encodings[1].ssrc, 4000000000U);
  EXPECT_EQ(p.encodings[1].rtx_ssrc, 4000000001U);
  EXPECT_EQ(p.encodings[1].codec_payload_type, 96);
  EXPECT_TRUE(p.encodings[1].dtx);
  EXPECT_EQ(p.rtcp.cname, "abc");
  EXPECT_TRUE(p.rtcp.reduced_size);
}

TEST(RtpParametersJsonTest, WhatMayBeLeftOff) {
  const auto parsed = ParseRtpParameters(
      R"({"mid": null, "codecs": [{"mimeType": "AUDIO/opus", "payloadType": 111.0,
          "clockRate": 48000, "channels": 2}], "rtcp": null, "unknown": {"x": 1}})");
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().codecs[0].payload_type, 111);
  EXPECT_EQ(parsed.value().codecs[0].MimeType(), "audio/opus");
  EXPECT_TRUE(parsed.value().encodings.empty());
  EXPECT_TRUE(parsed.value().rtcp.reduced_size);
}

TEST(RtpParametersJsonTest, RoundTripOfRealOnes) {
  for (const std::string browser : {"chromium", "firefox"}) {
    for (const char* codec : {"opus", "vp8", "vp9", "h264", "av1"}) {
      const RtpParameters parameters = GoldenParameters(browser + "_produce_" + codec);
      const auto again = ParseRtpParameters(ToJson(parameters));
      ASSERT_TRUE(again.ok()) << again.error().ToString();
      EXPECT_EQ(again.value(), parameters);
    }
  }
}

RtpParameters RandomParameters(Random* random) {
  RtpParameters p;
  p.mid = std::to_string(random->U16());
  const size_t codecs = 1 + random->U32() % 20;
  for (size_t i = 0; i < codecs; ++i) {
    RtpCodecParameters codec;
    codec.kind = MediaKind::kVideo;
    codec.name = Numbered("C", i);
    codec.clock_rate = 1 + random->U32() % kMaxClockRate;
    codec.payload_type = static_cast<uint8_t>(i);
    codec.parameters.Set("n", static_cast<int64_t>(random->U64()));
    codec.parameters.Set("f", random->Unit());
    codec.parameters.Set("t", "\"\\" + std::to_string(random->U64()) + "ü");
    codec.rtcp_feedback = {{"nack", ""}, {Numbered("x", random->U16()), "y"}};
    p.codecs.push_back(codec);
  }
  const size_t extensions = random->U32() % 20;
  for (size_t i = 0; i < extensions; ++i) {
    p.header_extensions.push_back({"urn:" + std::to_string(i),
                                   static_cast<uint8_t>(i + 1),
                                   random->U32() % 2 == 0,
                                   {{"k", "v"}}});
  }
  const size_t encodings = random->U32() % (kMaxEncodings + 1);
  for (size_t i = 0; i < encodings; ++i) {
    RtpEncodingParameters encoding;
    encoding.ssrc = static_cast<Ssrc>(1 + 2 * i + random->U16() * 1000);
    if (random->U32() % 2 == 0) encoding.rid = Numbered("r", i);
    if (random->U32() % 2 == 0) encoding.max_bitrate = random->U64() >> 11;
    if (random->U32() % 2 == 0) encoding.codec_payload_type = 0;
    encoding.dtx = random->U32() % 2 == 0;
    p.encodings.push_back(encoding);
  }
  // Two may have drawn the same.
  for (size_t i = 1; i < p.encodings.size(); ++i) {
    p.encodings[i].ssrc = *p.encodings[i - 1].ssrc + 1;
  }
  p.rtcp = {Numbered("cname", random->U16()), random->U32() % 2 == 0};
  return p;
}

TEST(RtpParametersJsonTest, RoundTripOfAny) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const RtpParameters parameters = RandomParameters(&random);
    const auto again = ParseRtpParameters(ToJson(parameters));
    ASSERT_TRUE(again.ok()) << again.error().ToString() << ToJson(parameters);
    ASSERT_EQ(again.value(), parameters);
  }
}

TEST(RtpParametersJsonTest, EachErrorNamesItsField) {
  const std::vector<JsonErrorCase> cases = {
      {"", "x", "rtpParameters: must be an object"},
      {"/mid", 1, "rtpParameters.mid: must be a string"},
      {"/mid", "a b", "rtpParameters.mid: must be a token of at most 32"},
      {"/mid", std::string(33, 'm'), "rtpParameters.mid: is longer than 32"},
      {"/msid", true, "rtpParameters.msid: must be a string"},
      {"/codecs", nullptr, "rtpParameters.codecs: is missing"},
      {"/codecs", json::array(), "rtpParameters.codecs: must have a media codec"},
      {"/codecs/1/payloadType", nullptr, "rtpParameters.codecs[1].payloadType: is missing"},
      {"/codecs/1/payloadType", 128, "rtpParameters.codecs[1].payloadType: must be 0..127"},
      {"/codecs/1/payloadType", 18446744073709551615U,
       "rtpParameters.codecs[1].payloadType: must be 0..127"},
      {"/codecs/1/payloadType", -9e99, "rtpParameters.codecs[1].payloadType: must be 0..127"},
      {"/codecs/1/payloadType", 96,
       "rtpParameters.codecs[1].payloadType: 96 is that of another codec already"},
      {"/codecs/1/mimeType", "video/VP9", "none"},
      {"/codecs/1/mimeType", "audio/rtx",
       "rtpParameters.codecs[1].mimeType: must be of the same kind as the first codec"},
      {"/codecs/1/parameters/apt", "x",
       "rtpParameters.codecs[1].parameters.apt: must be the payload type of a media codec"},
      {"/codecs/0/mimeType", "video/rtx",
       "rtpParameters.codecs[0].parameters.apt: must be the payload type of a media codec"},
      {"/headerExtensions/0/id", 0, "rtpParameters.headerExtensions[0].id: must be 1..255"},
      {"/headerExtensions/0/id", 10,
       "rtpParameters.headerExtensions[1].id: 10 is that of another extension already"},
      {"/headerExtensions/1/uri", "urn:ietf:params:rtp-hdrext:sdes:mid",
       "rtpParameters.headerExtensions[1].uri: has an id already"},
      {"/headerExtensions/1/uri", nullptr, "rtpParameters.headerExtensions[1].uri: is missing"},
      {"/headerExtensions/1/encrypt", 0,
       "rtpParameters.headerExtensions[1].encrypt: must be true or false"},
      {"/headerExtensions/1/parameters/x", json::array(),
       "rtpParameters.headerExtensions[1].parameters.x: must be a string or a number"},
      {"/encodings", 1, "rtpParameters.encodings: must be an array"},
      {"/encodings/0/ssrc", 0, "rtpParameters.encodings[0].ssrc: must be 1..4294967295"},
      {"/encodings/0/ssrc", 4294967296, "rtpParameters.encodings[0].ssrc: must be 1..4294967295"},
      {"/encodings/0/ssrc", 4000000000,
       "rtpParameters.encodings[1].ssrc: is that of another stream already"},
      {"/encodings/1/rtx", 1, "rtpParameters.encodings[1].rtx: must be an object"},
      {"/encodings/1/rtx", json::object(), "rtpParameters.encodings[1].rtx.ssrc: is missing"},
      {"/encodings/1/rtx/ssrc", 4000000000,
       "rtpParameters.encodings[1].rtx.ssrc: is that of another stream already"},
      {"/encodings/0/rid", nullptr,
       "rtpParameters.encodings[0]: must have an ssrc or a rid, for there are several encodings"},
      {"/encodings/0/rid", "r 0",
       "rtpParameters.encodings[0].rid: must be letters, digits, - and _, at most 32"},
      {"/encodings/1/rid", "r0",
       "rtpParameters.encodings[1].rid: is that of another stream already"},
      {"/encodings/1/codecPayloadType", 97,
       "rtpParameters.encodings[1].codecPayloadType: must be the payload type of a media codec"},
      {"/encodings/1/codecPayloadType", 100,
       "rtpParameters.encodings[1].codecPayloadType: must be the payload type of a media codec"},
      {"/encodings/0/scalabilityMode", "L0T1",
       "rtpParameters.encodings[0].scalabilityMode: must be like L1T3, S2T1 or L3T3_KEY, with 1..8 "
       "each"},
      {"/encodings/0/dtx", 1, "rtpParameters.encodings[0].dtx: must be true or false"},
      {"/encodings/0/maxBitrate", -1,
       "rtpParameters.encodings[0].maxBitrate: must be 0..9007199254740991"},
      {"/rtcp", "x", "rtpParameters.rtcp: must be an object"},
      {"/rtcp/cname", 1, "rtpParameters.rtcp.cname: must be a string"},
      {"/rtcp/cname", std::string(256, 'c'), "rtpParameters.rtcp.cname: is longer than 255"},
      {"/rtcp/reducedSize", "yes", "rtpParameters.rtcp.reducedSize: must be true or false"},
  };
  ExpectErrors(Valid(), cases, ErrorOf);
}

TEST(RtpParametersJsonTest, FractionOfABitrateIsCutOff) {
  json value = Valid();
  value["encodings"][0]["maxBitrate"] = 333333.9;
  const auto parsed = ParseRtpParameters(value.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().encodings[0].max_bitrate, 333333U);
  value["encodings"][0]["maxBitrate"] = 1e300;
  EXPECT_EQ(ErrorOf(value), "rtpParameters.encodings[0].maxBitrate: must be 0..9007199254740991");
}

TEST(RtpParametersJsonTest, Bounds) {
  json value = Valid();
  while (value["encodings"].size() <= kMaxEncodings) value["encodings"].push_back({{"ssrc", 1}});
  EXPECT_EQ(ErrorOf(value), "rtpParameters.encodings: has more than 8 elements");
}

// Whatever is replaced by whatever: no exception, and an error that names a field of the object.
TEST(RtpParametersJsonTest, AnyValueAnywhere) {
  const json flat = Valid().flatten();
  const std::vector<json> values = {nullptr,
                                    true,
                                    -1,
                                    1e300,
                                    "",
                                    "\x7f",
                                    json::array(),
                                    json::object(),
                                    json::array({json::object()})};
  for (const auto& [pointer, original] : flat.items()) {
    for (const json& value : values) {
      json changed = Valid();
      changed[json::json_pointer(pointer)] = value;
      const std::string error = ErrorOf(changed);
      EXPECT_TRUE(error == "none" || error.starts_with("rtpParameters.")) << pointer << error;
    }
  }
}

// The order of codecs, extensions and encodings is kept, and none is better than another.
TEST(RtpParametersJsonTest, AnyOrder) {
  json value = Valid();
  std::reverse(value["codecs"].begin(), value["codecs"].end());
  std::reverse(value["encodings"].begin(), value["encodings"].end());
  const auto parsed = ParseRtpParameters(value.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_TRUE(parsed.value().codecs[0].IsRtx());
  EXPECT_EQ(parsed.value().encodings[1].rid, "r0");
  EXPECT_EQ(parsed.value().CodecOf(1)->name, "VP8");
}

}  // namespace
}  // namespace sfu::ortc
