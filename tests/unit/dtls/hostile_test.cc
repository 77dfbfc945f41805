// What strangers and broken peers send: rows 10 to 14 of what must be survived.
#include <gtest/gtest.h>
#include <malloc.h>

#include "base/random.h"
#include "dtls_fixture.h"

namespace sfu::test {
namespace {

constexpr uint8_t kCcs = 20;
constexpr uint8_t kAlert = 21;
constexpr uint8_t kHandshake = 22;
constexpr uint8_t kData = 23;
const Timestamp kNow = Timestamp::FromMillis(1000);

std::vector<Datagram> Garbage() {
  Random random(7);
  std::vector<Datagram> datagrams;
  for (int i = 0; i < 500; ++i) {
    Datagram datagram(random.U16() % 300);
    for (uint8_t& byte : datagram) byte = static_cast<uint8_t>(random.U32());
    // Half of them look like records at first sight.
    if (i % 2 == 0 && datagram.size() > kDtlsRecordHeaderSize) {
      datagram[0] = static_cast<uint8_t>(20 + i % 5);
      StoreBe16(&datagram[1], 0xfefd);
      StoreBe16(&datagram[3], static_cast<uint16_t>(i % 3));
      StoreBe16(&datagram[11], static_cast<uint16_t>(datagram.size() - kDtlsRecordHeaderSize));
    }
    datagrams.push_back(std::move(datagram));
  }
  return datagrams;
}

TEST(DtlsHostile, GarbageBeginsNothing) {
  End server(OurContext());
  for (const Datagram& datagram : Garbage()) server.session.Receive(datagram, kNow);
  EXPECT_EQ(server.session.state(), DtlsState::kNew);
  EXPECT_TRUE(server.sent.empty());
  EXPECT_GE(server.session.drops().Total(), 500u);
}

TEST(DtlsHostile, GarbageDoesNotDisturbAHandshake) {
  Link link;
  link.Connect();
  for (int flight = 0; flight < 4; ++flight) {
    End& from = flight % 2 == 0 ? link.client : link.server;
    End& to = flight % 2 == 0 ? link.server : link.client;
    // No epoch 1 among it: the few records that may wait for their keys are the test below.
    for (const Datagram& datagram : Garbage()) {
      if (datagram.size() > 4 && datagram[4] == 1) continue;
      to.session.Receive(datagram, link.now);
    }
    for (const Datagram& datagram : from.TakeSent()) to.session.Receive(datagram, link.now);
  }
  EXPECT_TRUE(link.connected());
}

TEST(DtlsHostile, GarbageDoesNotDisturbAnAssociation) {
  Link link;
  link.Connect();
  link.Run();
  for (const Datagram& datagram : Garbage()) link.server.session.Receive(datagram, link.now);
  EXPECT_TRUE(link.connected());
  EXPECT_TRUE(link.server.sent.empty());
  ASSERT_TRUE(link.client.session.SendData(std::vector<uint8_t>{1}));
  link.Run();
  EXPECT_EQ(link.server.data.size(), 1u);
}

TEST(DtlsHostile, SizesAreChecked) {
  End server(OurContext());
  server.session.Receive(Datagram(1501, 0x16), kNow);
  EXPECT_EQ(server.drops(DropReason::kTooBig), 1u);
  server.session.Receive({}, kNow);
  server.session.Receive(Datagram{22}, kNow);
  server.session.Receive(RawRecord(kHandshake, 0, {}), kNow);  // an empty record
  Datagram longer = RawRecord(kHandshake, 0, {1, 2, 3});
  longer[12] = 4;  // says more than it has
  server.session.Receive(longer, kNow);
  EXPECT_EQ(server.drops(DropReason::kBadDtls), 4u);
  EXPECT_EQ(server.session.state(), DtlsState::kNew);
}

TEST(DtlsHostile, OnlyAClientHelloBegins) {
  End server(OurContext());
  server.session.Receive(RawRecord(kAlert, 0, {2, 40}), kNow);
  server.session.Receive(RawRecord(kCcs, 0, {1}), kNow);
  server.session.Receive(RawRecord(kData, 0, {1, 2, 3}), kNow);
  server.session.Receive(RawRecord(kHandshake, 1, {1, 2, 3}), kNow);
  server.session.Receive(RawFragment(2, 50, 0, 0, 50), kNow);   // ServerHello
  server.session.Receive(RawFragment(1, 50, 9, 0, 50), kNow);   // not the first message
  server.session.Receive(RawFragment(1, 50, 0, 40, 50), kNow);  // past its end
  EXPECT_EQ(server.session.state(), DtlsState::kNew);
  EXPECT_EQ(server.drops(DropReason::kDtlsUnexpected), 7u);
  EXPECT_TRUE(server.session.NextDeadline().is_never());
}

TEST(DtlsHostile, FragmentsThatLieAreDropped) {
  End server(OurContext());
  server.session.Receive(Fragmented(ClientHello(), 50).at(0), kNow);
  ASSERT_EQ(server.session.state(), DtlsState::kConnecting);
  const std::vector<Datagram> lies = {
      RawFragment(1, 0xffffff, 0, 0, 50),                        // giant
      RawFragment(1, DtlsHandshake::kMaxMessage + 1, 0, 0, 50),  // a byte too much
      RawFragment(1, 100, 0, 0xffffff, 50),                      // far behind its end
      RawFragment(1, 100, 0, 51, 50),                            // a byte behind its end
      RawRecord(kHandshake, 0, std::vector<uint8_t>(11, 1)),     // no whole header
  };
  for (const Datagram& lie : lies) server.session.Receive(lie, kNow);
  EXPECT_EQ(server.drops(DropReason::kBadDtls), lies.size());
  EXPECT_EQ(server.session.state(), DtlsState::kConnecting);
}

TEST(DtlsHostile, OverlappingAndEmptyFragmentsDoNoHarm) {
  End server(OurContext());
  const Datagram hello = ClientHello();
  const std::vector<Datagram> large = Fragmented(hello, 90);
  const std::vector<Datagram> small = Fragmented(hello, 35);
  const auto total =
      static_cast<uint32_t>(hello.size() - kDtlsRecordHeaderSize - kDtlsHandshakeHeaderSize);
  server.session.Receive(large.at(0), kNow);
  for (int i = 0; i < 1000; ++i) {
    server.session.Receive(RawFragment(1, total, 0, 20, 0, 50), kNow);
    server.session.Receive(small.at(1), kNow);
  }
  EXPECT_EQ(server.drops(DropReason::kBadDtls), 1000u);
  for (Datagram datagram : large) {
    datagram[9] = 1;  // a record number that was not there yet
    server.session.Receive(datagram, kNow);
  }
  EXPECT_FALSE(server.sent.empty());
  EXPECT_EQ(server.session.state(), DtlsState::kConnecting);
}

TEST(DtlsHostile, ThousandsOfClientHellosGetOneAnswer) {
  End server(OurContext());
  const Datagram hello = ClientHello();
  for (int i = 0; i < 5000; ++i) server.session.Receive(hello, kNow);
  EXPECT_EQ(server.sent.size(), 1u);
  EXPECT_EQ(server.drops(DropReason::kDuplicate), 4999u);
  // The answer is repeated by the timer alone, and no more than twelve times.
  Timestamp now = kNow;
  while (!server.session.NextDeadline().is_never()) {
    now = server.session.NextDeadline();
    server.session.HandleTimeout(now);
  }
  EXPECT_LE(server.sent.size(), 13u);
  EXPECT_EQ(server.session.failure(), DtlsFailure::kTimeout);
}

TEST(DtlsHostile, PlainAlertsMayBeForged) {
  Link link;
  link.Connect();
  for (int flight = 0; flight < 3; ++flight) {
    End& from = flight % 2 == 0 ? link.client : link.server;
    End& to = flight % 2 == 0 ? link.server : link.client;
    to.session.Receive(RawRecord(kAlert, 0, {1, 0}), link.now);   // close_notify
    to.session.Receive(RawRecord(kAlert, 0, {2, 40}), link.now);  // handshake_failure
    for (const Datagram& datagram : from.TakeSent()) to.session.Receive(datagram, link.now);
  }
  for (const Datagram& datagram : link.server.TakeSent()) {
    link.client.session.Receive(datagram, link.now);
  }
  EXPECT_TRUE(link.connected());
  link.server.session.Receive(RawRecord(kAlert, 0, {1, 0}), link.now);
  EXPECT_TRUE(link.connected());
  EXPECT_EQ(link.server.drops(DropReason::kDtlsAlert), 3u);
}

TEST(DtlsHostile, APlainFatalAlertLeavesTwoSeconds) {
  End server(OurContext());
  server.session.Receive(ClientHello(), kNow);
  server.session.Receive(RawRecord(kAlert, 0, {2, 40}), kNow);
  Timestamp now = kNow;
  while (!server.session.NextDeadline().is_never()) {
    now = server.session.NextDeadline();
    server.session.HandleTimeout(now);
  }
  EXPECT_EQ(now - kNow, DtlsSession::kAlertGrace);
  EXPECT_EQ(server.session.failure(), DtlsFailure::kPeerAlert);
}

TEST(DtlsHostile, RecordsOutOfPlaceAreDropped) {
  Link link;
  link.Connect();
  link.server.session.Receive(link.client.TakeSent().at(0), link.now);
  const std::vector<Datagram> strange = {
      RawRecord(kData, 0, {1, 2, 3}),            // application data in the clear
      RawRecord(kData, 1, {1, 2, 3}),            // before the keys are there
      RawRecord(kHandshake, 2, {1, 2, 3}),       // of an epoch to come
      RawRecord(kHandshake, 0xffff, {1, 2, 3}),  // of one that never comes
      RawFragment(0, 0, 1, 0, 0),                // HelloRequest
      RawFragment(4, 10, 1, 0, 10),              // NewSessionTicket
  };
  for (const Datagram& datagram : strange) link.server.session.Receive(datagram, link.now);
  EXPECT_EQ(link.server.drops(DropReason::kDtlsUnexpected), strange.size());
  // ChangeCipherSpec before there is a key (CVE-2014-0224).
  link.server.session.Receive(RawRecord(kCcs, 0, {1}, 50), link.now);
  link.Run();
  EXPECT_TRUE(link.connected());
  for (const Datagram& datagram : strange) link.server.session.Receive(datagram, link.now);
  link.server.session.Receive(RawRecord(kCcs, 0, {1}, 60), link.now);
  link.server.session.Receive(ClientHello(), link.now);  // another handshake
  EXPECT_TRUE(link.connected());
  EXPECT_TRUE(link.server.sent.empty());
}

TEST(DtlsHostile, FewRecordsWaitForTheirKeys) {
  Link link;
  link.Connect();
  link.server.session.Receive(link.client.TakeSent().at(0), link.now);
  for (uint64_t i = 0; i < 1000; ++i) {
    link.server.session.Receive(RawRecord(kHandshake, 1, std::vector<uint8_t>(48, 3), i), link.now);
  }
  EXPECT_EQ(link.server.drops(DropReason::kDtlsUnexpected), 1000u - DtlsSession::kMaxEarlyRecords);
  // They have taken no place from the right ones.
  link.Run();
  EXPECT_TRUE(link.connected());
}

// A handshake message of an unknown kind, well-formed but wrong, ends the handshake and no more.
TEST(DtlsHostile, AWrongHandshakeFailsAtOnce) {
  End server(OurContext());
  server.session.Receive(RawFragment(1, 60, 0, 0, 60), kNow);
  EXPECT_EQ(server.session.state(), DtlsState::kFailed);
  EXPECT_EQ(server.session.failure(), DtlsFailure::kHandshake);
  EXPECT_TRUE(server.session.NextDeadline().is_never());
  server.session.Receive(ClientHello(), kNow);
  EXPECT_EQ(server.session.state(), DtlsState::kFailed);
}

size_t HeapInUse() { return mallinfo2().uordblks; }

// What one of `count` sessions costs that `make` leaves behind, in bytes.
template <typename MakeFunction>
size_t HeapPerSession(size_t count, const MakeFunction& make) {
  std::vector<std::unique_ptr<End>> ends;
  ends.reserve(count);
  make();  // what is made once, for all
  const size_t before = HeapInUse();
  for (size_t i = 0; i < count; ++i) ends.push_back(make());
  return (HeapInUse() - before) / count;
}

std::unique_ptr<End> ConnectedServer() {
  auto server = std::make_unique<End>(OurContext());
  End client(TheirContext());
  EXPECT_TRUE(client.session.Connect(ParametersOf(*OurContext(), DtlsRole::kServer), kNow).ok());
  EXPECT_TRUE(server->session.Connect(ParametersOf(*TheirContext(), DtlsRole::kClient), kNow).ok());
  client.session.Start(kNow);
  for (int i = 0; i < 2; ++i) {
    for (const Datagram& datagram : client.TakeSent()) server->session.Receive(datagram, kNow);
    for (const Datagram& datagram : server->TakeSent()) client.session.Receive(datagram, kNow);
  }
  EXPECT_EQ(server->session.state(), DtlsState::kConnected);
  return server;
}

// Stuck, and having sent whatever makes OpenSSL keep memory.
std::unique_ptr<End> GreedyServer() {
  auto server = std::make_unique<End>(OurContext());
  server->session.Receive(ClientHello(), kNow);
  for (uint16_t message = 1; message < 100; ++message) {
    server->session.Receive(RawFragment(11, DtlsHandshake::kMaxMessage, message, 5, 1, message),
                            kNow);
    server->session.Receive(RawRecord(kHandshake, 1, std::vector<uint8_t>(48, 3), message), kNow);
  }
  EXPECT_EQ(server->session.state(), DtlsState::kConnecting);
  server->sent = {};
  return server;
}

class DtlsMemory : public ::testing::Test {
 protected:
  void SetUp() override {
    const size_t before = HeapInUse();
    const std::vector<uint8_t> block(10'000);
    if (HeapInUse() < before + block.size()) GTEST_SKIP() << "another allocator is in place";
  }
};

TEST_F(DtlsMemory, AConnectedSessionIsSmall) {
  const size_t bytes = HeapPerSession(200, &ConnectedServer);
  RecordProperty("bytes", static_cast<int>(bytes));
  EXPECT_LT(bytes, 3 * 1024u);
}

TEST_F(DtlsMemory, AStuckHandshakeIsBounded) {
  const size_t bytes = HeapPerSession(50, &GreedyServer);
  RecordProperty("bytes", static_cast<int>(bytes));
  EXPECT_LT(bytes, 320 * 1024u);
}

}  // namespace
}  // namespace sfu::test
