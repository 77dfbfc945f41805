// What strangers and dishonest peers may try on a WebRTC transport.
#include <gtest/gtest.h>

#include "tests/support/bare_dtls.h"
#include "webrtc_media.h"

namespace sfu::test {
namespace {

// A peer of bare OpenSSL that has passed ICE, and says what it likes.
class BareBrowser {
 public:
  BareBrowser(WebRtcLink& link, const BareDtlsOptions& options)
      : link_(link), context_(NewBareDtlsContext(options)), dtls_(context_.get(), options.server) {
    link_.on_stray = [this](ByteView datagram, const SocketAddress&) {
      if (ClassifyDatagram(datagram) == DatagramKind::kDtls) {
        dtls_.Give(datagram);
        dtls_.Handshake();
        Flush();
      }
    };
  }
  static SocketAddress Address() { return WebRtcLink::ClientAddress(2000); }
  void Check() {
    link_.SendToServer(
        MakeCheck("abcd", WebRtcLink::Credentials("").password, 1, {.use_candidate = true}),
        Address());
  }
  void Begin() {
    Check();
    dtls_.Handshake();
    Flush();
    link_.Run(TimeDelta::Seconds(1));
  }
  void Flush() {
    for (const Datagram& datagram : dtls_.Take()) link_.SendToServer(datagram, Address());
  }
  BareDtls& dtls() { return dtls_; }

 private:
  WebRtcLink& link_;
  const SslContextHandle context_;
  BareDtls dtls_;
};

BareDtlsOptions Showing(const DtlsContext& context) {
  return {.certificate = &context.certificate()};
}

// Row 12.
TEST(WebRtcHostile, APeerThatOffersNothingSafeGetsNoMedia) {
  std::vector<BareDtlsOptions> offers(4, Showing(*TheirContext()));
  offers[0].srtp_profiles = "";
  offers[1].ciphers = "ECDHE-ECDSA-NULL-SHA@SECLEVEL=0";
  offers[2].ciphers = "DEFAULT@SECLEVEL=0";
  offers[2].version = DTLS1_VERSION;
  offers[3].certificate = nullptr;
  for (size_t i = 0; i < offers.size(); ++i) {
    WebRtcLink link;
    VideoStream down(link.server(), link.client(), 12);
    ASSERT_TRUE(link.ConnectServer().ok());
    BareBrowser browser(link, offers[i]);
    browser.Begin();
    SendVideo(link, {&down}, 10);
    EXPECT_EQ(link.server().transport->dtls_state(), DtlsState::kFailed) << i;
    EXPECT_FALSE(link.server().transport->connected()) << i;
    EXPECT_EQ(link.server().transport->Stats().rtp.packets_sent, 0u) << i;
  }
  // The one that is as it should be.
  WebRtcLink link;
  ASSERT_TRUE(link.ConnectServer().ok());
  BareBrowser browser(link, Showing(*TheirContext()));
  browser.Begin();
  EXPECT_TRUE(link.server().transport->connected());
}

TEST(WebRtcHostile, DataWithoutDataChannelsIsDroppedAndCounted) {
  WebRtcLink link;
  ASSERT_TRUE(link.ConnectServer().ok());
  BareBrowser browser(link, Showing(*TheirContext()));
  browser.Begin();
  ASSERT_TRUE(link.server().transport->connected());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(browser.dtls().Write(std::vector<uint8_t>(100, 1)));
    browser.Flush();
  }
  link.Run(TimeDelta::Seconds(1));
  EXPECT_EQ(link.server().transport->Stats().data_messages_dropped, 100u);
  EXPECT_TRUE(link.server().transport->connected());
}

// Rows 9 and 46: whatever strangers send, none of it reaches DTLS, and no more comes back than
// came.
TEST(WebRtcHostile, StrangersGetNoMoreThanTheySend) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  const SocketAddress stranger = WebRtcLink::ClientAddress(7000);
  const Datagram hello = ClientHello();
  for (int i = 0; i < 200; ++i) {
    link.SendToServer(hello, stranger);
    link.SendToServer(MakeCheck("abcd", "PasswordOf24Characters??", 9, {}), stranger);
    link.SendToServer(MakeCheck("none", "PasswordOf24Characters00", 9, {}), stranger);
    link.SendToServer(StunBuilder(5).bytes(), stranger);
    link.SendToServer(Datagram(1200, 0x80), stranger);
    link.Run(TimeDelta::Millis(10));
    EXPECT_LE(link.bytes_from_server, link.bytes_to_server);
  }
  link.Run(TimeDelta::Seconds(40));
  EXPECT_LE(link.bytes_from_server, link.bytes_to_server);
  const WebRtcTransportStats stats = link.server().transport->Stats();
  EXPECT_EQ(stats.dtls_datagrams_received, 0u);
  EXPECT_EQ(stats.dtls_datagrams_sent, 0u);
  EXPECT_EQ(link.server().transport->dtls_state(), DtlsState::kNew);
  // The peer comes nevertheless.
  link.Connect();
  EXPECT_TRUE(link.RunUntilConnected());
}

