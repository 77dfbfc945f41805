// What an application is told of an offer, and what it may say.
#include "signalling/session_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "golden_sdp.h"
#include "ortc/transport_parameters_json.h"

namespace sfu::signalling {
namespace {

using nlohmann::json;

json Told(const std::string& offer, SessionRole role) {
  return json::parse(OfferJson(GoldenOffer(offer), role, TestRouter()));
}

// The answer to an offer of two sections: the second one is taken.
json Answer(const json& rtp_parameters) {
  const SdpLocalTransport local = TestTransport();
  return {{"iceParameters", json::parse(ortc::ToJson(local.ice))},
          {"iceCandidates", json::parse(ortc::ToJson(local.candidates))},
          {"dtlsParameters", json::parse(ortc::ToJson(local.dtls))},
          {"media", {nullptr, {{"rtpParameters", rtp_parameters}}}}};
}

TEST(SessionJson, WhoPublishesSaysWhatHeSends) {
  const json told = Told("obs_publish", SessionRole::kPublish);
  EXPECT_EQ(told["dtlsParameters"]["role"], "client");
  EXPECT_EQ(told["iceParameters"]["usernameFragment"], "kV7q");
  ASSERT_EQ(told["media"].size(), 2U);
  const json& video = told["media"][1];
  EXPECT_EQ(video["kind"], "video");
  EXPECT_EQ(video["rtpParameters"]["codecs"][0]["mimeType"], "video/H264");
  EXPECT_EQ(video["rtpParameters"]["encodings"][0]["ssrc"], 1907342211U);
  EXPECT_FALSE(video.contains("rtpCapabilities"));
  // He does not watch.
  EXPECT_EQ(Told("obs_publish", SessionRole::kWatch)["media"], json({nullptr, nullptr}));
}

TEST(SessionJson, WhoWatchesSaysWhatHeCanReceive) {
  const json told = Told("chromium_watch", SessionRole::kWatch);
  for (const json& section : told["media"]) {
    EXPECT_FALSE(section["rtpCapabilities"]["codecs"].empty());
    EXPECT_FALSE(section.contains("rtpParameters"));
  }
  EXPECT_EQ(Told("chromium_watch", SessionRole::kPublish)["media"], json({nullptr, nullptr}));
}

TEST(SessionJson, TheAnswerIsWhatWasNegotiated) {
  const SdpOffer offer = GoldenOffer("obs_publish");
  const json sent = Told("obs_publish", SessionRole::kPublish)["media"][1]["rtpParameters"];
  const auto opened = ParseOpened(Answer(sent).dump(), SessionRole::kPublish, offer);
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  EXPECT_FALSE(opened.value().fault);
  EXPECT_EQ(opened.value().local.ice.username_fragment, TestTransport().ice.username_fragment);
  EXPECT_EQ(opened.value().local.dtls.role, ortc::DtlsRole::kServer);
  EXPECT_FALSE(opened.value().media[0]);
  ASSERT_TRUE(opened.value().media[1]);
  EXPECT_TRUE(opened.value().media[1]->receive);
  EXPECT_EQ(opened.value().media[1]->parameters.codecs[0].name, "H264");
}

TEST(SessionJson, ViewersSeeWhichTracksBelongTogether) {
  const SdpOffer offer = GoldenOffer("chromium_watch");
  json sent = Told("obs_publish", SessionRole::kPublish)["media"][1]["rtpParameters"];
  for (const char* msid : {"", "- camera"}) {
    sent["msid"] = msid;
    const auto opened = ParseOpened(Answer(sent).dump(), SessionRole::kWatch, offer);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    EXPECT_EQ(opened.value().media[1]->parameters.msid, "sfuserver " + offer.media[1].mid);
  }
  sent["msid"] = "stream camera";
  EXPECT_EQ(ParseOpened(Answer(sent).dump(), SessionRole::kWatch, offer)
                .value()
                .media[1]
                ->parameters.msid,
            "stream camera");
}

TEST(SessionJson, Faults) {
  const SdpOffer offer = GoldenOffer("obs_publish");
  const auto read = [&](const char* text) { return ParseOpened(text, SessionRole::kWatch, offer); };
  const auto fault = read(R"({"fault":"nothing-yet","reason":"nobody"})");
  EXPECT_EQ(fault.value().fault, SessionHost::Fault::kNothingYet);
  EXPECT_EQ(fault.value().error.ToString(), "nobody");
  EXPECT_EQ(read(R"({"fault":"unusable"})").value().fault, SessionHost::Fault::kUnusable);
  EXPECT_FALSE(read(R"({"fault":"other"})").ok());
  EXPECT_FALSE(read(R"({"fault":7})").ok());
}

TEST(SessionJson, WrongAnswersSayWhere) {
  const SdpOffer offer = GoldenOffer("obs_publish");
  const json sent = Told("obs_publish", SessionRole::kPublish)["media"][1]["rtpParameters"];
  const auto error = [&](const std::string& pointer, const json& value) {
    json answer = Answer(sent);
    answer[json::json_pointer(pointer)] = value;
    const auto opened = ParseOpened(answer.dump(), SessionRole::kPublish, offer);
    return opened ? "none" : opened.error().field;
  };
  EXPECT_EQ(error("/iceParameters/password", 1), "iceParameters.password");
  EXPECT_EQ(error("/iceCandidates", nullptr), "iceCandidates");
  EXPECT_EQ(error("/dtlsParameters/fingerprints", json::array()), "dtlsParameters.fingerprints");
  EXPECT_EQ(error("/media", json::array()), "media");
  EXPECT_EQ(error("/media/1", 7), "media[1]");
  EXPECT_EQ(error("/media/1/rtpParameters/codecs/0/payloadType", 200),
            "media[1].rtpParameters.codecs[0].payloadType");
  EXPECT_FALSE(ParseOpened("[]", SessionRole::kPublish, offer).ok());
  EXPECT_FALSE(ParseOpened("{", SessionRole::kPublish, offer).ok());
  EXPECT_FALSE(ParseLocalTransport("null").ok());
  EXPECT_TRUE(ParseLocalTransport(Answer(sent).dump()).ok());
}

}  // namespace
}  // namespace sfu::signalling
