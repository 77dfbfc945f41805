// WHIP and WHEP without sockets: what each request is answered.
#include "signalling/whip_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "golden_sdp.h"
#include "signalling/sdp_fragment.h"

namespace sfu::signalling {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Takes all that is published, and has nothing but the fault that a test sets.
class FakeHost : public SessionHost {
 public:
  Opened Open(const std::string& id, SessionRole role, const SdpOffer& offer) override {
    Opened opened;
    opened.fault = fault;
    opened.error = {"", "because"};
    if (fault) return opened;
    sessions.insert(id);
    last_role = role;
    opened.local = TestTransport();
    for (const SdpMedia& section : offer.media) {
      opened.media.push_back(SdpAnswerMedia{true, section.Sendable(TestRouter()).value()});
    }
    return opened;
  }
  Result<SdpLocalTransport> RestartIce(const std::string& id) override {
    EXPECT_TRUE(sessions.contains(id));
    if (fault) return Error{"", "because"};
    SdpLocalTransport local = TestTransport();
    local.ice.username_fragment = "restart" + std::to_string(++restarts);
    return local;
  }
  void Close(const std::string& id) override { EXPECT_EQ(sessions.erase(id), 1U); }

  std::set<std::string> sessions;
  std::optional<Fault> fault;
  SessionRole last_role = SessionRole::kPublish;
  int restarts = 0;
};

class WhipEndpointTest : public testing::Test {
 protected:
  HttpResponse Send(const HttpRequest& request) { return endpoint_->Handle(request, now_); }
  static HttpRequest Offer(const std::string& path = "/whip") {
    HttpRequest request;
    request.method = "POST";
    request.path = path;
    request.content_type = "application/sdp";
    request.body = GoldenSdp("chromium_publish");
    return request;
  }
  static HttpRequest OfferOf(std::string client) {
    HttpRequest request = Offer();
    request.client = std::move(client);
    return request;
  }
  HttpRequest Patch(const HttpResponse& opened, const std::string& fragment) {
    HttpRequest request;
    request.method = "PATCH";
    request.path = opened.Header("Location");
    request.content_type = "application/trickle-ice-sdpfrag";
    request.if_match = opened.Header("ETag");
    request.body = fragment;
    return request;
  }
  static HttpRequest Simple(const std::string& method, const std::string& path) {
    HttpRequest request;
    request.method = method;
    request.path = path;
    return request;
  }
  void Restrict(const WhipEndpoint::Options& options) {
    endpoint_.emplace(&host_, options, [this] {
      return no_randomness_ ? std::string() : "id" + std::to_string(++ids_);
    });
  }
  void SetUp() override { Restrict({}); }