// Row 15.
TEST(WebRtcHostile, ForgedAndRepeatedMediaChangesNothing) {
  WebRtcLink link(Path(1, 0), Path(2, 0));
  VideoStream up(link.client(), link.server(), 11);
  link.Connect();
  ASSERT_TRUE(link.RunUntilConnected());
  std::vector<Datagram> seen;
  size_t reports = 0;
  bool forging = false;
  const auto send = [&](const Datagram& datagram) {
    forging = true;
    link.SendToServer(datagram, WebRtcLink::ClientAddress());
    forging = false;
  };
  // Forgeries overtake what they are made of.
  link.on_to_server = [&](ByteView datagram, const SocketAddress&) {
    const DatagramKind kind = ClassifyDatagram(datagram);
    if (forging || (kind != DatagramKind::kRtp && kind != DatagramKind::kRtcp)) return;
    seen.emplace_back(datagram.begin(), datagram.end());
    reports += kind == DatagramKind::kRtcp ? 1 : 0;
    Datagram forged = seen.back();
    forged.back() ^= 1;  // of RTP the tag, of RTCP the index
    send(forged);
    forged = seen.back();
    forged[9] ^= 1;  // encrypted, or of the SSRC
    send(forged);
    send(Datagram(datagram.begin(), datagram.end() - 4));
    forged = seen.back();
    forged[2] ^= 0x80;  // 32,768 numbers ahead, or another length
    send(forged);
  };
  SendVideo(link, {&up}, 50);
  link.Run(TimeDelta::Seconds(1));
  link.on_to_server = nullptr;
  ASSERT_GT(reports, 0u);
  EXPECT_EQ(up.arrived(), 150u);
  const auto drops = [&](DropReason reason) {
    const auto& receivers = link.server().transport->session().receivers();
    return link.server().transport->Stats().rtp.drops[reason] +
           receivers[0]->Stats(link.now).drops[reason];
  };
  // One in four RTP forgeries is of another SSRC.
  const uint64_t forged = 4 * seen.size();
  EXPECT_EQ(drops(DropReason::kSrtpAuth) + drops(DropReason::kSrtpReplay) +
                drops(DropReason::kUnknownSsrc) + drops(DropReason::kUnknownPayloadType),
            forged);
  EXPECT_GE(drops(DropReason::kSrtpAuth), 3 * (seen.size() - reports));
  // As it was, but once more.
  const uint64_t replays = drops(DropReason::kSrtpReplay);
  for (const Datagram& datagram : seen) send(datagram);
  link.Run(TimeDelta::Seconds(1));
  EXPECT_EQ(drops(DropReason::kSrtpReplay), replays + seen.size());
  EXPECT_EQ(up.arrived(), 150u);
  SendVideo(link, {&up}, 50);
  link.Run(TimeDelta::Millis(100));
  EXPECT_EQ(up.arrived(), 300u);
}

// Row 11: who knows ICE's password, but not the key of the announced certificate.
TEST(WebRtcHostile, AnotherCertificateThanTheAnnouncedOneFails) {
  WebRtcLink link;
  VideoStream down(link.server(), link.client(), 12);
  ASSERT_TRUE(link.ConnectServer().ok());
  BareBrowser browser(link, Showing(*OurContext()));
  browser.Begin();
  EXPECT_EQ(link.server().transport->dtls_failure(), DtlsFailure::kFingerprintMismatch);
  SendVideo(link, {&down}, 10);
  EXPECT_EQ(link.server().transport->Stats().rtp.packets_sent, 0u);
  EXPECT_TRUE(link.server().transport->dtls_remote_certificate().empty());
}

}  // namespace
}  // namespace sfu::test
