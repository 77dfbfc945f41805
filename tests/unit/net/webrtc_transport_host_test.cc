// WebRTC transports on real sockets of the loopback interface.
#include "net/webrtc_transport_host.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "ice_test_peer.h"
#include "stream/local_ingress.h"
#include "tests/support/media.h"
#include "tests/support/packet_builder.h"
#include "tests/support/webrtc_peer.h"

namespace sfu {
namespace {

using test::CountingSink;
using test::NewDtlsContext;
using test::Vp8Codec;
using test::WebRtcPeer;

IceListenOptions Listen(IceProtocol protocol = IceProtocol::kUdp) {
  IceListenOptions options;
  options.protocol = protocol;
  options.local = Address("127.0.0.1");
  return options;
}

class WebRtcTransportHostTest : public testing::Test {
 protected:
  Result<std::unique_ptr<WebRtcTransportHost>> Create(
      const WebRtcTransportHostOptions& options = {}, WebRtcServer* server = nullptr) {
    return WebRtcTransportHost::Create(*worker_, options, server, context_, &pool_, ++seed_,
                                       ReadNtpClock(), nullptr);
  }
  std::unique_ptr<WebRtcTransportHost> Make(const WebRtcTransportHostOptions& options = {},
                                            WebRtcServer* server = nullptr) {
    auto host = Create(options, server);
    EXPECT_TRUE(host.ok()) << (host.ok() ? "" : host.error().ToString());
    return std::move(host).value();
  }
  std::unique_ptr<WebRtcServer> MakeServer() {
    return WebRtcServer::Create(*worker_, {Listen(), Listen(IceProtocol::kTcp)}).value();
  }
  static SocketAddress At(const WebRtcTransport& transport) {
    const IceCandidate& candidate = transport.ice_candidates()[0];
    return *SocketAddress::ParseIp(candidate.address, candidate.port);
  }
  WebRtcPeer MakePeer(const WebRtcTransportHost& host) {
    const WebRtcTransport& server = host.transport();
    return WebRtcPeer(*worker_, &pool_,
                      {server.ice_parameters(), server.dtls_parameters(), At(server)});
  }
  // Sends ten frames each way, and expects that all of them arrive.
  void ExchangeMedia(WebRtcTransport& a, WebRtcTransport& b) {
    // New ones each time: SRTP takes no number of one SSRC twice.
    const Ssrc ssrc_a = ++next_ssrc_;
    const Ssrc ssrc_b = ++next_ssrc_;
    CountingSink at_a;
    CountingSink at_b;
    LocalIngress from_a(&pool_, Vp8Codec(true));
    LocalIngress from_b(&pool_, Vp8Codec(true));
    from_a.SetSink(a.AddSender({.codec = Vp8Codec(true), .ssrc = ssrc_a}).value());
    from_b.SetSink(b.AddSender({.codec = Vp8Codec(true), .ssrc = ssrc_b}).value());
    a.AddReceiver({.codec = Vp8Codec(true), .ssrc = ssrc_b}).value()->SetSink(&at_a);
    b.AddReceiver({.codec = Vp8Codec(true), .ssrc = ssrc_a}).value()->SetSink(&at_b);
    test::Vp8Source source;
    size_t sent = 0;
    for (int frame = 0; frame < 10; ++frame) {
      const Timestamp now = Worker::Now();
      for (const test::BuiltPacket& packet : source.NextFrame(now)) {
        from_a.Push(packet.bytes, now, now);
        from_b.Push(packet.bytes, now, now);
        ++sent;
      }
      from_a.Flush(now);
      from_b.Flush(now);
      worker_->RunOnce(TimeDelta::Zero());
    }
    EXPECT_TRUE(RunUntil(*worker_, [&] { return at_a.packets >= sent && at_b.packets >= sent; }));
    EXPECT_EQ(at_a.packets, sent);
    EXPECT_EQ(at_b.packets, sent);
    for (WebRtcTransport* transport : {&a, &b}) {
      transport->RemoveSender(transport->session().senders()[0].get(), Worker::Now());
      transport->RemoveReceiver(transport->session().receivers()[0].get());
    }
  }
  bool RunUntilConnected(WebRtcTransportHost& host, WebRtcPeer& peer) {
    return RunUntil(*worker_,
                    [&] { return host.transport().connected() && peer.transport().connected(); });
  }

