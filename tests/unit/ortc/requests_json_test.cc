// Requests as JSON: what may be left off, and each error; answers as mediasoup-client reads them.
#include "ortc/requests_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "json_errors.h"
#include "ortc/limits.h"
#include "ortc/rtp_parameters_json.h"

namespace sfu::ortc {
namespace {

using nlohmann::json;

json Parameters() {
  return json::parse(R"({"codecs": [{"mimeType": "video/VP8", "payloadType": 96,
                                     "clockRate": 90000}],
                         "encodings": [{"ssrc": 1234}]})");
}

json Produce() {
  return {{"id", "cam"},
          {"kind", "video"},
          {"rtpParameters", Parameters()},
          {"paused", true},
          {"keyFrameRequestDelay", 500},
          {"appData", {{"x", 1}}}};
}

json Consume() {
  return {{"producerId", "cam"},
          {"rtpCapabilities",
           {{"codecs",
             {{{"kind", "video"},
               {"mimeType", "video/VP8"},
               {"clockRate", 90000},
               {"preferredPayloadType", 100}}}},
            {"headerExtensions", json::array()}}},
          {"paused", true},
          {"mid", "7"},
          {"enableRtx", false},
          {"ignoreDtx", true},
          {"numbers", "receiver"},
          {"preferredLayers", {{"spatialLayer", 1}, {"temporalLayer", 2}}}};
}

TEST(RequestsJsonTest, Produce) {
  const auto parsed = ParseProduceRequest(Produce().dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().id, "cam");
  EXPECT_EQ(parsed.value().kind, MediaKind::kVideo);
  EXPECT_EQ(ToJson(parsed.value().parameters),
            ToJson(ParseRtpParameters(Parameters().dump()).value()));
  EXPECT_TRUE(parsed.value().paused);
  EXPECT_EQ(parsed.value().key_frame_request_delay, 500U);
}

TEST(RequestsJsonTest, WhatProduceNeeds) {
  const json least = {{"kind", "video"}, {"rtpParameters", Parameters()}, {"id", nullptr}};
  const auto parsed = ParseProduceRequest(least.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().id, "");
  EXPECT_FALSE(parsed.value().paused);
  EXPECT_EQ(parsed.value().key_frame_request_delay, 0U);
}

TEST(RequestsJsonTest, ErrorsOfProduce) {
  ExpectErrors(
      Produce(),
      {{"", json::array(), "options: must be an object"},
       {"/id", 1, "id: must be a string"},
       {"/id", std::string(kMaxIdSize + 1, 'i'), "id: is longer than 128"},
       {"/id", json(std::string("a\0b", 3)), "id: must not have control characters"},
       {"/kind", nullptr, "kind: is missing"},
       {"/kind", "data", "kind: must be one of audio, video"},
       {"/rtpParameters", nullptr, "rtpParameters: is missing"},
       {"/rtpParameters/codecs/0/payloadType", 300,
        "rtpParameters.codecs[0].payloadType: must be 0..127"},
       {"/rtpParameters/codecs", json::array(), "rtpParameters.codecs: must have a media codec"},
       {"/paused", "no", "paused: must be true or false"},
       {"/keyFrameRequestDelay", -1, "keyFrameRequestDelay: must be 0..60000"}},
      [](const json& value) {
        const auto parsed = ParseProduceRequest(value.dump());
        return parsed ? "none" : parsed.error().ToString();
      });
}

TEST(RequestsJsonTest, Consume) {
  const auto parsed = ParseConsumeRequest(Consume().dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().producer_id, "cam");
  ASSERT_EQ(parsed.value().capabilities.codecs.size(), 1U);
  EXPECT_EQ(parsed.value().capabilities.codecs[0].preferred_payload_type, 100);
  EXPECT_TRUE(parsed.value().paused);
  EXPECT_EQ(parsed.value().mid, "7");
  EXPECT_EQ(parsed.value().enable_rtx, false);
  EXPECT_TRUE(parsed.value().ignore_dtx);
  EXPECT_EQ(parsed.value().preferred_layers, (PreferredLayers{1, 2}));
  EXPECT_EQ(parsed.value().numbers, ConsumerNumbers::kReceiver);
}

