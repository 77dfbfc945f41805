// webrtctransport: settings, states, and what its Worker's transports share.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "webrtc_client.h"

namespace sfu::test {
namespace {

using testing::HasSubstr;

constexpr const char* kSignalled[] = {"ice-parameters", "ice-candidates", "dtls-parameters"};

TEST(WebRtcStates, LiveAndWithoutPreroll) {
  WebRtcStage stage;
  EXPECT_EQ(stage.SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  EXPECT_EQ(stage.SetState(GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
  EXPECT_EQ(stage.SetState(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
  EXPECT_EQ(stage.SetState(GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
  EXPECT_EQ(stage.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
}

TEST(WebRtcStates, WhatIsToBeSignalledIsThereInReady) {
  WebRtcStage stage;
  for (const char* name : kSignalled) EXPECT_EQ(GetString(stage.get(), name), "") << name;
  stage.SetState(GST_STATE_READY);
  const Json ice = Json::parse(GetString(stage.get(), "ice-parameters"));
  EXPECT_EQ(ice["iceLite"], true);
  EXPECT_EQ(ice["usernameFragment"].get<std::string>().size(), 8U);
  const Json candidates = Json::parse(GetString(stage.get(), "ice-candidates"));
  ASSERT_EQ(candidates.size(), 2U);
  EXPECT_EQ(candidates[0]["address"], "127.0.0.1");
  EXPECT_EQ(candidates[0]["protocol"], "udp");
  EXPECT_EQ(candidates[1]["protocol"], "tcp");
  EXPECT_EQ(candidates[1]["tcpType"], "passive");
  EXPECT_EQ(candidates[0]["port"], candidates[1]["port"]);
  const Json dtls = Json::parse(GetString(stage.get(), "dtls-parameters"));
  EXPECT_EQ(dtls["role"], "auto");
  EXPECT_EQ(dtls["fingerprints"].size(), 5U);
  EXPECT_EQ(GetString(stage.get(), "ice-state"), "new");
  EXPECT_EQ(GetString(stage.get(), "dtls-state"), "new");
  stage.SetState(GST_STATE_NULL);
  for (const char* name : kSignalled) EXPECT_EQ(GetString(stage.get(), name), "") << name;
  EXPECT_EQ(GetString(stage.get(), "ice-state"), "closed");
  EXPECT_EQ(GetString(stage.get(), "dtls-state"), "closed");
}

// Below READY nothing ends, so an application may pause and go on.
TEST(WebRtcStates, TheTransportOutlivesPlaying) {
  WebRtcStage stage;
  stage.Play();
  const std::string before = GetString(stage.get(), "ice-parameters");
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(stage.SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    ASSERT_EQ(stage.SetState(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
  }
  EXPECT_EQ(GetString(stage.get(), "ice-parameters"), before);
  // Another life is another transport.
  stage.SetState(GST_STATE_NULL);
  stage.SetState(GST_STATE_READY);
  EXPECT_NE(GetString(stage.get(), "ice-parameters"), before);
}

TEST(WebRtcStates, ManyLivesOnOnePort) {
  WebRtcStage stage;
  stage.SetState(GST_STATE_READY);
  const int port = Json::parse(GetString(stage.get(), "ice-candidates"))[0]["port"];
  stage.SetState(GST_STATE_NULL);
  g_object_set(stage.get(), "port", port, nullptr);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(stage.SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS) << "round " << i;
    ASSERT_EQ(Json::parse(GetString(stage.get(), "ice-candidates"))[0]["port"], port);
    ASSERT_EQ(stage.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  }
}

TEST(WebRtcShare, TransportsOfAWorkerShareAPortAndACertificate) {
  WebRtcStage first;
  WebRtcStage second;
  Stage third("webrtctransport");
  for (Stage* stage : {static_cast<Stage*>(&first), static_cast<Stage*>(&second), &third}) {
    ASSERT_EQ(stage->SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  }
  EXPECT_EQ(GetString(first.get(), "ice-candidates"), GetString(second.get(), "ice-candidates"));
  EXPECT_EQ(GetString(first.get(), "ice-candidates"), GetString(third.get(), "ice-candidates"));
  EXPECT_EQ(GetString(first.get(), "dtls-parameters"), GetString(third.get(), "dtls-parameters"));
  EXPECT_NE(GetString(first.get(), "ice-parameters"), GetString(second.get(), "ice-parameters"));
}

TEST(WebRtcShare, WorkersAndOwnPortsAreApart) {
  WebRtcStage first;
  WebRtcStage other;
  g_object_set(other.get(), "worker", "other", nullptr);
  WebRtcStage own;
  g_object_set(own.get(), "own-ports", TRUE, nullptr);
  std::set<int> ports;
  for (WebRtcStage* stage : {&first, &other, &own}) {
    ASSERT_EQ(stage->SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    ports.insert(Json::parse(GetString(stage->get(), "ice-candidates"))[0]["port"].get<int>());
  }
  EXPECT_EQ(ports.size(), 3U);
  EXPECT_NE(GetString(first.get(), "dtls-parameters"), GetString(other.get(), "dtls-parameters"));
}

// A later different value is an error that names both; with the last transport it is forgotten.
TEST(WebRtcShare, ALaterDifferentValueIsAnError) {
  WebRtcStage first;
  g_object_set(first.get(), "announced-address", "sfu.example.com", nullptr);
  first.SetState(GST_STATE_READY);
  Stage second("webrtctransport");
  g_object_set(second.get(), "address", "0.0.0.0", nullptr);
  EXPECT_EQ(second.SetState(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  EXPECT_EQ(TextOf(second.PopMessage(GST_MESSAGE_ERROR)),
            "address: is '0.0.0.0', but the transports of worker 'default' share '127.0.0.1'");
  g_object_set(second.get(), "address", "", "announced-address", "203.0.113.9", nullptr);
  EXPECT_EQ(second.SetState(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  EXPECT_THAT(TextOf(second.PopMessage(GST_MESSAGE_ERROR)),
              testing::AllOf(HasSubstr("announced-address"), HasSubstr("203.0.113.9"),
                             HasSubstr("sfu.example.com")));
  first.SetState(GST_STATE_NULL);
  EXPECT_EQ(second.SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  EXPECT_EQ(Json::parse(GetString(second.get(), "ice-candidates"))[0]["address"], "203.0.113.9");
}

TEST(WebRtcShare, AnnouncedAddressesAreAList) {
  WebRtcStage stage;
  g_object_set(stage.get(), "announced-address", "203.0.113.9, sfu.example.com", "enable-tcp",
               FALSE, nullptr);
  stage.SetState(GST_STATE_READY);
  const Json candidates = Json::parse(GetString(stage.get(), "ice-candidates"));
  ASSERT_EQ(candidates.size(), 2U);
  EXPECT_EQ(candidates[0]["address"], "203.0.113.9");
  EXPECT_EQ(candidates[1]["address"], "sfu.example.com");
}

TEST(WebRtcShare, OwnPortsAreTakenFromARange) {
  WebRtcStage stage;
  g_object_set(stage.get(), "own-ports", TRUE, "min-port", 41000, "max-port", 41009, nullptr);
  ASSERT_EQ(stage.SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  const int port = Json::parse(GetString(stage.get(), "ice-candidates"))[0]["port"];
  EXPECT_GE(port, 41000);
  EXPECT_LE(port, 41009);
}

TEST(WebRtcShare, PreferredTcpComesFirst) {
  WebRtcStage stage;
  g_object_set(stage.get(), "prefer-tcp", TRUE, nullptr);
  stage.SetState(GST_STATE_READY);
  const Json candidates = Json::parse(GetString(stage.get(), "ice-candidates"));
  std::map<std::string, uint32_t> priorities;
  for (const Json& candidate : candidates)
    priorities[candidate["protocol"]] = candidate["priority"];
  EXPECT_GT(priorities["tcp"], priorities["udp"]);
}

struct Wrong {
  const char* property;
  const char* value;
  const char* says;
};

class WebRtcErrors : public testing::TestWithParam<Wrong> {};

TEST_P(WebRtcErrors, NameTheProperty) {
  WebRtcStage stage;
  gst_util_set_object_arg(G_OBJECT(stage.get()), GetParam().property, GetParam().value);
  EXPECT_EQ(stage.SetState(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  EXPECT_THAT(TextOf(stage.PopMessage(GST_MESSAGE_ERROR)), HasSubstr(GetParam().says));
  EXPECT_EQ(stage.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  // And it can be put right.
  gst_util_set_object_arg(G_OBJECT(stage.get()), GetParam().property,
                          g_str_equal(GetParam().property, "address") ? "127.0.0.1" : "");
}

INSTANTIATE_TEST_SUITE_P(All, WebRtcErrors,
                         testing::Values(Wrong{"address", "nowhere", "address: 'nowhere'"},
                                         Wrong{"address", "203.0.113.77", "203.0.113.77"},
                                         Wrong{"announced-address", "a b", "announced-address"},
                                         Wrong{"certificate", "/no/such/file", "private-key"},
                                         Wrong{"ice-consent-timeout", "5", "ice-consent-timeout"}));

TEST(WebRtcErrors, PemFilesAreRead) {
  WebRtcStage stage;
  g_object_set(stage.get(), "certificate", "/no/such/cert.pem", "private-key", "/no/such/key.pem",
               nullptr);
  EXPECT_EQ(stage.SetState(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  EXPECT_THAT(TextOf(stage.PopMessage(GST_MESSAGE_ERROR)), HasSubstr("certificate"));
}

TEST(WebRtcErrors, NothingToBeReachedAt) {
  WebRtcStage stage;
  g_object_set(stage.get(), "enable-tcp", FALSE, "enable-udp", FALSE, nullptr);
  EXPECT_EQ(stage.SetState(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  EXPECT_THAT(TextOf(stage.PopMessage(GST_MESSAGE_ERROR)), HasSubstr("enable-udp"));
}

}  // namespace
}  // namespace sfu::test
