// plaintransport: its settings and states, and RTP over loopback with a peer in the test's hands.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

namespace sfu::test {
namespace {

using testing::HasSubstr;

// A UDP socket on loopback.
class UdpPeer {
 public:
  UdpPeer() : fd_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in any = Loopback(0);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    // How long a test waits for what must come.
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~UdpPeer() { close(fd_); }
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;

  guint port() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin_port);
  }
  void SendTo(guint port, const Bytes& bytes) {
    const sockaddr_in to = Loopback(port);
    EXPECT_EQ(sendto(fd_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                     sizeof to),
              static_cast<ssize_t>(bytes.size()));
  }
  // Empty when nothing came.
  Bytes Receive() {
    Bytes bytes(2048);
    const ssize_t size = recv(fd_, bytes.data(), bytes.size(), 0);
    bytes.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return bytes;
  }
  // The next datagram that is RTP, not RTCP.
  Bytes ReceiveRtp() {
    for (;;) {
      Bytes bytes = Receive();
      if (bytes.size() < 12 || (bytes[1] & 0x7F) < 64 || (bytes[1] & 0x7F) > 95) return bytes;
    }
  }

 private:
  static sockaddr_in Loopback(guint port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  const int fd_;
};

// A transport on loopback.
class PlainTransport : public Stage {
 public:
  PlainTransport() : Stage("plaintransport") {
    g_object_set(get(), "address", "127.0.0.1", nullptr);
  }
  void ConnectTo(guint port) {
    g_object_set(get(), "remote-address", "127.0.0.1", "remote-port", port, nullptr);
  }
  guint port() { return Get<guint>(get(), "local-port"); }
  guint rtcp_port() { return Get<guint>(get(), "local-rtcp-port"); }
  // src_N for VP8.
  PadRef AddVp8(const char* name) {
    auto pad = PadRef::Adopt(gst_element_request_pad_simple(get(), name));
    g_object_set(pad.get(), "caps", MakeCaps(kVp8Caps).get(), nullptr);
    return pad;
  }
};

TEST(PlainStates, LiveAndWithoutPreroll) {
  PlainTransport transport;
  EXPECT_EQ(transport.port(), 0U);
  EXPECT_EQ(transport.SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  EXPECT_EQ(transport.SetState(GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
  EXPECT_NE(transport.port(), 0U);
  EXPECT_EQ(transport.SetState(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
  EXPECT_EQ(transport.SetState(GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
  EXPECT_EQ(transport.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  EXPECT_EQ(transport.port(), 0U);
}

TEST(PlainStates, CyclesGiveThePortBack) {
  PlainTransport transport;
  transport.Play();
  const guint port = transport.port();
  transport.SetState(GST_STATE_NULL);
  g_object_set(transport.get(), "port", port, nullptr);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(transport.SetState(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS) << "round " << i;
    ASSERT_EQ(transport.port(), port);
    ASSERT_EQ(transport.SetState(i % 2 == 0 ? GST_STATE_READY : GST_STATE_NULL),
              GST_STATE_CHANGE_SUCCESS);
  }
}

TEST(PlainStates, SeparateRtcpListensOnTheNextPort) {
  PlainTransport transport;
  g_object_set(transport.get(), "rtcp-mux", FALSE, nullptr);
  transport.Play();
  EXPECT_EQ(transport.rtcp_port(), transport.port() + 1);
}

TEST(PlainStates, FlagsFollowThePads) {
  PlainTransport transport;
  EXPECT_TRUE(GST_OBJECT_FLAG_IS_SET(transport.get(), GST_ELEMENT_FLAG_SOURCE));
  EXPECT_FALSE(GST_OBJECT_FLAG_IS_SET(transport.get(), GST_ELEMENT_FLAG_SINK));
  const auto pad = PadRef::Adopt(gst_element_request_pad_simple(transport.get(), "sink_0"));
  EXPECT_TRUE(GST_OBJECT_FLAG_IS_SET(transport.get(), GST_ELEMENT_FLAG_SINK));
  gst_element_release_request_pad(transport.get(), pad.get());
  EXPECT_FALSE(GST_OBJECT_FLAG_IS_SET(transport.get(), GST_ELEMENT_FLAG_SINK));
}

// What is wrong, and the words by which the error must name it.
struct Wrong {
  const char* property;
  const char* value;
  const char* says;
};

class PlainErrors : public testing::TestWithParam<Wrong> {};

TEST_P(PlainErrors, NameTheProperty) {
  PlainTransport transport;
  gst_util_set_object_arg(G_OBJECT(transport.get()), GetParam().property, GetParam().value);
  EXPECT_EQ(transport.SetState(GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  EXPECT_THAT(TextOf(transport.PopMessage(GST_MESSAGE_ERROR)), HasSubstr(GetParam().says));
  // And it can be put right.
  EXPECT_EQ(transport.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
}

INSTANTIATE_TEST_SUITE_P(All, PlainErrors,
                         testing::Values(Wrong{"address", "nowhere", "address"},
                                         Wrong{"address", "203.0.113.77", "203.0.113.77"},
                                         Wrong{"remote-address", "127.0.0.1", "remote-port"},
                                         Wrong{"multicast-group", "everybody", "multicast-group"},
                                         Wrong{"max-port", "5000", "min-port"},
                                         Wrong{"local-srtp-parameters",
                                               "srtp,crypto-suite=ROT13,key-base64=AAAA",
                                               "local-srtp-parameters"},
                                         Wrong{"remote-srtp-parameters",
                                               "srtp,crypto-suite=AEAD_AES_128_GCM,key-base64=AAAA",
                                               "remote-srtp-parameters"}));

TEST(PlainErrors, PortInUseIsSaid) {
  const UdpPeer holder;
  PlainTransport transport;
  g_object_set(transport.get(), "port", holder.port(), nullptr);
  EXPECT_EQ(transport.SetState(GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  const std::string text = TextOf(transport.PopMessage(GST_MESSAGE_ERROR));
  EXPECT_THAT(text, HasSubstr("port"));
  EXPECT_THAT(text, HasSubstr(std::to_string(holder.port())));
}

TEST(PlainErrors, WorkerStaysOnceThereArePads) {
  PlainTransport transport;
  transport.AddVp8("src_0");
  g_object_set(transport.get(), "worker", "other", nullptr);
  EXPECT_EQ(GetString(transport.get(), "worker"), "default");
  EXPECT_THAT(TextOf(transport.PopMessage(GST_MESSAGE_WARNING)), HasSubstr("worker"));
}

// Caps set beforehand go out when the element is started, not with the first packet.
TEST(PlainReceive, StickyEventsComeWithoutData) {
  PlainTransport transport;
  transport.AddVp8("src_0");
  Reader reader(transport.get(), "src_0", "application/x-rtp");
  transport.SetState(GST_STATE_READY);
  transport.SetState(GST_STATE_PAUSED);
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_STREAM_START));
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_CAPS));
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_SEGMENT));
}

TEST(PlainReceive, EndOfStreamOnRequest) {
  PlainTransport transport;
  transport.AddVp8("src_0");
  Reader reader(transport.get(), "src_0", "application/x-rtp");
  transport.Play();
  EXPECT_TRUE(gst_element_send_event(transport.get(), gst_event_new_eos()));
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_EOS));
}

TEST(PlainSend, WhatIsFedReachesThePeer) {
  UdpPeer peer;
  PlainTransport transport;
  transport.ConnectTo(peer.port());
  Feeder feeder(transport.get(), "sink_0", kVp8Caps);
  transport.Play();
  feeder.Start();
  const auto sent = feeder.PushFrame(true);
  for (const BuiltPacket& packet : sent) {
    const Bytes seen = peer.ReceiveRtp();
    // Padding may follow: packets of one size make larger sends.
    ASSERT_GE(seen.size(), packet.bytes.size());
    EXPECT_TRUE(std::equal(packet.bytes.begin() + 12, packet.bytes.end(), seen.begin() + 12));
  }
  EXPECT_EQ(Stat(feeder.peer().get(), "packetsSent"), sent.size());
}

TEST(PlainSend, EndOfAllStreamsIsPosted) {
  PlainTransport transport;
  UdpPeer peer;
  transport.ConnectTo(peer.port());
  Feeder video(transport.get(), "sink_0", kVp8Caps);
  Feeder sound(transport.get(), "sink_1", kOpusCaps);
  transport.Play();
  video.Start();
  sound.Start();
  video.PushEvent(gst_event_new_eos());
  Stat(video.peer().get(), "packetsSent");
  EXPECT_FALSE(transport.PopMessage(GST_MESSAGE_EOS)) << "one is not all";
  sound.PushEvent(gst_event_new_eos());
  EXPECT_TRUE(transport.WaitForMessage(GST_MESSAGE_EOS));
}

TEST(PlainSend, NobodyListensAndNothingBreaks) {
  guint port = 0;
  {
    const UdpPeer gone;
    port = gone.port();
  }
  PlainTransport transport;
  transport.ConnectTo(port);
  Feeder feeder(transport.get(), "sink_0", kVp8Caps);
  transport.Play();
  feeder.Start();
  for (int i = 0; i < 30; ++i) feeder.PushFrame(i == 0);
  EXPECT_EQ(feeder.PushFrame().size(), 3U);
  EXPECT_FALSE(transport.PopMessage(GST_MESSAGE_ERROR));
}

// PLI from the peer reaches the encoder.
TEST(PlainSend, PliBecomesAForceKeyUnit) {
  UdpPeer peer;
  PlainTransport transport;
  transport.ConnectTo(peer.port());
  Feeder feeder(transport.get(), "sink_0", kVp8Caps);
  transport.Play();
  feeder.Start();
  feeder.PushFrame(true);
  const Bytes rtp = peer.ReceiveRtp();
  ASSERT_GE(rtp.size(), 12U);
  // RFC 4585, section 6.3.1; behind an empty receiver report.
  Bytes rtcp = {0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 206, 0, 2, 1, 2, 3, 4};
  rtcp.insert(rtcp.end(), rtp.begin() + 8, rtp.begin() + 12);
  peer.SendTo(transport.port(), rtcp);
  EXPECT_TRUE(feeder.WaitForUpstream("GstForceKeyUnit"));
}

}  // namespace
}  // namespace sfu::test
