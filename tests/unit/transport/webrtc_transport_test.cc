// A WebRTC transport from end to end: how it comes up, carries media, and ends.
#include "transport/webrtc_transport.h"

#include <gtest/gtest.h>

#include "webrtc_media.h"

namespace sfu::test {
namespace {

class CountingSource : public RtpSource {
 public:
  void RequestKeyFrame(Timestamp) override { ++requests; }
  void SetPatience(TimeDelta) override {}
  int requests = 0;
};

uint64_t Drops(const WebRtcEnd& end, DropReason reason) {
  return end.transport->Stats().rtp.drops[reason];
}

TEST(WebRtcTransport, ConnectsAndTellsEachStep) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  EXPECT_EQ(link.server().transport->ice_state(), IceState::kNew);
  EXPECT_EQ(link.server().transport->dtls_state(), DtlsState::kNew);
  EXPECT_EQ(link.server().transport->dtls_parameters().role, DtlsRole::kAuto);
  EXPECT_EQ(link.server().transport->dtls_parameters().fingerprints.size(), 5u);
  EXPECT_TRUE(link.server().transport->ice_parameters().ice_lite);
  link.Connect();
  EXPECT_TRUE(link.RunUntilConnected());
  EXPECT_EQ(link.server().Take(),
            (Events{"dtls connecting", "tuple 10.0.0.2:1000", "ice completed", "dtls connected"}));
  EXPECT_EQ(link.client().Take(),
            (Events{"dtls connecting", "tuple 192.0.2.1:4000", "ice completed", "dtls connected"}));
  EXPECT_EQ(link.server().transport->dtls_parameters().role, DtlsRole::kServer);
  EXPECT_FALSE(CertificateDerToPem(link.server().transport->dtls_remote_certificate()).empty());
  // ICE, then two round trips of DTLS.
  EXPECT_LE(link.now - Timestamp::FromMillis(1'000'000), TimeDelta::Millis(3 * 40));
  const WebRtcTransportStats stats = link.server().transport->Stats();
  EXPECT_EQ(stats.dtls_drops.Total(), 0u);
  EXPECT_EQ(stats.dtls_datagrams_received, 2u);
  EXPECT_GE(stats.dtls_datagrams_sent, 2u);
  EXPECT_GT(stats.dtls_bytes_sent, 500u);
  EXPECT_GT(stats.dtls_bytes_received, 500u);
}

TEST(WebRtcTransport, AnswersDtlsBeforeItKnowsTheFingerprint) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  VideoStream up(link.client(), link.server(), 11);
  VideoStream down(link.server(), link.client(), 12);
  link.BeginClient();
  EXPECT_TRUE(link.RunUntil([&] { return link.client().transport->connected(); }));
  uint64_t media_out = 0;
  link.on_server_sent = [&](ByteView datagram) {
    const DatagramKind kind = ClassifyDatagram(datagram);
    media_out += kind == DatagramKind::kRtp || kind == DatagramKind::kRtcp ? 1 : 0;
  };
  // The client sends. Whose media that is, nobody knows yet.
  SendVideo(link, {&up, &down}, 10);
  EXPECT_EQ(link.server().transport->dtls_state(), DtlsState::kConnecting);
  EXPECT_FALSE(link.server().transport->connected());
  EXPECT_EQ(up.arrived(), 0u);
  EXPECT_GE(Drops(link.server(), DropReason::kNotConnected), 30u);
  EXPECT_EQ(media_out, 0u);
  ASSERT_TRUE(link.ConnectServer().ok());
  EXPECT_TRUE(link.server().transport->connected());
  SendVideo(link, {&up, &down}, 10);
  EXPECT_GE(up.arrived(), 27u);
  EXPECT_GE(down.arrived(), 27u);
}

TEST(WebRtcTransport, AnotherCertificateGetsNoMedia) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  VideoStream up(link.client(), link.server(), 11);
  VideoStream down(link.server(), link.client(), 12);
  link.BeginClient();
  EXPECT_TRUE(link.RunUntil([&] { return link.client().transport->connected(); }));
  uint64_t media_out = 0;
  link.on_server_sent = [&](ByteView datagram) {
    if (ClassifyDatagram(datagram) != DatagramKind::kDtls) ++media_out;
  };
  ASSERT_TRUE(link.server()
                  .transport->Connect(ParametersOf(*OurContext(), DtlsRole::kClient), link.now)
                  .ok());
  EXPECT_EQ(link.server().transport->dtls_state(), DtlsState::kFailed);
  EXPECT_EQ(link.server().transport->dtls_failure(), DtlsFailure::kFingerprintMismatch);
  SendVideo(link, {&up, &down}, 10);
  EXPECT_EQ(up.arrived(), 0u);
  EXPECT_EQ(media_out, 0u);
  EXPECT_TRUE(link.server().transport->dtls_remote_certificate().empty());
}

