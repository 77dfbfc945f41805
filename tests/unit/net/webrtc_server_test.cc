// A shared port over real sockets: UDP and TCP alike, addresses, options.
#include "net/webrtc_server.h"

#include <gtest/gtest.h>

#include "ice_test_peer.h"
#include "net/local_addresses.h"

namespace sfu {
namespace {

IceListenOptions Listen(IceProtocol protocol, std::string_view local) {
  IceListenOptions options;
  options.protocol = protocol;
  options.local = Address(local);
  return options;
}

std::unique_ptr<WebRtcServer> MakeServer(Worker& worker, std::string_view local) {
  auto server = WebRtcServer::Create(
      worker, {Listen(IceProtocol::kUdp, local), Listen(IceProtocol::kTcp, local)});
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().ToString());
  return server.ok() ? std::move(server).value() : nullptr;
}

std::unique_ptr<IceLiteSession> MakeSession(WebRtcServer& server, EchoObserver& observer,
                                            const IceSessionOptions& options = {}) {
  auto session = server.CreateSession(options, observer);
  EXPECT_TRUE(session.ok());
  if (!session) return nullptr;
  observer.session = session.value().get();
  return std::move(session).value();
}

// A server on loopback with a session, and a socket for its peer.
struct OneSession {
  std::unique_ptr<Worker> worker = MakeWorker();
  std::unique_ptr<WebRtcServer> server = MakeServer(*worker, "127.0.0.1");
  EchoObserver observer;
  std::unique_ptr<IceLiteSession> session = MakeSession(*server, observer);
  SocketAddress address = *SocketAddress::ParseIp("127.0.0.1", server->addresses()[0].port);
  RecordingReceiver at_peer;
  UdpSocket::Ptr peer = Bind(*worker, &at_peer);
};

TEST(WebRtcServer, CarriesDataOverUdpFromTheAddressThatWasAsked) {
  struct Case {
    const char* bind;
    const char* peer;
    const char* asked;
  };
  for (const Case& c :
       {Case{"127.0.0.1", "127.0.0.1", "127.0.0.1"}, Case{"0.0.0.0", "127.0.0.1", "127.0.0.5"},
        Case{"::", "::1", "::1"}, Case{"::", "127.0.0.1", "127.0.0.6"}}) {
    for (const bool gso : {true, false}) {
      NetFeatures allowed;
      allowed.gso = gso;
      auto worker = MakeWorker(allowed);
      auto server = MakeServer(*worker, c.bind);
      EchoObserver observer;
      auto session = MakeSession(*server, observer);
      RecordingReceiver at_peer;
      auto peer = Bind(*worker, &at_peer, c.peer);
      SocketAddress asked = Address(c.asked);
      asked.set_port(server->addresses()[0].port);
      Send(*peer, asked, {"\x16 too early", CheckFor(*session, 1), "\x16 hello"});
      RunUntilReceived(*worker, at_peer, 1);
      ASSERT_EQ(at_peer.datagrams.size(), 1u) << c.bind << " " << c.asked;
      EXPECT_EQ(at_peer.datagrams[0].from, asked);
      EXPECT_EQ(observer.state, IceState::kCompleted);
      ASSERT_TRUE(observer.tuple);
      EXPECT_EQ(observer.tuple->local, asked);
      EXPECT_EQ(observer.dtls, std::vector<std::string>{"\x16 hello"});
      auto media = MakeDatagrams(40, 200);
      for (std::string& datagram : media) datagram[0] = '\x80';
      Send(*peer, asked, media);
      RunUntilReceived(*worker, at_peer, 41);
      ASSERT_EQ(at_peer.datagrams.size(), 41u);
      for (size_t i = 0; i < media.size(); ++i) {
        EXPECT_EQ(at_peer.datagrams[i + 1].bytes, media[i]);
        EXPECT_EQ(at_peer.datagrams[i + 1].from, asked);
      }
      EXPECT_EQ(server->drops().Total(), 1u);
      EXPECT_EQ(server->drops()[DropReason::kUnknownSource], 1u);
    }
  }
}

TEST(WebRtcServer, CarriesDataOverTcpOnTheSamePort) {
  for (const char* local : {"127.0.0.1", "::"}) {
    auto worker = MakeWorker();
    auto server = MakeServer(*worker, local);
    ASSERT_EQ(server->tcp_listeners().size(), 1u);
    const uint16_t port = server->tcp_listeners()[0]->local_address().port();
    EXPECT_EQ(port, server->addresses()[0].port);
    EchoObserver observer;
    auto session = MakeSession(*server, observer);
    TcpClient client(SocketAddress::Ipv4({127, 0, 0, 1}, port));
    ASSERT_TRUE(client.connected());
    ASSERT_TRUE(client.Send(CheckFor(*session, 1)));
    ASSERT_TRUE(client.Send("\x80media"));
    std::vector<std::string> got;
    EXPECT_TRUE(RunUntil(*worker, [&] {
      for (std::string& datagram : client.Receive()) got.push_back(std::move(datagram));
      return got.size() == 2;
    }));
    EXPECT_EQ(got.back(), "\x80media");
    EXPECT_EQ(session->selected_tuple()->protocol, IceProtocol::kTcp);
    EXPECT_EQ(session->selected_tuple()->local, SocketAddress::Ipv4({127, 0, 0, 1}, port));
    EXPECT_EQ(session->state(), IceState::kCompleted);
    EXPECT_FALSE(session->sender().PrefersEqualSizes());
  }
}

TEST(WebRtcServer, AClosedTcpConnectionGivesWayToUdp) {
  OneSession one;
  {
    TcpClient client(one.address);
    ASSERT_TRUE(client.Send(CheckFor(*one.session, 1)));
    EXPECT_TRUE(RunUntil(*one.worker, [&] { return one.observer.tuple.has_value(); }));
    Send(*one.peer, one.address, {CheckFor(*one.session, 2, false)});
    RunUntilReceived(*one.worker, one.at_peer, 1);
    EXPECT_EQ(one.session->selected_tuple()->protocol, IceProtocol::kTcp);
  }
  EXPECT_TRUE(
      RunUntil(*one.worker, [&] { return one.observer.tuple->protocol == IceProtocol::kUdp; }));
  EXPECT_EQ(one.session->tuple_count(), 1u);
  EXPECT_EQ(one.server->tcp_listeners()[0]->connection_count(), 0u);
}

TEST(WebRtcServer, CandidatesAreWhatIsAnnounced) {
  auto worker = MakeWorker();
  IceListenOptions udp = Listen(IceProtocol::kUdp, "0.0.0.0");
  udp.announced_addresses = {"203.0.113.1", "sfu.example.org"};
  auto server = WebRtcServer::Create(*worker, {udp, Listen(IceProtocol::kTcp, "127.0.0.1")});
  ASSERT_TRUE(server.ok());
  EchoObserver observer;
  auto session = MakeSession(*server.value(), observer);
  const auto candidates = session->local_candidates();
  ASSERT_EQ(candidates.size(), 3u);
  EXPECT_EQ(candidates[0].address, "203.0.113.1");
  EXPECT_EQ(candidates[1].address, "sfu.example.org");
  EXPECT_EQ(candidates[1].port, server.value()->addresses()[0].port);
  EXPECT_EQ(candidates[2].address, "127.0.0.1");
  EXPECT_EQ(candidates[2].protocol, IceProtocol::kTcp);
  auto tcp_only = MakeSession(*server.value(), observer, {.enable_udp = false});
  EXPECT_EQ(tcp_only->local_candidates().size(), 1u);
  auto tcp_first = MakeSession(*server.value(), observer, {.prefer_tcp = true});
  EXPECT_EQ(tcp_first->local_candidates()[0].protocol, IceProtocol::kTcp);
  EXPECT_NE(session->local_parameters().username_fragment,
            tcp_first->local_parameters().username_fragment);
  EXPECT_TRUE(session->local_parameters().ice_lite);
}

TEST(WebRtcServer, AWildcardAnnouncesTheMachine) {
  auto worker = MakeWorker();
  const auto local = LocalAddresses();
  ASSERT_FALSE(local.empty());
  auto server = WebRtcServer::Create(*worker, {Listen(IceProtocol::kUdp, "::")});
  ASSERT_TRUE(server.ok());
  EXPECT_EQ(server.value()->addresses().size(), local.size());
  EXPECT_EQ(server.value()->addresses()[0].address, local[0].IpString());
  auto v4_only = WebRtcServer::Create(*worker, {Listen(IceProtocol::kUdp, "0.0.0.0")});
  ASSERT_TRUE(v4_only.ok());
  for (const auto& address : v4_only.value()->addresses()) {
    EXPECT_TRUE(SocketAddress::ParseIp(address.address)->is_ipv4());
  }
}

TEST(WebRtcServer, RestartKeepsThePath) {
  OneSession one;
  const std::string old_check = CheckFor(*one.session, 1);
  const std::string late_check = CheckFor(*one.session, 2);
  Send(*one.peer, one.address, {old_check});
  RunUntilReceived(*one.worker, one.at_peer, 1);
  ASSERT_TRUE(one.session->Restart(NewIceCredentials().value()).ok());
  Send(*one.peer, one.address, {old_check, "\x80still", CheckFor(*one.session, 3)});
  RunUntilReceived(*one.worker, one.at_peer, 4);
  EXPECT_EQ(one.at_peer.datagrams.size(), 4u);
  Send(*one.peer, one.address, {late_check, "\x80last"});
  RunUntilReceived(*one.worker, one.at_peer, 5);
  EXPECT_EQ(one.at_peer.Bytes().back(), "\x80last");
  EXPECT_EQ(one.server->drops()[DropReason::kStunAuth], 1u);
}

TEST(WebRtcServer, ErrorsNameTheOption) {
  auto worker = MakeWorker();
  const auto error_of = [&](const std::vector<IceListenOptions>& listen) {
    const auto server = WebRtcServer::Create(*worker, listen);
    return server.ok() ? std::string("none") : server.error().field;
  };
  const IceListenOptions good = Listen(IceProtocol::kUdp, "127.0.0.1");
  EXPECT_EQ(error_of({}), "listenInfos");
  IceListenOptions wrong = good;
  wrong.announced_addresses = {"no good"};
  EXPECT_EQ(error_of({good, wrong}), "listenInfos[1].announcedAddress");
  wrong = Listen(IceProtocol::kTcp, "127.0.0.1");
  wrong.min_port = 5000;
  EXPECT_EQ(error_of({wrong}), "listenInfos[0].max_port");
  wrong.max_port = 4000;
  EXPECT_EQ(error_of({wrong}), "listenInfos[0].min_port");
  EXPECT_EQ(error_of({Listen(IceProtocol::kTcp, "192.0.2.99")}), "listenInfos[0].local");
  EXPECT_EQ(error_of({Listen(IceProtocol::kUdp, "192.0.2.99")}), "listenInfos[0].local");
  auto server = MakeServer(*worker, "127.0.0.1");
  IceListenOptions taken = Listen(IceProtocol::kTcp, "127.0.0.1");
  taken.local.set_port(server->addresses()[0].port);
  EXPECT_EQ(error_of({taken}), "listenInfos[0].local");
  EchoObserver observer;
  const auto session_error = [&](const IceSessionOptions& options) {
    return server->CreateSession(options, observer).error().field;
  };
  EXPECT_EQ(session_error({.enable_udp = false, .enable_tcp = false}), "enableUdp");
  EXPECT_EQ(session_error({.consent_timeout = TimeDelta::Seconds(5)}), "iceConsentTimeout");
}

}  // namespace
}  // namespace sfu