  FakeHost host_;
  int ids_ = 0;
  bool no_randomness_ = false;
  Timestamp now_ = Timestamp::FromMillis(100'000);
  std::optional<WhipEndpoint> endpoint_;
};

constexpr char kRestart[] =
    "a=ice-ufrag:newName\r\na=ice-pwd:newPassword0123456789xx\r\nm=audio 9 RTP/AVP "
    "0\r\na=mid:0\r\n";

TEST_F(WhipEndpointTest, PostMakesASession) {
  const HttpResponse response = Send(Offer());
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.content_type, "application/sdp");
  EXPECT_THAT(response.body, HasSubstr("a=recvonly"));
  EXPECT_EQ(response.Header("Location"), "/whip/id1");
  EXPECT_EQ(response.Header("ETag"), "\"ourname1\"");
  EXPECT_EQ(response.Header("Accept-Patch"), "application/trickle-ice-sdpfrag");
  EXPECT_EQ(response.Header("Access-Control-Allow-Origin"), "*");
  EXPECT_THAT(response.Header("Access-Control-Expose-Headers"), HasSubstr("Location"));
  EXPECT_TRUE(host_.sessions.contains("id1"));
  EXPECT_EQ(Send(Offer("/whep")).Header("Location"), "/whep/id2");
  EXPECT_EQ(host_.last_role, SessionRole::kWatch);
}

TEST_F(WhipEndpointTest, DeleteEndsIt) {
  const std::string path = Send(Offer()).Header("Location");
  EXPECT_EQ(Send(Simple("DELETE", path)).status, 200);
  EXPECT_THAT(host_.sessions, IsEmpty());
  EXPECT_EQ(Send(Simple("DELETE", path)).status, 404);
}

TEST_F(WhipEndpointTest, SessionsAreKnownByTheirWholeAddressOnly) {
  const std::string path = Send(Offer()).Header("Location");
  for (const std::string& wrong : {std::string("/whip/"), std::string("/whip/id"), path + "/",
                                   path + "x", std::string("/whep/id1"), std::string("/whipx"),
                                   std::string("/id1"), std::string("/whip/*")}) {
    EXPECT_EQ(Send(Simple("DELETE", wrong)).status, 404) << wrong;
  }
  EXPECT_EQ(host_.sessions.size(), 1U);
}

TEST_F(WhipEndpointTest, OtherMethodsAreRefused) {
  const std::string path = Send(Offer()).Header("Location");
  for (const char* method : {"PUT", "DELETE", "PATCH", "TRACE", ""}) {
    const HttpResponse response = Send(Simple(method, "/whip"));
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.Header("Allow"), "GET, HEAD, OPTIONS, POST");
  }
  for (const char* method : {"PUT", "POST"}) {
    const HttpResponse response = Send(Simple(method, path));
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.Header("Allow"), "DELETE, GET, HEAD, OPTIONS, PATCH");
  }
}

TEST_F(WhipEndpointTest, ThereIsNothingToSee) {
  const std::string path = Send(Offer()).Header("Location");
  for (const char* method : {"GET", "HEAD"}) {
    EXPECT_EQ(Send(Simple(method, "/whip")).status, 204) << method;
    EXPECT_EQ(Send(Simple(method, path)).status, 204) << method;
    EXPECT_EQ(Send(Simple(method, "/whip/none")).status, 404) << method;
  }
}

TEST_F(WhipEndpointTest, OptionsTellWhatCanBeDone) {
  const HttpResponse endpoint = Send(Simple("OPTIONS", "/whep"));
  EXPECT_EQ(endpoint.status, 204);
  EXPECT_EQ(endpoint.Header("Accept-Post"), "application/sdp");
  EXPECT_THAT(endpoint.Header("Access-Control-Allow-Methods"), HasSubstr("POST"));
  EXPECT_THAT(endpoint.Header("Access-Control-Allow-Headers"), HasSubstr("Authorization"));
  const HttpResponse session = Send(Simple("OPTIONS", Send(Offer()).Header("Location")));
  EXPECT_EQ(session.status, 204);
  EXPECT_THAT(session.Header("Access-Control-Allow-Methods"), HasSubstr("PATCH"));
}

TEST_F(WhipEndpointTest, TypesAreChecked) {
  HttpRequest request = Offer();
  request.content_type = "text/plain";
  EXPECT_EQ(Send(request).status, 415);
  EXPECT_EQ(Send(request).Header("Accept-Post"), "application/sdp");
  request = Offer();
  request.accept = "text/html";
  EXPECT_EQ(Send(request).status, 406);
  const HttpResponse opened = Send(Offer());
  request = Patch(opened, "a=end-of-candidates\r\n");
  request.content_type = "application/sdp";
  EXPECT_EQ(Send(request).status, 415);
}

TEST_F(WhipEndpointTest, SizesAreBounded) {
  HttpRequest request = Offer();
  request.body.resize(64 * 1024 + 1, '\n');
  EXPECT_EQ(Send(request).status, 413);
  request = Patch(Send(Offer()), std::string(64 * 1024 + 1, '\n'));
  EXPECT_EQ(Send(request).status, 413);
}

TEST_F(WhipEndpointTest, WrongOffersAreNamed) {
  HttpRequest request = Offer();
  request.body = Replaced(request.body, "a=rtcp-mux\r\n", "");
  const HttpResponse response = Send(request);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "sdp.media[0].rtcp-mux: is missing\n");
  EXPECT_THAT(response.content_type, HasSubstr("text/plain"));
  EXPECT_THAT(host_.sessions, IsEmpty());
}

