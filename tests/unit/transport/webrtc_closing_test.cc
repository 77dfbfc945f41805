// Row 38: a WebRTC transport can end at any moment, and leaves nothing behind.
#include <gtest/gtest.h>
#include <malloc.h>

#include <array>

#include "webrtc_media.h"

namespace sfu::test {
namespace {

enum class Ending { kClose, kDestroy, kPeerCloses };

// A call of three seconds that ends when the server has got `datagrams`; false if there were not so
// many.
bool EndsAfter(uint64_t datagrams, Ending how) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  VideoStream up(link.client(), link.server(), 11);
  VideoStream down(link.server(), link.client(), 12);
  link.Connect();
  for (int frame = 0; frame < 30 && link.datagrams_to_server < datagrams; ++frame) {
    up.SendFrame(link.now);
    down.SendFrame(link.now);
    link.RunUntil([&] { return link.datagrams_to_server >= datagrams; }, TimeDelta::Millis(33));
  }
  const bool enough = link.datagrams_to_server >= datagrams;
  link.server().Take();
  const bool was_connected = link.connected();
  switch (how) {
    case Ending::kClose:
      link.server().transport->Close();
      break;
    case Ending::kDestroy:
      link.DestroyServer();
      break;
    case Ending::kPeerCloses:
      link.client().transport->Close();
  }
  const uint64_t sent = link.bytes_from_server;
  const size_t arrived = up.arrived();
  link.Run(TimeDelta::Seconds(40));
  if (how != Ending::kPeerCloses) {
    EXPECT_EQ(link.bytes_from_server, sent);
    EXPECT_EQ(up.arrived(), arrived);
    EXPECT_EQ(link.server().Take(), Events{});
    EXPECT_EQ(link.demux().tuple_count(), 0u);
    // Who was connected is told; who was not gives up by itself.
    const DtlsState client = link.client().transport->dtls_state();
    EXPECT_TRUE(client == DtlsState::kClosed || client == DtlsState::kFailed ||
                client == DtlsState::kConnecting)
        << DtlsStateName(client);
    EXPECT_TRUE(!was_connected || client == DtlsState::kClosed);
  } else {
    EXPECT_FALSE(link.server().transport->connected());
  }
  return enough;
}

TEST(WebRtcClosing, AtAnyDatagram) {
  for (const Ending how : {Ending::kClose, Ending::kDestroy, Ending::kPeerCloses}) {
    uint64_t datagrams = 0;
    while (EndsAfter(datagrams, how)) ++datagrams;
    EXPECT_GT(datagrams, 15u);  // a handshake, and some media
  }
}

// Bytes that a handshake that has come to a stop may hold, nearly all of them OpenSSL's.
constexpr size_t kMaxStalled = 96 * 1024;

// Sanitizers have a heap of their own, so this stands still there. They look for what is lost
// themselves, when the program ends.
size_t HeapInUse() { return mallinfo2().uordblks; }

TEST(WebRtcMemory, TenThousandTransportsLeaveNothing) {
  IceDemux demux(SipKey{1, 2});
  WebRtcEnd end;
  const auto cycle = [&](int i) {
    const auto make = [&](IceObserver& observer) -> Result<std::unique_ptr<IceSession>> {
      IceLiteOptions lite;
      lite.credentials = WebRtcLink::Credentials("f" + std::to_string(1000 + i));
      auto session = IceLiteSession::Create(demux, lite, observer);
      if (!session) return session.error();
      return std::unique_ptr<IceSession>(std::move(session).value());
    };
    auto transport = WebRtcTransport::Create({}, end.Environment(1), OurContext(), make, &end);
    ASSERT_TRUE(transport.ok());
    ASSERT_TRUE(transport.value()->AddReceiver({.codec = VideoCodec(), .ssrc = 11}).ok());
    ASSERT_TRUE(transport.value()->AddSender({.codec = VideoCodec(), .ssrc = 12}).ok());
    ASSERT_TRUE(
        transport.value()->Connect(WebRtcLink::ClientParameters(), Timestamp::FromMillis(1)).ok());
    if (i % 2 == 0) transport.value()->Close();
  };
  for (int i = 0; i < 100; ++i) cycle(i);
  end.Take();
  const size_t before = HeapInUse();
  for (int i = 0; i < 10'000; ++i) {
    cycle(i);
    end.Take();
  }
  EXPECT_LE(HeapInUse(), before + 4096);
}

TEST(WebRtcMemory, CallsLeaveNothing) {
  const auto call = [] {
    WebRtcLink link(Path(1, 0), Path(2, 0));
    VideoStream up(link.client(), link.server(), 11);
    VideoStream down(link.server(), link.client(), 12);
    link.Connect();
    ASSERT_TRUE(link.RunUntilConnected());
    SendVideo(link, {&up, &down}, 3);
  };
  for (int i = 0; i < 100; ++i) call();
  const size_t before = HeapInUse();
  constexpr size_t kCalls = 500;
  for (size_t i = 0; i < kCalls; ++i) call();
  // OpenSSL's objects differ by a few bytes; the least that could leak per call is more than this.
  EXPECT_LE(HeapInUse(), before + kCalls * 64);
}

// Row 14: very many that go no further than the first flight.
TEST(WebRtcMemory, StalledHandshakesCostLittleAndEnd) {
  constexpr size_t kCount = 300;
  const Datagram hello = ClientHello();
  const size_t at_first = HeapInUse();
  std::vector<std::unique_ptr<WebRtcLink>> links(kCount);
  for (auto& link : links) {
    link = std::make_unique<WebRtcLink>();
    ASSERT_TRUE(link->ConnectServer().ok());
    link->SendToServer(MakeCheck("abcd", WebRtcLink::Credentials("").password, 1),
                       WebRtcLink::ClientAddress());
    link->Run(TimeDelta::Millis(1));
  }
  const size_t before = HeapInUse();
  for (const auto& link : links) {
    link->SendToServer(hello, WebRtcLink::ClientAddress());
    link->Run(TimeDelta::Millis(1));
    EXPECT_EQ(link->server().transport->Stats().dtls_datagrams_received, 1u);
    EXPECT_GT(link->server().transport->Stats().dtls_datagrams_sent, 0u);
  }
  const size_t stalled = HeapInUse();
  RecordProperty("stalled", static_cast<int>((stalled - before) / kCount));
  EXPECT_LE((stalled - before) / kCount, kMaxStalled);
  for (const auto& link : links) {
    link->Run(TimeDelta::Seconds(31));
    EXPECT_EQ(link->server().transport->dtls_state(), DtlsState::kFailed);
    EXPECT_EQ(link->server().transport->dtls_failure(), DtlsFailure::kTimeout);
  }
  EXPECT_LE(HeapInUse(), before + kCount * 4096);
  links.clear();
  EXPECT_LE(HeapInUse(), at_first + 65536);
}

}  // namespace
}  // namespace sfu::test
