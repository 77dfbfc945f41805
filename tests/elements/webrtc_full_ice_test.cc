// ice-mode=full: a transport that dials another one, trickle, and what is wrong with settings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <vector>

#include "webrtc_client.h"

namespace sfu::test {
namespace {

using testing::StartsWith;

constexpr int kTries = 1000;
constexpr gulong kPause = 10'000;  // µs

bool WaitFor(const std::function<bool()>& condition) {
  for (int i = 0; i < kTries && !condition(); ++i) g_usleep(kPause);
  return condition();
}

bool Connected(GstElement* element) {
  return WaitFor([&] { return GetString(element, "dtls-state") == "connected"; });
}

// What one end tells the other, in the role that it takes in DTLS.
Json Describe(GstElement* element, const char* dtls_role) {
  Json dtls = Json::parse(GetString(element, "dtls-parameters"));
  dtls["role"] = dtls_role;
  return {{"dtlsParameters", dtls},
          {"iceParameters", Json::parse(GetString(element, "ice-parameters"))},
          {"iceCandidates", Json::parse(GetString(element, "ice-candidates"))}};
}

// Frames from a feeder of `from` to a reader of `to`, over the network.
void ExpectMedia(GstElement* from, GstElement* to, const std::string& id, Ssrc ssrc) {
  Json request = ProduceVp8(id, ssrc);
  request["rtpParameters"]["codecs"][0]["payloadType"] = 96;
  const Answer produced = Call(to, "produce", request);
  ASSERT_TRUE(produced.ok()) << produced.error;
  Reader reader(to, produced.value()["pad"].get<std::string>().c_str(), "application/x-rtp");
  const std::string caps = std::string(kVp8Caps) + ",ssrc=(uint)" + std::to_string(ssrc);
  Feeder feeder(from, "sink_%u", caps.c_str());
  feeder.Start();
  Vp8Source source({.ssrc = ssrc});
  for (int frame = 0; frame < 10; ++frame) {
    for (const BuiltPacket& packet : source.NextFrame(Worker::Now())) feeder.Push(packet.bytes);
  }
  EXPECT_EQ(reader.PullPackets(30).size(), 30U);
}

class FullIce : public testing::Test {
 protected:
  FullIce() {
    g_object_set(full_.get(), "address", "127.0.0.1", "enable-tcp", FALSE, nullptr);
    gst_util_set_object_arg(G_OBJECT(full_.get()), "ice-mode", "full");
  }
  bool Gathered(GstElement* element) {
    return WaitFor([&] { return GetString(element, "ice-gathering-state") == "complete"; });
  }

  WebRtcStage full_;
  WebRtcStage lite_;
};

TEST_F(FullIce, DialsALitePeerAndMediaGoesBothWays) {
  // A harness of an element in PLAYING would stop it when it goes.
  const Feeder keep_full(full_.get(), "sink_9", kVp8Caps);
  const Feeder keep_lite(lite_.get(), "sink_9", kVp8Caps);
  full_.Play();
  lite_.Play();
  EXPECT_EQ(GetString(lite_.get(), "ice-gathering-state"), "complete");
  EXPECT_FALSE(Json::parse(GetString(full_.get(), "ice-parameters"))["iceLite"].get<bool>());
  const Answer lite = Call(lite_.get(), "connect", Describe(full_.get(), "client"));
  ASSERT_TRUE(lite.ok()) << lite.error;
  const Answer full = Call(full_.get(), "connect", Describe(lite_.get(), "server"));
  ASSERT_TRUE(full.ok()) << full.error;
  ASSERT_TRUE(Connected(full_.get()));
  ASSERT_TRUE(Connected(lite_.get()));
  EXPECT_EQ(Json::parse(GetString(full_.get(), "dtls-parameters"))["role"], "client");
  ExpectMedia(full_.get(), lite_.get(), "up", 0x1111);
  ExpectMedia(lite_.get(), full_.get(), "down", 0x2222);
  // A restart, as the application signals it.
  GstStructure* answer = nullptr;
  g_signal_emit_by_name(lite_.get(), "restart-ice", &answer);
  const Answer restarted = ReadAnswer(answer);
  ASSERT_TRUE(restarted.ok()) << restarted.error;
  EXPECT_TRUE(Call(full_.get(), "set-remote-ice-parameters", restarted.value()).ok());
  EXPECT_EQ(GetString(full_.get(), "dtls-state"), "connected");
}

TEST_F(FullIce, CandidatesTrickle) {
  std::mutex mutex;
  std::vector<std::string> told;
  struct Told {
    std::mutex* mutex;
    std::vector<std::string>* candidates;
  } state{&mutex, &told};
  g_signal_connect(full_.get(), "on-ice-candidate",
                   G_CALLBACK(+[](GstElement*, const char* json, gpointer data) {
                     auto* s = static_cast<Told*>(data);
                     const std::lock_guard lock(*s->mutex);
                     s->candidates->emplace_back(json);
                   }),
                   &state);
  full_.Play();
  lite_.Play();
  ASSERT_TRUE(Gathered(full_.get()));
  const Json all = Json::parse(GetString(full_.get(), "ice-candidates"));
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0]["address"], "127.0.0.1");
  EXPECT_TRUE(WaitFor([&] {
    const std::lock_guard lock(mutex);
    return told.size() == all.size();
  }));
  g_signal_handlers_disconnect_by_data(full_.get(), &state);
  for (const std::string& candidate : told)
    EXPECT_THAT(all, testing::Contains(Json::parse(candidate)));
  // No candidate at first, then one by one.
  Json offer = Describe(lite_.get(), "server");
  const Json candidates = offer["iceCandidates"];
  offer.erase("iceCandidates");
  ASSERT_TRUE(Call(lite_.get(), "connect", Describe(full_.get(), "client")).ok());
  ASSERT_TRUE(Call(full_.get(), "connect", offer).ok());
  for (const Json& candidate : candidates) {
    EXPECT_TRUE(Call(full_.get(), "add-ice-candidate", candidate).ok());
  }
  EXPECT_TRUE(Connected(full_.get()));
}