TEST_F(WhipEndpointTest, FaultsOfTheHostAreTold) {
  host_.fault = SessionHost::Fault::kUnusable;
  EXPECT_EQ(Send(Offer()).status, 422);
  EXPECT_EQ(Send(Offer()).body, "because\n");
  host_.fault = SessionHost::Fault::kNothingYet;
  EXPECT_EQ(Send(Offer("/whep")).status, 409);
  EXPECT_THAT(Send(Offer("/whep")).Header("Retry-After"), Not(IsEmpty()));
  host_.fault = SessionHost::Fault::kUnavailable;
  EXPECT_EQ(Send(Offer()).status, 503);
  EXPECT_EQ(endpoint_->session_count(), 0U);
}

TEST_F(WhipEndpointTest, WithoutRandomnessThereAreNoSessions) {
  no_randomness_ = true;
  EXPECT_EQ(Send(Offer()).status, 503);
  EXPECT_THAT(host_.sessions, IsEmpty());
}

TEST_F(WhipEndpointTest, CandidatesAreTaken) {
  const HttpResponse opened = Send(Offer());
  const HttpResponse response = Send(Patch(
      opened, "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n"));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.Header("ETag"), "");
  EXPECT_EQ(host_.restarts, 0);
  EXPECT_EQ(Send(Patch(opened, "nonsense")).status, 400);
}

TEST_F(WhipEndpointTest, PatchesNeedTheTagOfTheIceSession) {
  const HttpResponse opened = Send(Offer());
  HttpRequest request = Patch(opened, "a=end-of-candidates\r\n");
  request.if_match.reset();
  EXPECT_EQ(Send(request).status, 428);
  request.if_match = "\"other\"";
  EXPECT_EQ(Send(request).status, 412);
}

TEST_F(WhipEndpointTest, IceIsRestarted) {
  const HttpResponse opened = Send(Offer());
  HttpRequest request = Patch(opened, kRestart);
  request.if_match = "*";
  const HttpResponse restarted = Send(request);
  EXPECT_EQ(restarted.status, 200);
  EXPECT_EQ(restarted.content_type, "application/trickle-ice-sdpfrag");
  EXPECT_EQ(restarted.Header("ETag"), "\"restart1\"");
  const auto fragment = ParseSdpFragment(restarted.body);
  ASSERT_TRUE(fragment.ok());
  EXPECT_EQ(fragment.value().ice.username_fragment, "restart1");
  EXPECT_EQ(fragment.value().candidates.size(), 2U);

  // Late candidates of the session before are refused, those of the new one taken.
  EXPECT_EQ(Send(Patch(opened, "a=end-of-candidates\r\n")).status, 412);
  request.body = std::string(kRestart) + "a=end-of-candidates\r\n";
  request.if_match = restarted.Header("ETag");
  EXPECT_EQ(Send(request).status, 204);
  EXPECT_EQ(host_.restarts, 1);

  host_.fault = SessionHost::Fault::kUnavailable;
  request.body = Replaced(kRestart, "newName", "newerName");
  EXPECT_EQ(Send(request).status, 503);
}

TEST_F(WhipEndpointTest, TheTokenIsNeededEverywhere) {
  WhipEndpoint::Options options;
  options.token = "secret";
  Restrict(options);
  EXPECT_EQ(Send(Offer()).status, 401);
  EXPECT_EQ(Send(Offer()).Header("WWW-Authenticate"), "Bearer");
  HttpRequest request = Offer();
  request.authorization = "Bearer secret";
  const HttpResponse opened = Send(request);
  ASSERT_EQ(opened.status, 201);
  EXPECT_EQ(Send(Simple("DELETE", opened.Header("Location"))).status, 401);
  EXPECT_EQ(Send(Patch(opened, kRestart)).status, 401);
  // Who has no token does not even learn which sessions there are.
  EXPECT_EQ(Send(Simple("DELETE", "/whip/none")).status, 401);
  EXPECT_EQ(Send(Simple("OPTIONS", "/whip")).status, 204);
  EXPECT_EQ(host_.sessions.size(), 1U);
  // The token alone opens no session of others.
  request = Simple("DELETE", "/whip/none");
  request.authorization = "Bearer secret";
  EXPECT_EQ(Send(request).status, 404);
}

