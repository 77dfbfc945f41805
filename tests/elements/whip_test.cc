// sfuwhip as an application uses it: requests in, responses out, signals between.
#include <gmock/gmock.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string Offer(const std::string& name) {
  std::ifstream file(std::string(SDP_GOLDEN_DIR) + "/" + name + ".sdp", std::ios::binary);
  EXPECT_TRUE(file.is_open()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string Capabilities() {
  GstElement* router = gst_element_factory_make("sfurouter", nullptr);
  gst_object_ref_sink(router);
  gchar* text = nullptr;
  g_object_get(router, "rtp-capabilities", &text, nullptr);
  std::string capabilities = text;
  g_free(text);
  gst_object_unref(router);
  return capabilities;
}

struct Response {
  int status = 0;
  std::string body;
  std::string location;
  std::string tag;
  std::string error;
};

class WhipElementTest : public testing::Test {
 protected:
  WhipElementTest() : whip_(gst_element_factory_make("sfuwhip", nullptr)) {
    gst_object_ref_sink(whip_);
    g_object_set(whip_, "rtp-capabilities", Capabilities().c_str(), nullptr);
  }
  ~WhipElementTest() override { gst_object_unref(whip_); }

  // An application that takes the offer with a transport that is nowhere.
  void Answer() {
    g_signal_connect(whip_, "open", G_CALLBACK(OnOpen), this);
    g_signal_connect(whip_, "restart", G_CALLBACK(OnRestart), this);
    g_signal_connect(whip_, "close", G_CALLBACK(OnClose), this);
  }

  Response Ask(const char* method, const std::string& path, const std::string& type = {},
               const std::string& body = {}, const std::string& if_match = {}) {
    GstStructure* request = gst_structure_new(
        "sfu-http-request", "client", G_TYPE_STRING, "192.0.2.1", "method", G_TYPE_STRING, method,
        "path", G_TYPE_STRING, path.c_str(), "body", G_TYPE_STRING, body.c_str(), nullptr);
    if (!type.empty()) {
      gst_structure_set(request, "content-type", G_TYPE_STRING, type.c_str(), nullptr);
    }
    if (!if_match.empty()) {
      gst_structure_set(request, "if-match", G_TYPE_STRING, if_match.c_str(), nullptr);
    }
    GstStructure* answer = nullptr;
    g_signal_emit_by_name(whip_, "request", request, &answer);
    gst_structure_free(request);
    Response response;
    const GValue* headers = gst_structure_get_value(answer, "headers");
    if (headers == nullptr) {
      response.error = gst_structure_get_string(answer, "reason");
    } else {
      const GstStructure* all = gst_value_get_structure(headers);
      const auto header = [&](const char* name) {
        const char* value = gst_structure_get_string(all, name);
        return std::string(value == nullptr ? "" : value);
      };
      response.location = header("Location");
      response.tag = header("ETag");
      gst_structure_get_int(answer, "status", &response.status);
      response.body = gst_structure_get_string(answer, "body");
    }
    gst_structure_free(answer);
    return response;
  }
  Response Publish() { return Ask("POST", "/whip", "application/sdp", Offer("obs_publish")); }

  static Json Local(const std::string& name) {
    std::string digest = "AA";
    for (int i = 1; i < 32; ++i) digest += ":AA";
    return {
        {"iceParameters", {{"usernameFragment", name}, {"password", std::string(24, 'p')}}},
        {"iceCandidates", Json::array()},
        {"dtlsParameters",
         {{"role", "auto"}, {"fingerprints", {{{"algorithm", "sha-256"}, {"value", digest}}}}}}};
  }
  static gchar* OnOpen(GstElement*, const char* id, const char* role, const char* offer,
                       WhipElementTest* self) {
    self->asked_.push_back(std::string("open ") + role);
    self->id_ = id;
    if (self->reenter_) self->reentered_ = self->Publish().error;
    Json answer = Local("first");
    answer["media"] = Json::array();
    const Json told = Json::parse(offer);
    for (const Json& section : told["media"]) {
      answer["media"].push_back({{"rtpParameters", section["rtpParameters"]}});
    }
    if (self->wrong_) answer["media"] = nullptr;
    return g_strdup(answer.dump().c_str());
  }
  static gchar* OnRestart(GstElement*, const char* id, WhipElementTest* self) {
    self->asked_.push_back("restart");
    EXPECT_EQ(id, self->id_);
    return g_strdup(Local("second").dump().c_str());
  }
  static void OnClose(GstElement*, const char* id, WhipElementTest* self) {
    self->asked_.push_back("close");
    EXPECT_EQ(id, self->id_);
  }

  GstElement* const whip_;
  std::vector<std::string> asked_;
  std::string id_;
  std::string reentered_;
  bool reenter_ = false;
  bool wrong_ = false;
};

TEST_F(WhipElementTest, ASessionOpensRestartsAndCloses) {
  Answer();
  const Response opened = Publish();
  EXPECT_EQ(opened.status, 201) << opened.body;
  EXPECT_THAT(opened.body, HasSubstr("a=recvonly"));
  EXPECT_THAT(opened.body, HasSubstr("a=ice-ufrag:first"));
  EXPECT_EQ(opened.location, "/whip/" + id_);
  EXPECT_EQ(id_.size(), 32U);
  const Response restarted = Ask("PATCH", opened.location, "application/trickle-ice-sdpfrag",
                                 "a=ice-ufrag:newName\r\na=ice-pwd:newPassword0123456789xx\r\n"
                                 "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n",
                                 opened.tag);
  EXPECT_EQ(restarted.status, 200) << restarted.body;
  EXPECT_EQ(restarted.tag, "\"second\"");
  EXPECT_EQ(Ask("DELETE", opened.location).status, 200);
  EXPECT_EQ(Ask("DELETE", opened.location).status, 404);
  EXPECT_THAT(asked_, ElementsAre("open publish", "restart", "close"));
}

TEST_F(WhipElementTest, WhoIsForgottenIsNotClosed) {
  Answer();
  const Response opened = Publish();
  g_signal_emit_by_name(whip_, "set-connected", id_.c_str());
  g_signal_emit_by_name(whip_, "expire");
  EXPECT_EQ(Ask("GET", opened.location).status, 204);
  g_signal_emit_by_name(whip_, "forget", id_.c_str());
  EXPECT_EQ(Ask("GET", opened.location).status, 404);
  EXPECT_THAT(asked_, ElementsAre("open publish"));
}

TEST_F(WhipElementTest, WhatNobodyAnswersIsRefused) {
  const Response refused = Publish();
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, StartsWith("answer"));
}

TEST_F(WhipElementTest, AWrongAnswerClosesTheSession) {
  Answer();
  wrong_ = true;
  EXPECT_EQ(Publish().status, 503);
  EXPECT_THAT(asked_, ElementsAre("open publish", "close"));
}

TEST_F(WhipElementTest, OffersThatCannotBeTakenDoNotGetThatFar) {
  Answer();
  g_object_set(whip_, "rtp-capabilities", R"({"codecs":[]})", nullptr);
  EXPECT_EQ(Publish().status, 422);
  // What is no capabilities changes nothing.
  g_object_set(whip_, "rtp-capabilities", "7", nullptr);
  EXPECT_EQ(Publish().status, 422);
  EXPECT_THAT(asked_, ElementsAre());
}

TEST_F(WhipElementTest, ARequestFromInsideIsAnError) {
  Answer();
  reenter_ = true;
  EXPECT_EQ(Publish().status, 201);
  EXPECT_EQ(reentered_, "there is a request under way");
}

TEST_F(WhipElementTest, SessionsAreBounded) {
  Answer();
  g_object_set(whip_, "max-sessions", 1U, nullptr);
  EXPECT_EQ(Publish().status, 201);
  EXPECT_EQ(Publish().status, 503);
}

}  // namespace
