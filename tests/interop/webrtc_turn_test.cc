// webrtctransport behind a TURN server: a full one dials a lite one, and nothing goes but by
// coturn.
#include <gtest/gtest.h>

#include <functional>

#include "tests/elements/webrtc_client.h"
#include "tests/support/own_network.h"
#include "tests/support/turn_server.h"

namespace sfu::test {
namespace {

constexpr int kTries = 2000;
constexpr gulong kPause = 10'000;  // µs

bool WaitFor(const std::function<bool()>& condition) {
  for (int i = 0; i < kTries && !condition(); ++i) g_usleep(kPause);
  return condition();
}

Json Describe(GstElement* element, const char* dtls_role) {
  Json dtls = Json::parse(GetString(element, "dtls-parameters"));
  dtls["role"] = dtls_role;
  return {{"dtlsParameters", dtls},
          {"iceParameters", Json::parse(GetString(element, "ice-parameters"))},
          {"iceCandidates", Json::parse(GetString(element, "ice-candidates"))}};
}

TEST(WebRtcTurn, MediaGoesThroughIt) {
  const OwnNetwork network;
  if (!network.usable()) GTEST_SKIP() << "may not make a network namespace";
  if (!Turn::Installed()) GTEST_SKIP() << "coturn is not installed";
  const Turn turn;
  // Workers are made inside the network.
  Pipeline pipeline(
      "webrtctransport name=full worker=turn address=127.0.0.1 ice-mode=full enable-tcp=false "
      "ice-transport-policy=relay "
      "turn-server=\"turn://u:p@127.0.0.1:3478?transport=udp,turn://u:p@127.0.0.1:3478\" "
      "webrtctransport name=lite worker=turn address=127.0.0.1");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  const ElementRef full = pipeline.Find("full");
  const ElementRef lite = pipeline.Find("lite");
  Feeder feeder(full.get(), "sink_0", (std::string(kVp8Caps) + ",ssrc=(uint)8738").c_str());
  pipeline.SetState(GST_STATE_PLAYING);
  ASSERT_TRUE(Call(lite.get(), "connect", Describe(full.get(), "client")).ok());
  const Answer dialed = Call(full.get(), "connect", Describe(lite.get(), "server"));
  ASSERT_TRUE(dialed.ok()) << dialed.error;
  ASSERT_TRUE(WaitFor([&] {
    return GetString(full.get(), "dtls-state") == "connected" &&
           GetString(lite.get(), "dtls-state") == "connected";
  }));
  for (const Json& candidate : Json::parse(GetString(full.get(), "ice-candidates"))) {
    EXPECT_EQ(candidate["type"], "relay");
  }
  const Json tuple = Json::parse(GetString(lite.get(), "ice-selected-tuple"));
  EXPECT_GE(tuple["remotePort"].get<int>(), Turn::kFirstRelayPort);
  EXPECT_LE(tuple["remotePort"].get<int>(), Turn::kLastRelayPort);

  Json request = ProduceVp8("cam", 8738);
  request["rtpParameters"]["codecs"][0]["payloadType"] = 96;
  ASSERT_TRUE(Call(lite.get(), "produce", request).ok());
  Reader reader(lite.get(), "src_0", "application/x-rtp");
  feeder.Start();
  Vp8Source source({.ssrc = 8738});
  for (int frame = 0; frame < 10; ++frame) {
    for (const BuiltPacket& packet : source.NextFrame(Worker::Now())) feeder.Push(packet.bytes);
  }
  EXPECT_EQ(reader.PullPackets(30).size(), 30U);
}

}  // namespace
}  // namespace sfu::test
