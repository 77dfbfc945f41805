// The life of an association: roles, refusals, data, and its end.
#include <gtest/gtest.h>

#include "dtls_fixture.h"

namespace sfu::test {
namespace {

const std::vector<uint8_t> kHello = {'h', 'e', 'l', 'l', 'o'};

Link Connected() {
  Link link;
  link.Connect();
  link.Run();
  EXPECT_TRUE(link.connected());
  return link;
}

TEST(DtlsSession, RoleFollowsThePeers) {
  const Timestamp now;
  const auto role_for = [&](DtlsRole remote) {
    End end(OurContext());
    EXPECT_TRUE(end.session.Connect(ParametersOf(*TheirContext(), remote), now).ok());
    return end.session.role();
  };
  EXPECT_EQ(role_for(DtlsRole::kClient), DtlsRole::kServer);
  EXPECT_EQ(role_for(DtlsRole::kServer), DtlsRole::kClient);
  EXPECT_EQ(role_for(DtlsRole::kAuto), DtlsRole::kClient);
}

TEST(DtlsSession, APeerThatBeganIsTheClient) {
  Link link;
  EXPECT_EQ(link.server.session.role(), DtlsRole::kAuto);
  link.StartClient();
  link.Run();
  EXPECT_EQ(link.server.session.role(), DtlsRole::kServer);
  const auto wrong =
      link.server.session.Connect(ParametersOf(*TheirContext(), DtlsRole::kServer), link.now);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().field, "dtlsParameters.role");
  EXPECT_EQ(link.server.session.state(), DtlsState::kConnecting);
  ASSERT_TRUE(
      link.server.session.Connect(ParametersOf(*TheirContext(), DtlsRole::kAuto), link.now).ok());
  EXPECT_EQ(link.server.session.role(), DtlsRole::kServer);
  EXPECT_EQ(link.server.session.state(), DtlsState::kConnected);
}

TEST(DtlsSession, AWrongConnectChangesNothing) {
  Link link;
  const auto empty = link.server.session.Connect({DtlsRole::kClient, {}}, link.now);
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().field, "dtlsParameters.fingerprints");
  EXPECT_EQ(link.server.session.state(), DtlsState::kNew);
  EXPECT_EQ(link.server.session.role(), DtlsRole::kAuto);
  link.Connect();
  link.Run();
  EXPECT_TRUE(link.connected());
  const auto again =
      link.server.session.Connect(ParametersOf(*TheirContext(), DtlsRole::kClient), link.now);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().field, "dtlsParameters");
}

TEST(DtlsSession, AnotherCertificateFails) {
  for (const bool connect_first : {true, false}) {
    Link link;
    const DtlsParameters wrong = ParametersOf(*OurContext(), DtlsRole::kClient);
    if (connect_first) {
      ASSERT_TRUE(link.server.session.Connect(wrong, link.now).ok());
    }
    link.StartClient();
    link.Run();
    if (!connect_first) {
      ASSERT_TRUE(link.server.session.Connect(wrong, link.now).ok());
    }
    link.Run();
    EXPECT_EQ(link.server.session.state(), DtlsState::kFailed);
    EXPECT_EQ(link.server.session.failure(), DtlsFailure::kFingerprintMismatch);
    EXPECT_FALSE(link.server.session.TakeSrtpKeys().has_value());
    EXPECT_FALSE(link.server.session.SendData(kHello));
    EXPECT_TRUE(link.server.session.remote_certificate().empty());
    // The client is told.
    EXPECT_EQ(link.client.session.state(), DtlsState::kClosed);
  }
}

TEST(DtlsSession, AClientChecksTheServersCertificate) {
  Link link;
  ASSERT_TRUE(
      link.client.session.Connect(ParametersOf(*TheirContext(), DtlsRole::kServer), link.now).ok());
  link.client.session.Start(link.now);
  link.Run();
  EXPECT_EQ(link.client.session.failure(), DtlsFailure::kFingerprintMismatch);
  // The server, which has not heard connect() yet, is refused by the client.
  EXPECT_EQ(link.server.session.failure(), DtlsFailure::kPeerAlert);
}

TEST(DtlsSession, CarriesDataBothWays) {
  Link link = Connected();
  ASSERT_TRUE(link.client.session.SendData(kHello));
  ASSERT_TRUE(link.server.session.SendData({}));
  const std::vector<uint8_t> large(1200 - kMaxDtlsRecordOverhead, 0x33);
  ASSERT_TRUE(link.server.session.SendData(large));
  EXPECT_EQ(link.server.sent.back().size(), 1200u);
  EXPECT_FALSE(link.server.session.SendData(std::vector<uint8_t>(large.size() + 1)));
  link.Run();
  EXPECT_EQ(link.server.data, std::vector<Datagram>{kHello});
  EXPECT_EQ(link.client.data, (std::vector<Datagram>{{}, large}));
}

