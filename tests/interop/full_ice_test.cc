// Full ICE from end to end: a transport that dials out to our own ICE-lite port, over UDP, over TCP
// and through a TURN server (coturn), with DTLS, media and a restart.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "net/plain_transport_host.h"
#include "net/webrtc_transport_host.h"
#include "stream/local_ingress.h"
#include "tests/support/media.h"
#include "tests/support/own_network.h"
#include "tests/support/packet_builder.h"
#include "tests/support/turn_server.h"

namespace sfu {
namespace {

constexpr TimeDelta kPatience = TimeDelta::Seconds(20);

SocketAddress Loopback(uint16_t port = 0) { return SocketAddress::Ipv4({127, 0, 0, 1}, port); }

TurnServer TurnForUs() {
  return {.address = Loopback(test::Turn::kPort), .username = "u", .password = "p"};
}

// Both ends on one Worker, which runs on the test's thread.
class FullIce : public testing::Test {
 protected:
  void SetUp() override {
    if (!network_.usable()) GTEST_SKIP() << "may not make a network namespace";
  }

  static std::shared_ptr<const DtlsContext> NewContext() {
    return DtlsContext::Create(DtlsCertificate::Generate().value()).value();
  }
  std::unique_ptr<WebRtcTransportHost> Make(const WebRtcTransportHostOptions& options) {
    auto host = WebRtcTransportHost::Create(*worker_, options, nullptr, NewContext(), &pool_, 1,
                                            ReadNtpClock(), nullptr);
    EXPECT_TRUE(host.ok()) << (host.ok() ? "" : host.error().ToString());
    return host.ok() ? std::move(host).value() : nullptr;
  }
  // The lite end, and the full one that dials it.
  void MakeBoth(NiceIceOptions full, IceProtocol protocol = IceProtocol::kUdp) {
    thread_ = std::make_unique<NiceThread>();
    IceListenOptions listen;
    listen.local = Loopback();
    listen.protocol = protocol;
    lite_ = Make({.listen = {listen}});
    full.controlling = true;
    full.local_addresses = {Loopback()};
    full.on_candidate = [this](const IceCandidate& found) { found_.push_back(found); };
    full.on_gathered = [this] { gathered_ = true; };
    WebRtcTransportHostOptions options;
    options.full_ice = full;
    options.nice_thread = thread_.get();
    full_ = Make(options);
  }
  void Connect() {
    WebRtcTransport& lite = lite_->transport();
    WebRtcTransport& full = full_->transport();
    DtlsParameters server = lite.dtls_parameters();
    server.role = DtlsRole::kServer;
    DtlsParameters client = full.dtls_parameters();
    client.role = DtlsRole::kClient;
    ASSERT_TRUE(lite.Connect(client, Worker::Now()).ok());
    ASSERT_TRUE(full.Connect(server, Worker::Now()).ok());
    TellIce();
  }
  void TellIce() {
    WebRtcTransport& lite = lite_->transport();
    ASSERT_TRUE(full_->transport().SetRemoteIceParameters(lite.ice_parameters()).ok());
    for (const IceCandidate& candidate : lite.ice_candidates()) {
      ASSERT_TRUE(full_->transport().AddRemoteIceCandidate(candidate).ok());
    }
  }
  template <typename F>
  bool RunUntil(F done) {
    const Timestamp give_up = Worker::Now() + kPatience;
    while (!done() && Worker::Now() < give_up) worker_->RunOnce(TimeDelta::Millis(5));
    return done();
  }
  bool RunUntilConnected() {
    return RunUntil(
        [&] { return lite_->transport().connected() && full_->transport().connected(); });
  }
  void ExpectMedia(WebRtcTransport& from, WebRtcTransport& to) {
    const Ssrc ssrc = ++ssrc_;
    test::CountingSink sink;
    RtpReceiver* receiver = to.AddReceiver({.codec = test::Vp8Codec(), .ssrc = ssrc}).value();
    receiver->SetSink(&sink);
    LocalIngress ingress(&pool_, test::Vp8Codec());
    RtpSender* sender = from.AddSender({.codec = test::Vp8Codec(), .ssrc = ssrc}).value();
    ingress.SetSink(sender);
    test::Vp8Source source;
    for (int frame = 0; frame < 10; ++frame) {
      const Timestamp now = Worker::Now();
      for (const test::BuiltPacket& packet : source.NextFrame(now)) {
        ingress.Push(packet.bytes, now, now);
      }
      ingress.Flush(now);
      worker_->RunOnce(TimeDelta::Millis(1));
    }
    EXPECT_TRUE(RunUntil([&] { return sink.packets == 30; })) << sink.packets;
    to.RemoveReceiver(receiver);
    from.RemoveSender(sender, Worker::Now());
  }
  void ExpectMediaBothWays() {
    ExpectMedia(lite_->transport(), full_->transport());
    ExpectMedia(full_->transport(), lite_->transport());
  }