TEST_F(WhipEndpointTest, SessionsAreCounted) {
  WhipEndpoint::Options options;
  options.max_sessions = 2;
  Restrict(options);
  const HttpResponse first = Send(Offer());
  EXPECT_EQ(Send(Offer("/whep")).status, 201);
  EXPECT_EQ(Send(Offer()).status, 503);
  EXPECT_THAT(Send(Offer()).Header("Retry-After"), Not(IsEmpty()));
  EXPECT_EQ(Send(Simple("DELETE", first.Header("Location"))).status, 200);
  EXPECT_EQ(Send(Offer()).status, 201);
  endpoint_->Forget("id2");
  EXPECT_EQ(endpoint_->session_count(), 1U);
}

// A flood of offers from one address leaves room for others.
TEST_F(WhipEndpointTest, WhoDoesNotConnectGetsAFewSessionsOnly) {
  WhipEndpoint::Options options;
  options.max_sessions = 20;
  Restrict(options);
  const HttpRequest flood = OfferOf("a");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Send(flood).status, 201);
  EXPECT_EQ(Send(flood).status, 429);
  EXPECT_THAT(Send(flood).Header("Retry-After"), Not(IsEmpty()));
  EXPECT_EQ(Send(Offer()).status, 201);
  // Who has connected may come again.
  endpoint_->SetConnected("id1");
  EXPECT_EQ(Send(flood).status, 201);
  EXPECT_EQ(Send(flood).status, 429);
}

TEST_F(WhipEndpointTest, WhoDoesNotConnectInTimeIsForgotten) {
  const std::string path = Send(Offer()).Header("Location");
  EXPECT_EQ(Send(Offer()).status, 201);
  endpoint_->SetConnected("id2");
  now_ += WhipEndpoint::kConnectTime - TimeDelta::Millis(1);
  EXPECT_EQ(Send(Offer()).status, 201);
  endpoint_->HandleTimeout(now_);
  EXPECT_EQ(host_.sessions.size(), 3U);
  now_ += TimeDelta::Millis(1);
  endpoint_->HandleTimeout(now_);
  EXPECT_THAT(host_.sessions, testing::ElementsAre("id2", "id3"));
  EXPECT_EQ(Send(Simple("DELETE", path)).status, 404);
  now_ += WhipEndpoint::kConnectTime;
  endpoint_->HandleTimeout(now_);
  EXPECT_THAT(host_.sessions, testing::ElementsAre("id2"));
}

// A flood from many addresses: who has been slow gives way, who has connected does not.
TEST_F(WhipEndpointTest, TheSlowestGivesWayWhenThereIsNoRoom) {
  WhipEndpoint::Options options;
  options.max_sessions = 2;
  Restrict(options);
  for (const char* client : {"a", "b"}) EXPECT_EQ(Send(OfferOf(client)).status, 201);
  endpoint_->SetConnected("id1");
  EXPECT_EQ(Send(OfferOf("c")).status, 503);
  now_ += WhipEndpoint::kGrace;
  EXPECT_EQ(Send(OfferOf("c")).status, 201);
  EXPECT_THAT(host_.sessions, testing::ElementsAre("id1", "id3"));
  endpoint_->SetConnected("id3");
  now_ += WhipEndpoint::kGrace;
  EXPECT_EQ(Send(OfferOf("d")).status, 503);
}

TEST_F(WhipEndpointTest, OtherPathsAreNotFound) {
  for (const char* path : {"/x", "", "/WHIP", "/../whip"}) {
    EXPECT_EQ(Send(Offer(path)).status, 404) << path;
  }
}

}  // namespace
}  // namespace sfu::signalling