TEST(DtlsSession, DataMayBeLostAndOvertaken) {
  Link link = Connected();
  std::vector<Datagram> records;
  for (uint8_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(link.client.session.SendData(std::vector<uint8_t>{i}));
  }
  records = link.client.TakeSent();
  std::reverse(records.begin(), records.end());
  for (const Datagram& record : records) link.server.session.Receive(record, link.now);
  EXPECT_EQ(link.server.data.size(), 20u);
  // None passes twice.
  for (const Datagram& record : records) link.server.session.Receive(record, link.now);
  EXPECT_EQ(link.server.data.size(), 20u);
  EXPECT_EQ(link.server.drops(DropReason::kDtlsReplay), 20u);
}

TEST(DtlsSession, SeveralRecordsMayShareADatagram) {
  Link link = Connected();
  ASSERT_TRUE(link.client.session.SendData(kHello));
  ASSERT_TRUE(link.client.session.SendData(kHello));
  const std::vector<Datagram> sent = link.client.TakeSent();
  Datagram both = sent[0];
  both.insert(both.end(), sent[1].begin(), sent[1].end());
  link.server.session.Receive(both, link.now);
  EXPECT_EQ(link.server.data.size(), 2u);
}

TEST(DtlsSession, ForgedDataIsDropped) {
  Link link = Connected();
  ASSERT_TRUE(link.client.session.SendData(kHello));
  const Datagram good = link.client.TakeSent().at(0);
  // Every single byte counts; the header decides by itself where it is wrong.
  for (size_t i = 0; i < good.size(); ++i) {
    Datagram bad = good;
    bad[i] ^= 0x40;
    link.server.session.Receive(bad, link.now);
  }
  EXPECT_TRUE(link.server.data.empty());
  EXPECT_EQ(link.server.session.state(), DtlsState::kConnected);
  EXPECT_GT(link.server.drops(DropReason::kDtlsAuth), kHello.size());
  link.server.session.Receive(good, link.now);
  EXPECT_EQ(link.server.data.size(), 1u);
}

TEST(DtlsSession, CloseTellsThePeer) {
  for (const bool client_closes : {true, false}) {
    Link link = Connected();
    End& closer = client_closes ? link.client : link.server;
    End& other = client_closes ? link.server : link.client;
    closer.session.Close();
    EXPECT_EQ(closer.states.back(), DtlsState::kClosed);
    ASSERT_EQ(closer.sent.size(), 1u);
    link.Run();
    EXPECT_EQ(other.session.state(), DtlsState::kClosed);
    EXPECT_EQ(other.session.failure(), DtlsFailure::kNone);
    EXPECT_FALSE(other.session.SendData(kHello));
    closer.session.Close();
    EXPECT_TRUE(closer.sent.empty());
  }
}

TEST(DtlsSession, MayBeClosedAtAnyMoment) {
  for (int steps = 0; steps < 5; ++steps) {
    Link link;
    link.Connect();
    for (int i = 0; i < steps; ++i) {
      End& from = i % 2 == 0 ? link.client : link.server;
      End& to = i % 2 == 0 ? link.server : link.client;
      for (const Datagram& datagram : from.TakeSent()) to.session.Receive(datagram, link.now);
    }
    link.server.session.Close();
    link.client.session.Close();
    EXPECT_EQ(link.server.session.state(), DtlsState::kClosed);
    EXPECT_TRUE(link.server.session.NextDeadline().is_never());
    EXPECT_TRUE(link.client.session.NextDeadline().is_never());
  }
}

TEST(DtlsSession, MayBeClosedFromWithinItsData) {
  Link link = Connected();
  ASSERT_TRUE(link.client.session.SendData(kHello));
  ASSERT_TRUE(link.client.session.SendData(kHello));
  const std::vector<Datagram> sent = link.client.TakeSent();
  Datagram both = sent[0];
  both.insert(both.end(), sent[1].begin(), sent[1].end());
  link.server.on_data = [&] { link.server.session.Close(); };
  link.server.session.Receive(both, link.now);
  EXPECT_EQ(link.server.data.size(), 1u);
  EXPECT_EQ(link.server.states.back(), DtlsState::kClosed);
}

TEST(DtlsSession, AClosedOneTakesNothing) {
  End end(OurContext());
  end.session.Close();
  end.session.Receive(ClientHello(), Timestamp::FromMillis(1));
  EXPECT_TRUE(end.sent.empty());
  EXPECT_EQ(end.drops(DropReason::kDtlsUnexpected), 1u);
  const auto late = end.session.Connect(ParametersOf(*TheirContext(), DtlsRole::kServer),
                                        Timestamp::FromMillis(2));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().field, "dtlsParameters");
  end.session.Start(Timestamp::FromMillis(3));
  EXPECT_TRUE(end.sent.empty());
}

}  // namespace
}  // namespace sfu::test