  const test::OwnNetwork network_;
  std::unique_ptr<Worker> worker_ = Worker::Create().value();
  RtpPacketPool pool_;
  std::unique_ptr<NiceThread> thread_;
  std::unique_ptr<WebRtcTransportHost> lite_;
  std::unique_ptr<WebRtcTransportHost> full_;
  std::vector<IceCandidate> found_;
  bool gathered_ = false;
  Ssrc ssrc_ = 0;
};

TEST_F(FullIce, DialsOutOverUdpAndRestarts) {
  MakeBoth({});
  EXPECT_FALSE(full_->transport().ice_parameters().ice_lite);
  Connect();
  ASSERT_TRUE(RunUntilConnected());
  EXPECT_EQ(full_->transport().dtls_parameters().role, DtlsRole::kClient);
  EXPECT_TRUE(RunUntil([&] { return gathered_; }));
  ASSERT_FALSE(found_.empty());
  EXPECT_EQ(found_[0].type, IceCandidateType::kHost);
  EXPECT_EQ(found_[0].address, "127.0.0.1");
  EXPECT_EQ(full_->transport().ice_candidates().size(), found_.size());
  EXPECT_TRUE(RunUntil([&] { return full_->transport().ice_state() == IceState::kCompleted; }));
  EXPECT_EQ(full_->transport().ice_selected_tuple()->remote,
            lite_->transport().ice_selected_tuple()->local);
  ExpectMediaBothWays();

  const IceParameters before = full_->transport().ice_parameters();
  ASSERT_TRUE(lite_->RestartIce().ok());
  ASSERT_TRUE(full_->RestartIce().ok());
  EXPECT_NE(full_->transport().ice_parameters(), before);
  TellIce();
  ExpectMediaBothWays();

  full_.reset();
  EXPECT_TRUE(RunUntil([&] { return lite_->transport().dtls_state() == DtlsState::kClosed; }));
}

TEST_F(FullIce, DialsOutOverTcp) {
  MakeBoth({.enable_udp = false, .enable_tcp = true}, IceProtocol::kTcp);
  Connect();
  ASSERT_TRUE(RunUntilConnected());
  EXPECT_EQ(lite_->transport().ice_selected_tuple()->protocol, IceProtocol::kTcp);
  ExpectMediaBothWays();
}

TEST_F(FullIce, GoesThroughATurnServer) {
  if (!test::Turn::Installed()) GTEST_SKIP() << "coturn is not installed";
  const test::Turn turn;
  MakeBoth({.relay_only = true, .turn_servers = {TurnForUs()}});
  Connect();
  ASSERT_TRUE(RunUntilConnected());
  const auto tuple = lite_->transport().ice_selected_tuple();
  EXPECT_GE(tuple->remote.port(), test::Turn::kFirstRelayPort);
  EXPECT_LE(tuple->remote.port(), test::Turn::kLastRelayPort);
  for (const IceCandidate& candidate : found_) EXPECT_EQ(candidate.type, IceCandidateType::kRelay);
  ExpectMediaBothWays();
  // The server hears that we go: nothing is waited for.
  full_.reset();
  const Timestamp begin = Worker::Now();
  thread_.reset();
  EXPECT_LT(Worker::Now() - begin, NiceThread::kMaxClosing);
}

TEST_F(FullIce, EndsAtAnyMoment) {
  for (int rounds = 0; rounds < 40; ++rounds) {
    MakeBoth({});
    Connect();
    for (int i = 0; i < rounds; ++i) worker_->RunOnce(TimeDelta::Millis(1));
    if (rounds % 2 == 0) full_->transport().Close();
    full_.reset();
    worker_->RunOnce(TimeDelta::Zero());
    thread_.reset();
    worker_->RunOnce(TimeDelta::Zero());
  }
}

TEST_F(FullIce, ErrorsNameTheOption) {
  MakeBoth({});
  WebRtcTransport& full = full_->transport();
  EXPECT_EQ(full.SetRemoteIceParameters({"x", "y", false}).error().field, "usernameFragment");
  IceCandidate candidate;
  candidate.address = "host.local";
  EXPECT_EQ(full.AddRemoteIceCandidate(candidate).error().field, "address");
  const auto create = [&](NiceIceOptions ice) {
    WebRtcTransportHostOptions options;
    ice.local_addresses = {Loopback()};
    options.full_ice = std::move(ice);
    options.nice_thread = thread_.get();
    return WebRtcTransportHost::Create(*worker_, options, nullptr, NewContext(), &pool_, 1,
                                       ReadNtpClock(), nullptr);
  };
  EXPECT_EQ(create({.enable_udp = false}).error().field, "enableUdp");
  EXPECT_EQ(create({.turn_servers = {TurnServer()}}).error().field, "turnServers[0]");
  EXPECT_TRUE(create({}).ok());
}

}  // namespace
}  // namespace sfu