TEST(WebRtcTransport, CarriesMediaBothWaysWithReports) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  VideoStream up(link.client(), link.server(), 11);
  VideoStream second(link.client(), link.server(), 21);
  VideoStream down(link.server(), link.client(), 12);
  link.Connect();
  ASSERT_TRUE(link.RunUntilConnected());
  SendVideo(link, {&up, &second, &down}, 100);
  EXPECT_EQ(up.arrived(), up.sent());
  EXPECT_EQ(second.arrived(), second.sent());
  EXPECT_EQ(down.arrived(), down.sent());
  EXPECT_EQ(link.server().transport->Stats().rtp.drops.Total(), 0u);
  EXPECT_EQ(link.client().transport->Stats().rtp.drops.Total(), 0u);
  // The reports of the client have told the round trip.
  const auto rtt = down.sender().Stats(link.now).stream.round_trip_time;
  ASSERT_TRUE(rtt.has_value());
  EXPECT_EQ(rtt->ms(), 40);
}

TEST(WebRtcTransport, AsksForKeyFramesWhenMediaBeginsToFlow) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  VideoStream video(link.server(), link.client(), 12);
  RtpSender* audio = link.server().transport->AddSender({.codec = AudioCodec()}).value();
  CountingSource video_source;
  CountingSource audio_source;
  video.sender().SetSource(&video_source);
  audio->SetSource(&audio_source);
  link.Connect();
  EXPECT_EQ(video_source.requests, 0);
  ASSERT_TRUE(link.RunUntilConnected());
  EXPECT_EQ(video_source.requests, 1);
  link.Run(TimeDelta::Seconds(10));
  EXPECT_EQ(video_source.requests, 1);
  // The path is lost, and found again.
  link.client_ice().Silence();
  EXPECT_TRUE(
      link.RunUntil([&] { return !link.server().transport->connected(); }, TimeDelta::Seconds(40)));
  EXPECT_EQ(video_source.requests, 1);
  link.client_ice().Begin(link.now);
  link.client().timer = link.now;
  EXPECT_TRUE(link.RunUntilConnected());
  EXPECT_EQ(video_source.requests, 2);
  EXPECT_EQ(audio_source.requests, 0);
}

TEST(WebRtcTransport, RepairsLossByRtx) {
  WebRtcLink link(Path(1, 0.05), Path(2, 0.05));
  VideoStream up(link.client(), link.server(), 11);
  VideoStream down(link.server(), link.client(), 12);
  link.Connect();
  ASSERT_TRUE(link.RunUntilConnected());
  SendVideo(link, {&up, &down}, 600);
  link.Run(TimeDelta::Seconds(1));
  for (const VideoStream* stream : {&up, &down}) {
    EXPECT_EQ(stream->sent(), 1800u);
    EXPECT_GE(stream->arrived(), 1797u);
  }
  EXPECT_GT(down.sender().Stats(link.now).stream.retransmitted_packets_sent, 60u);
  const auto& receivers = link.server().transport->session().receivers();
  ASSERT_EQ(receivers.size(), 1u);
  EXPECT_GT(receivers[0]->Stats(link.now).rtx_packets, 60u);
}

TEST(WebRtcTransport, ConnectsUnderLoss) {
  TimeDelta slowest;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    WebRtcLink link(Path(seed, 0.3), Path(seed + 1000, 0.3));
    const Timestamp begin = link.now;
    link.Connect();
    ASSERT_TRUE(link.RunUntilConnected()) << seed;
    slowest = std::max(slowest, link.now - begin);
  }
  EXPECT_LT(slowest, TimeDelta::Seconds(15));
}