TEST_F(FullIce, TwoFullAgents) {
  WebRtcStage other;
  g_object_set(other.get(), "enable-tcp", FALSE, nullptr);
  gst_util_set_object_arg(G_OBJECT(other.get()), "ice-mode", "full");
  gst_util_set_object_arg(G_OBJECT(other.get()), "ice-role", "controlled");
  full_.Play();
  other.Play();
  ASSERT_TRUE(Gathered(full_.get()));
  ASSERT_TRUE(Gathered(other.get()));
  ASSERT_TRUE(Call(other.get(), "connect", Describe(full_.get(), "client")).ok());
  ASSERT_TRUE(Call(full_.get(), "connect", Describe(other.get(), "server")).ok());
  EXPECT_TRUE(Connected(full_.get()));
  EXPECT_TRUE(Connected(other.get()));
}

TEST_F(FullIce, WrongRequestsNameTheFieldAndChangeNothing) {
  lite_.Play();
  const Json offer = Describe(lite_.get(), "server");
  EXPECT_THAT(Call(full_.get(), "connect", offer).error, StartsWith("state:"));
  full_.Play();
  const auto wrong = [&](const std::function<void(Json*)>& spoil) {
    Json request = offer;
    spoil(&request);
    return Call(full_.get(), "connect", request).error;
  };
  EXPECT_THAT(wrong([](Json* j) { j->erase("iceParameters"); }), StartsWith("iceParameters:"));
  EXPECT_THAT(wrong([](Json* j) { (*j)["iceParameters"]["password"] = "short"; }),
              StartsWith("iceParameters.password:"));
  EXPECT_THAT(wrong([](Json* j) { (*j)["iceCandidates"] = "none"; }), StartsWith("iceCandidates:"));
  EXPECT_THAT(wrong([](Json* j) { (*j)["iceCandidates"][0]["port"] = 70'000; }),
              StartsWith("iceCandidates[0].port:"));
  EXPECT_THAT(wrong([](Json* j) { (*j)["iceCandidates"][0]["address"] = "host.local"; }),
              StartsWith("iceCandidates[0].address:"));
  EXPECT_THAT(wrong([](Json* j) { (*j)["dtlsParameters"]["role"] = "any"; }),
              StartsWith("dtlsParameters.role:"));
  Json candidate = offer["iceCandidates"][0];
  candidate["address"] = "host.local";
  EXPECT_THAT(Call(full_.get(), "add-ice-candidate", candidate).error,
              StartsWith("iceCandidate.address:"));
  candidate.erase("protocol");
  EXPECT_THAT(Call(full_.get(), "add-ice-candidate", candidate).error,
              StartsWith("iceCandidate.protocol:"));
  EXPECT_THAT(CallText(full_.get(), "set-remote-ice-parameters", "{}").error,
              StartsWith("iceParameters.usernameFragment:"));
  // None of it has begun anything: the right one is still the first.
  EXPECT_TRUE(Call(full_.get(), "connect", offer).ok());
  EXPECT_THAT(Call(full_.get(), "connect", offer).error, StartsWith("dtlsParameters:"));
}

// {property, value, what the error names}
TEST_F(FullIce, WrongSettingsNameTheProperty) {
  const std::vector<std::array<const char*, 3>> wrong = {
      {"stun-server", "turn://127.0.0.1", "stun-server"},
      {"stun-server", "stun://", "stun-server"},
      {"stun-server", "stun://no.such.host.invalid", "stun-server"},
      {"turn-server", "turn://127.0.0.1", "turn-server"},
      {"turn-server", "turn://u:p@127.0.0.1?transport=tls", "turn-server"},
      {"turn-server", "turns://u:p@127.0.0.1", "turn-server"},
      {"turn-server", "turn://u:p@127.0.0.1,nonsense", "turn-server"},
      {"announced-address", "192.0.2.1", "announced-address"},
      {"port", "4000", "port"},
      {"own-ports", "true", "own-ports"},
      {"enable-udp", "false", "enable-udp"},
      {"address", "here", "address"},
  };
  for (const auto& [property, value, named] : wrong) {
    WebRtcStage stage;
    g_object_set(stage.get(), "enable-tcp", FALSE, nullptr);
    gst_util_set_object_arg(G_OBJECT(stage.get()), "ice-mode", "full");
    gst_util_set_object_arg(G_OBJECT(stage.get()), property, value);
    EXPECT_EQ(stage.SetState(GST_STATE_READY), GST_STATE_CHANGE_FAILURE) << value;
    const MessageRef message = stage.WaitForMessage(GST_MESSAGE_ERROR);
    ASSERT_TRUE(message) << value;
    EXPECT_THAT(TextOf(message), StartsWith(std::string(named) + ":")) << value;
  }
}

TEST_F(FullIce, ClosesAtAnyMoment) {
  lite_.Play();
  for (int i = 0; i < 30; ++i) {
    WebRtcStage full;
    g_object_set(full.get(), "enable-tcp", FALSE, nullptr);
    gst_util_set_object_arg(G_OBJECT(full.get()), "ice-mode", "full");
    full.Play();
    ASSERT_TRUE(Call(full.get(), "connect", Describe(lite_.get(), "server")).ok());
    g_usleep(static_cast<gulong>(i) * 1000);
  }
}

}  // namespace
}  // namespace sfu::test
