// Handshakes between two of our sessions: quiet networks, bad ones, and none.
#include <gtest/gtest.h>

#include "dtls_fixture.h"
#include "srtp/srtp.h"

namespace sfu::test {
namespace {

bool SameKey(const SrtpKey& a, const SrtpKey& b) {
  return a.suite == b.suite && std::equal(a.key().begin(), a.key().end(), b.key().begin()) &&
         std::equal(a.salt().begin(), a.salt().end(), b.salt().begin());
}

TEST(DtlsHandshake, ConnectsInTwoRoundTrips) {
  NetworkOptions network;
  network.delay = TimeDelta::Millis(20);
  Link link(network);
  const Timestamp start = link.now;
  link.Connect();
  link.Run();
  ASSERT_TRUE(link.connected());
  EXPECT_EQ(link.now - start, TimeDelta::Millis(80));
  const std::vector<DtlsState> states = {DtlsState::kConnecting, DtlsState::kConnected};
  EXPECT_EQ(link.client.states, states);
  EXPECT_EQ(link.server.states, states);
  EXPECT_EQ(link.client.session.role(), DtlsRole::kClient);
  EXPECT_EQ(link.server.session.role(), DtlsRole::kServer);
  // A flight is one datagram.
  EXPECT_EQ(link.client.sent_count, 2u);
  EXPECT_EQ(link.server.sent_count, 2u);
}

TEST(DtlsHandshake, BothSidesHaveTheSameKeys) {
  Link link;
  link.Connect();
  link.Run();
  const auto client = link.client.session.TakeSrtpKeys();
  const auto server = link.server.session.TakeSrtpKeys();
  ASSERT_TRUE(client && server);
  EXPECT_TRUE(SameKey(client->send, server->receive));
  EXPECT_TRUE(SameKey(client->receive, server->send));
  EXPECT_FALSE(SameKey(client->send, client->receive));
  EXPECT_FALSE(link.client.session.TakeSrtpKeys().has_value());
}

TEST(DtlsHandshake, SrtpPassesWithItsKeys) {
  Link link;
  link.Connect();
  link.Run();
  const auto client = link.client.session.TakeSrtpKeys();
  const auto server = link.server.session.TakeSrtpKeys();
  ASSERT_TRUE(client && server);
  const auto sender = NewSrtpSender(client->send).value();
  const auto receiver = NewSrtpReceiver(server->receive).value();
  std::vector<uint8_t> packet(12 + 100 + kMaxSrtpOverhead, 0x5a);
  packet[0] = 0x80;
  const std::vector<uint8_t> plain(packet.begin(), packet.begin() + 112);
  const size_t size = sender->AddStream(LoadBe32(&packet[8]))->Protect(packet, 112, 12);
  ASSERT_GT(size, 112u);
  packet.resize(size);
  std::vector<uint8_t> opened(size);
  const UnprotectResult result = receiver->Unprotect(packet, opened);
  ASSERT_TRUE(result.ok());
  opened.resize(result.size());
  EXPECT_EQ(opened, plain);
}

TEST(DtlsHandshake, AnswersBeforeConnectAndGivesNoKeysUntilThen) {
  Link link;
  link.StartClient();
  link.Run();
  EXPECT_EQ(link.client.session.state(), DtlsState::kConnected);
  EXPECT_EQ(link.server.session.state(), DtlsState::kConnecting);
  EXPECT_FALSE(link.server.session.TakeSrtpKeys().has_value());
  EXPECT_FALSE(link.server.session.SendData(std::vector<uint8_t>{1}));
  EXPECT_TRUE(link.server.session.remote_certificate().empty());

  // Data that comes meanwhile is not believed.
  EXPECT_TRUE(link.client.session.SendData(std::vector<uint8_t>{1}));
  link.Run();
  EXPECT_TRUE(link.server.data.empty());
  EXPECT_EQ(link.server.drops(DropReason::kDtlsUnexpected), 1u);

  ASSERT_TRUE(
      link.server.session.Connect(ParametersOf(*TheirContext(), DtlsRole::kClient), link.now).ok());
  EXPECT_EQ(link.server.session.state(), DtlsState::kConnected);
  EXPECT_TRUE(link.server.session.TakeSrtpKeys().has_value());
  EXPECT_EQ(CertificateDerToPem(link.server.session.remote_certificate()).substr(0, 27),
            "-----BEGIN CERTIFICATE-----");
}

TEST(DtlsHandshake, ClientWaitsForAPath) {
  End client(TheirContext());
  const Timestamp now = Timestamp::FromMillis(5);
  ASSERT_TRUE(client.session.Connect(ParametersOf(*OurContext(), DtlsRole::kServer), now).ok());
  EXPECT_TRUE(client.sent.empty());
  EXPECT_TRUE(client.session.NextDeadline().is_never());
  client.session.Start(now);
  EXPECT_EQ(client.sent.size(), 1u);
  client.session.Start(now);
  EXPECT_EQ(client.sent.size(), 1u);
}

TEST(DtlsHandshake, TakesAFragmentedClientHelloInAnyOrder) {
  const Datagram hello = ClientHello();
  for (const size_t size : {4UL, 40UL, 120UL}) {
    std::vector<Datagram> fragments = Fragmented(hello, size);
    ASSERT_GT(fragments.size(), 1u);
    for (int order = 0; order < 2; ++order) {
      End server(OurContext());
      for (const Datagram& fragment : fragments) {
        EXPECT_TRUE(server.sent.empty());
        server.session.Receive(fragment, Timestamp::FromMillis(1));
      }
      EXPECT_FALSE(server.sent.empty()) << size << " bytes, order " << order;
      EXPECT_EQ(server.session.drops().Total(), 0u);
      std::reverse(fragments.begin(), fragments.end());
    }
  }
}

TEST(DtlsHandshake, DatagramsKeepToTheMtu) {
  for (const size_t mtu : {300UL, 600UL, 1200UL}) {
    Link link({}, {.mtu = mtu}, {.mtu = mtu});
    link.Connect();
    link.Run();
    EXPECT_TRUE(link.connected());
    EXPECT_LE(link.client.largest, mtu);
    EXPECT_LE(link.server.largest, mtu);
  }
}

// The timer runs on the time that is handed in, and on nothing else.
TEST(DtlsHandshake, RepeatsItsFlightEverMoreRarely) {
  End client(TheirContext());
  Timestamp now = Timestamp::FromMillis(7);
  const Timestamp start = now;
  ASSERT_TRUE(client.session.Connect(ParametersOf(*OurContext(), DtlsRole::kServer), now).ok());
  client.session.Start(now);
  std::vector<int64_t> sent_at;
  while (!client.session.NextDeadline().is_never()) {
    now = client.session.NextDeadline();
    client.session.HandleTimeout(now - TimeDelta::Millis(1));
    EXPECT_EQ(client.sent.size(), 1u);  // not before its time
    client.sent.clear();
    client.session.HandleTimeout(now);
    if (client.sent.empty()) break;
    sent_at.push_back((now - start).ms());
  }
  const std::vector<int64_t> expected = {100,  300,   700,   1500,  3100,  6300,
                                         9500, 12700, 15900, 19100, 22300, 25500};
  EXPECT_EQ(sent_at, expected);
  EXPECT_EQ(client.session.state(), DtlsState::kFailed);
  EXPECT_EQ(client.session.failure(), DtlsFailure::kTimeout);
  EXPECT_LE(now - start, DtlsSession::kMaxHandshakeTime);
  EXPECT_TRUE(client.session.NextDeadline().is_never());
}

TEST(DtlsHandshake, HalfAHandshakeEndsAfterThirtySeconds) {
  End server(OurContext());
  const std::vector<Datagram> fragments = Fragmented(ClientHello(), 100);
  server.session.Receive(fragments[0], Timestamp::FromMillis(0));
  EXPECT_EQ(server.session.NextDeadline(), Timestamp::FromMillis(30'000));
  server.session.HandleTimeout(Timestamp::FromMillis(29'999));
  EXPECT_EQ(server.session.state(), DtlsState::kConnecting);
  server.session.HandleTimeout(Timestamp::FromMillis(30'000));
  EXPECT_EQ(server.session.failure(), DtlsFailure::kTimeout);
}

// Seeds are fixed, and time is virtual; only keys and signatures differ from run to run.
TEST(DtlsHandshake, SurvivesLossReorderingAndDuplication) {
  constexpr int kRuns = 100;
  int connected = 0;
  for (int run = 0; run < kRuns; ++run) {
    NetworkOptions network;
    network.seed = static_cast<uint64_t>(run);
    network.loss = 0.3;
    network.delay = TimeDelta::Millis(30);
    network.jitter = TimeDelta::Millis(10);
    network.reorder = 0.3;
    network.reorder_delay = TimeDelta::Millis(60);
    network.duplicate = 0.2;
    // Small datagrams, so that a flight is several.
    Link link(network, {.mtu = 400}, {.mtu = 400});
    link.Connect();
    link.Run();
    connected += link.connected() ? 1 : 0;
    if (link.connected()) {
      const auto client = link.client.session.TakeSrtpKeys();
      const auto server = link.server.session.TakeSrtpKeys();
      ASSERT_TRUE(client && server);
      EXPECT_TRUE(SameKey(client->send, server->receive)) << run;
    } else {
      ADD_FAILURE() << "run " << run << ": client " << DtlsStateName(link.client.session.state())
                    << ", server " << DtlsStateName(link.server.session.state());
    }
  }
  EXPECT_EQ(connected, kRuns);
}

// The server is connected, and free of OpenSSL, when its last flight is lost.
TEST(DtlsHandshake, RepeatsALostLastFlight) {
  Link link;
  link.Connect();
  Timestamp now = link.now;
  link.server.session.Receive(link.client.TakeSent().at(0), now);
  link.client.session.Receive(link.server.TakeSent().at(0), now);
  const Datagram last_of_client = link.client.TakeSent().at(0);
  link.server.session.Receive(last_of_client, now);
  ASSERT_EQ(link.server.session.state(), DtlsState::kConnected);
  ASSERT_EQ(link.server.TakeSent().size(), 1u);  // lost
  for (int i = 0; i < 3; ++i) {
    now = link.client.session.NextDeadline();
    link.client.session.HandleTimeout(now);
    for (const Datagram& datagram : link.client.TakeSent()) {
      link.server.session.Receive(datagram, now);
    }
    ASSERT_EQ(link.server.sent.size(), 1u);
    if (i < 2) link.server.sent.clear();  // lost again
  }
  link.client.session.Receive(link.server.TakeSent().at(0), now);
  EXPECT_EQ(link.client.session.state(), DtlsState::kConnected);
  EXPECT_TRUE(link.client.session.NextDeadline().is_never());

  // A client that repeats the same bytes is answered too, but not without end.
  now += TimeDelta::Seconds(1);
  for (int i = 0; i < 10; ++i) link.server.session.Receive(last_of_client, now);
  EXPECT_EQ(link.server.TakeSent().size(), 1u);
}

}  // namespace
}  // namespace sfu::test