TEST(WebRtcTransport, ClosingTellsThePeerAndEndsEverything) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  VideoStream up(link.client(), link.server(), 11);
  VideoStream down(link.server(), link.client(), 12);
  link.Connect();
  ASSERT_TRUE(link.RunUntilConnected());
  SendVideo(link, {&up, &down}, 10);
  link.server().Take();
  WebRtcTransport& server = *link.server().transport;
  server.Close();
  server.Close();
  EXPECT_TRUE(server.closed());
  EXPECT_FALSE(server.connected());
  EXPECT_EQ(server.ice_state(), IceState::kClosed);
  EXPECT_EQ(server.dtls_state(), DtlsState::kClosed);
  EXPECT_FALSE(server.ice_selected_tuple().has_value());
  EXPECT_TRUE(server.NextDeadline().is_never());
  EXPECT_EQ(link.demux().tuple_count(), 0u);
  const uint64_t sent = link.bytes_from_server;
  const size_t arrived = up.arrived();
  SendVideo(link, {&up, &down}, 100);
  EXPECT_EQ(link.bytes_from_server, sent);
  EXPECT_EQ(up.arrived(), arrived);
  EXPECT_EQ(link.server().Take(), Events{});
  EXPECT_EQ(link.client().transport->dtls_state(), DtlsState::kClosed);
  EXPECT_FALSE(link.client().transport->connected());
  EXPECT_FALSE(link.ConnectServer().ok());
  EXPECT_FALSE(server.RestartIce(WebRtcLink::Credentials("wxyz")).ok());
  // Streams can still go.
  server.RemoveSender(&down.sender(), link.now);
}

TEST(WebRtcTransport, ThePeersGoodbyeEndsTheMedia) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  VideoStream down(link.server(), link.client(), 12);
  link.Connect();
  ASSERT_TRUE(link.RunUntilConnected());
  SendVideo(link, {&down}, 10);
  link.server().Take();
  link.client().transport->Close();
  SendVideo(link, {&down}, 10);
  EXPECT_EQ(link.server().Take(), Events{"dtls closed"});
  EXPECT_FALSE(link.server().transport->connected());
  const uint64_t sent = link.bytes_from_server;
  SendVideo(link, {&down}, 100);
  EXPECT_EQ(link.bytes_from_server, sent);
}

TEST(WebRtcTransport, TheListenerMayCloseOnAnyEvent) {
  for (const std::string at :
       {"dtls connecting", "tuple 10.0.0.2:1000", "ice completed", "dtls connected"}) {
    WebRtcLink link(Path(1, 0), Path(2, 0));
    VideoStream down(link.server(), link.client(), 12);
    link.server().hook = [&](const std::string& event) {
      if (event == at) link.server().transport->Close();
    };
    link.Connect();
    SendVideo(link, {&down}, 30);
    EXPECT_EQ(link.server().Take().back(), at);
    EXPECT_TRUE(link.server().transport->closed());
    EXPECT_EQ(down.arrived(), 0u);
  }
}

TEST(WebRtcTransport, AWrongConnectChangesNothing) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  WebRtcTransport& server = *link.server().transport;
  EXPECT_EQ(server.Connect({DtlsRole::kClient, {}}, link.now).error().field,
            "dtlsParameters.fingerprints");
  EXPECT_EQ(server.Connect({DtlsRole::kClient, {{"md5", "00"}}}, link.now).error().field,
            "dtlsParameters.fingerprints[0].algorithm");
  EXPECT_EQ(server.RestartIce(WebRtcLink::Credentials("x")).error().field, "usernameFragment");
  EXPECT_EQ(server.SetRemoteIceParameters({"abcd", "p", true}).error().field, "iceLite");
  EXPECT_TRUE(server.AddRemoteIceCandidate({}).ok());
  EXPECT_EQ(link.server().Take(), Events{});
  link.Connect();
  EXPECT_TRUE(link.RunUntilConnected());
  EXPECT_EQ(link.ConnectServer().error().field, "dtlsParameters");
  EXPECT_TRUE(link.connected());
}

TEST(WebRtcTransport, SaysWhatIceSays) {
  const auto refuse = [](IceObserver&) -> Result<std::unique_ptr<IceSession>> {
    return Error{"enableUdp", "no"};
  };
  WebRtcEnd end;
  const auto made = WebRtcTransport::Create({}, end.Environment(1), OurContext(), refuse, nullptr);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().field, "enableUdp");
}

}  // namespace
}  // namespace sfu::test