TEST(RequestsJsonTest, ErrorsOfConsume) {
  ExpectErrors(
      Consume(),
      {{"/producerId", nullptr, "producerId: is missing"},
       {"/producerId", "", "producerId: must not be empty"},
       {"/rtpCapabilities", nullptr, "rtpCapabilities: is missing"},
       {"/rtpCapabilities/codecs/0/clockRate", 0,
        "rtpCapabilities.codecs[0].clockRate: must be 1..1000000"},
       {"/mid", "a b", "mid: must be a token"},
       {"/enableRtx", 1, "enableRtx: must be true or false"},
       {"/ignoreDtx", 1, "ignoreDtx: must be true or false"},
       {"/numbers", "mine", "numbers: must be one of router, receiver"},
       {"/preferredLayers", 1, "preferredLayers: must be an object"},
       {"/preferredLayers/spatialLayer", nullptr, "preferredLayers.spatialLayer: is missing"},
       {"/preferredLayers/temporalLayer", 8, "preferredLayers.temporalLayer: must be 0..7"}},
      [](const json& value) {
        const auto parsed = ParseConsumeRequest(value.dump());
        return parsed ? "none" : parsed.error().ToString();
      });
}

TEST(RequestsJsonTest, CanConsume) {
  const auto parsed = ParseCanConsumeRequest(Consume().dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value().producer_id, "cam");
  EXPECT_EQ(parsed.value().capabilities.codecs.size(), 1U);
}

TEST(RequestsJsonTest, PlainConnect) {
  const json valid = {
      {"ip", "127.0.0.1"},
      {"port", 5004},
      {"rtcpPort", 5005},
      {"srtpParameters", {{"cryptoSuite", "AEAD_AES_128_GCM"}, {"keyBase64", "k"}}}};
  const auto parsed = ParsePlainConnectRequest(valid.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed.value(),
            (PlainConnectRequest{"127.0.0.1", 5004, 5005, SrtpKeyText{"AEAD_AES_128_GCM", "k"}}));
  EXPECT_EQ(ParsePlainConnectRequest("{}").value(), PlainConnectRequest());
  ExpectErrors(valid,
               {{"/ip", 1, "ip: must be a string"},
                {"/port", 0, "port: must be 1..65535"},
                {"/rtcpPort", 65536, "rtcpPort: must be 1..65535"},
                {"/srtpParameters", "x", "srtpParameters: must be an object"},
                {"/srtpParameters/keyBase64", nullptr, "srtpParameters.keyBase64: is missing"}},
               [](const json& value) {
                 const auto request = ParsePlainConnectRequest(value.dump());
                 return request ? "none" : request.error().ToString();
               });
}

TEST(RequestsJsonTest, Answers) {
  EXPECT_EQ(json::parse(ToJson(
                ProduceAnswer{"cam", MediaKind::kVideo, ProducerType::kSimulcast, "src_0", ""})),
            (json{{"id", "cam"}, {"kind", "video"}, {"type", "simulcast"}, {"pad", "src_0"}}));
  ConsumeAnswer answer{"c", "cam", MediaKind::kAudio, {}, ProducerType::kSimple, "sink_1", "src_2"};
  answer.parameters = ParseRtpParameters(Parameters().dump()).value();
  const json written = json::parse(ToJson(answer));
  EXPECT_EQ(written["producerId"], "cam");
  EXPECT_EQ(written["pad"], "sink_1");
  EXPECT_EQ(written["routerPad"], "src_2");
  EXPECT_EQ(written["rtpParameters"], json::parse(ToJson(answer.parameters)));
}

TEST(RequestsJsonTest, Tuples) {
  EXPECT_EQ(json::parse(ToJson(TransportTuple{"127.0.0.1", 5004, "", 0})),
            (json{{"localAddress", "127.0.0.1"}, {"localPort", 5004}, {"protocol", "udp"}}));
  const json known = json::parse(ToJson(TransportTuple{"127.0.0.1", 5004, "::1", 7000}));
  EXPECT_EQ(known["remoteIp"], "::1");
  EXPECT_EQ(known["remotePort"], 7000);
}

}  // namespace
}  // namespace sfu::ortc