  const std::shared_ptr<const DtlsContext> context_ = NewDtlsContext();
  std::unique_ptr<Worker> worker_ = MakeWorker();
  RtpPacketPool pool_;
  uint64_t seed_ = 0;
  Ssrc next_ssrc_ = 0;
};

TEST_F(WebRtcTransportHostTest, ManyShareOnePort) {
  auto server = MakeServer();
  auto one = Make({}, server.get());
  auto two = Make({}, server.get());
  EXPECT_EQ(one->own_server(), nullptr);
  EXPECT_EQ(At(one->transport()), At(two->transport()));
  EXPECT_NE(one->transport().ice_parameters().username_fragment,
            two->transport().ice_parameters().username_fragment);
  WebRtcPeer first = MakePeer(*one);
  WebRtcPeer second = MakePeer(*two);
  ASSERT_TRUE(one->transport().Connect(first.parameters(), Worker::Now()).ok());
  ASSERT_TRUE(two->transport().Connect(second.parameters(), Worker::Now()).ok());
  EXPECT_TRUE(RunUntilConnected(*one, first));
  EXPECT_TRUE(RunUntilConnected(*two, second));
  ExchangeMedia(one->transport(), first.transport());
  ExchangeMedia(two->transport(), second.transport());
  // One goes; the other does not notice.
  one.reset();
  EXPECT_TRUE(
      RunUntil(*worker_, [&] { return first.transport().dtls_state() == DtlsState::kClosed; }));
  EXPECT_TRUE(two->transport().connected());
  ExchangeMedia(two->transport(), second.transport());
}

TEST_F(WebRtcTransportHostTest, MayHavePortsOfItsOwn) {
  auto host = Make({.listen = {Listen()}});
  ASSERT_NE(host->own_server(), nullptr);
  const SocketAddress at = At(host->transport());
  {
    WebRtcPeer peer = MakePeer(*host);
    ASSERT_TRUE(host->transport().Connect(peer.parameters(), Worker::Now()).ok());
    EXPECT_TRUE(RunUntilConnected(*host, peer));
    ExchangeMedia(host->transport(), peer.transport());
  }
  // The port is free again when the transport is gone.
  host.reset();
  IceListenOptions same = Listen();
  same.local = at;
  EXPECT_TRUE(Create({.listen = {same}}).ok());
}

TEST_F(WebRtcTransportHostTest, TheTimerRepeatsALostFlight) {
  auto host = Make({.listen = {Listen()}});
  WebRtcPeer peer = MakePeer(*host);
  // The client hears nothing until the server has sent its flight, which is lost so.
  WebRtcTransport& server = host->transport();
  ASSERT_TRUE(server.Connect(peer.parameters(), Worker::Now()).ok());
  peer.set_deaf_to_dtls(true);
  ASSERT_TRUE(RunUntil(*worker_, [&] { return server.Stats().dtls_datagrams_sent > 0; }));
  const uint64_t first_flight = server.Stats().dtls_datagrams_sent;
  EXPECT_TRUE(
      RunUntil(*worker_, [&] { return server.Stats().dtls_datagrams_sent > first_flight; }));
  peer.set_deaf_to_dtls(false);
  EXPECT_TRUE(RunUntilConnected(*host, peer));
}

TEST_F(WebRtcTransportHostTest, RestartsIce) {
  auto host = Make({.listen = {Listen()}});
  WebRtcTransport& server = host->transport();
  WebRtcPeer peer = MakePeer(*host);
  ASSERT_TRUE(server.Connect(peer.parameters(), Worker::Now()).ok());
  ASSERT_TRUE(RunUntilConnected(*host, peer));
  const IceParameters before = server.ice_parameters();
  ASSERT_TRUE(host->RestartIce().ok());
  EXPECT_NE(server.ice_parameters(), before);
  ExchangeMedia(server, peer.transport());
  const uint64_t answers = peer.ice().answers();
  peer.ice().UseServer(server.ice_parameters(), Worker::Now());
  peer.RunTimerNow();
  EXPECT_TRUE(RunUntil(*worker_, [&] { return peer.ice().answers() > answers; }));
  ExchangeMedia(server, peer.transport());
}

// A stream of one peer is out of reach for all others, though they know its SSRC.
TEST_F(WebRtcTransportHostTest, NobodyCanSendAnothersStream) {
  auto server = MakeServer();
  auto one = Make({}, server.get());
  auto two = Make({}, server.get());
  WebRtcPeer victim = MakePeer(*one);
  WebRtcPeer thief = MakePeer(*two);
  ASSERT_TRUE(one->transport().Connect(victim.parameters(), Worker::Now()).ok());
  ASSERT_TRUE(two->transport().Connect(thief.parameters(), Worker::Now()).ok());
  ASSERT_TRUE(RunUntilConnected(*one, victim));
  ASSERT_TRUE(RunUntilConnected(*two, thief));
  CountingSink sink;
  one->transport().AddReceiver({.codec = Vp8Codec(true), .ssrc = 7}).value()->SetSink(&sink);
  const auto send = [&](WebRtcPeer& from) {
    LocalIngress ingress(&pool_, Vp8Codec(true));
    RtpSender* sender = from.transport().AddSender({.codec = Vp8Codec(true), .ssrc = 7}).value();
    ingress.SetSink(sender);
    const Timestamp now = Worker::Now();
    for (const test::BuiltPacket& packet : test::Vp8Source().NextFrame(now)) {
      ingress.Push(packet.bytes, now, now);
    }
    ingress.Flush(now);
    worker_->RunOnce(TimeDelta::Zero());
  };
  send(thief);
  EXPECT_TRUE(RunUntil(
      *worker_, [&] { return two->transport().Stats().rtp.drops[DropReason::kUnknownSsrc] == 3; }));
  EXPECT_EQ(sink.packets, 0u);
  send(victim);
  EXPECT_TRUE(RunUntil(*worker_, [&] { return sink.packets == 3; }));
}

TEST_F(WebRtcTransportHostTest, WithoutDescriptorsOnlyNewPortsFail) {
  auto server = MakeServer();
  auto one = Make({}, server.get());
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto refused = Create({.listen = {Listen()}});
  auto two = Make({}, server.get());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().field.substr(0, 14), "listenInfos[0]");
  WebRtcPeer peer = MakePeer(*two);
  ASSERT_TRUE(two->transport().Connect(peer.parameters(), Worker::Now()).ok());
  EXPECT_TRUE(RunUntilConnected(*two, peer));
}

TEST_F(WebRtcTransportHostTest, ErrorsNameTheOption) {
  EXPECT_EQ(Create().error().field, "webRtcServer");
  auto server = MakeServer();
  WebRtcTransportHostOptions options;
  options.ice.enable_udp = options.ice.enable_tcp = false;
  EXPECT_EQ(Create(options, server.get()).error().field, "enableUdp");
  options = {};
  options.ice.consent_timeout = TimeDelta::Seconds(1);
  EXPECT_EQ(Create(options, server.get()).error().field, "iceConsentTimeout");
  options = {};
  options.listen = {Listen()};
  options.listen[0].local = Address("192.0.2.77");  // not ours
  EXPECT_EQ(Create(options).error().field.substr(0, 14), "listenInfos[0]");
}

}  // namespace
}  // namespace sfu
