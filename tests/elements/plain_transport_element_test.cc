// plaintransport: its settings and states, and RTP over loopback with a peer in the test's hands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plain_peer.h"

namespace sfu::test {
namespace {

using testing::HasSubstr;

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
TEST(PlainEvents, StickyEventsComeWithoutData) {
  PlainTransport transport;
  transport.AddVp8("src_0");
  Reader reader(transport.get(), "src_0", "application/x-rtp");
  transport.SetState(GST_STATE_READY);
  transport.SetState(GST_STATE_PAUSED);
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_STREAM_START));
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_CAPS));
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_SEGMENT));
}

TEST(PlainEvents, EndOfStreamOnRequest) {
  PlainTransport transport;
  transport.AddVp8("src_0");
  Reader reader(transport.get(), "src_0", "application/x-rtp");
  transport.Play();
  EXPECT_TRUE(gst_element_send_event(transport.get(), gst_event_new_eos()));
  EXPECT_TRUE(reader.WaitFor(GST_EVENT_EOS));
}

TEST(PlainSend, WhatIsFedReachesThePeer) {
  UdpPeer peer;
  FedTransport transport(peer.port());
  const auto sent = transport.feeder().PushFrame(true);
  for (const BuiltPacket& packet : sent) {
    const Bytes seen = peer.ReceiveRtp();
    // Padding may follow: packets of one size make larger sends.
    ASSERT_GE(seen.size(), packet.bytes.size());
    EXPECT_TRUE(std::equal(packet.bytes.begin() + 12, packet.bytes.end(), seen.begin() + 12));
  }
  EXPECT_EQ(Stat(transport.feeder().peer().get(), "packetsSent"), sent.size());
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
  FedTransport transport(port);
  for (int i = 0; i < 30; ++i) transport.feeder().PushFrame(i == 0);
  EXPECT_EQ(transport.feeder().PushFrame().size(), 3U);
  EXPECT_FALSE(transport.PopMessage(GST_MESSAGE_ERROR));
}

// PLI from the peer reaches the encoder.
TEST(PlainSend, PliBecomesAForceKeyUnit) {
  UdpPeer peer;
  FedTransport transport(peer.port());
  transport.feeder().PushFrame(true);
  const Bytes rtp = peer.ReceiveRtp();
  ASSERT_GE(rtp.size(), 12U);
  peer.SendTo(transport.port(), PliFor(rtp));
  EXPECT_TRUE(transport.feeder().WaitForUpstream("GstForceKeyUnit"));
}

// Router and transport on Workers of their own: what the peer lost is sent again all the same.
TEST(PlainSend, NackIsAnsweredAcrossWorkers) {
  UdpPeer peer;
  RouterToPeer pipeline(peer, kVp8Caps, "worker=near", "worker=far");
  const size_t count = pipeline.feeder().PushFrame(true).size();
  std::vector<Bytes> got;
  for (size_t i = 0; i < count; ++i) got.push_back(peer.ReceiveRtp());
  const Bytes& lost = got[1];
  ASSERT_GE(lost.size(), 12U);
  Bytes nack = {0x81, 205, 0, 3, 0, 0, 0, 1};
  nack.insert(nack.end(), lost.begin() + 8, lost.begin() + 12);
  nack.insert(nack.end(), {lost[2], lost[3], 0, 0});
  peer.SendTo(pipeline.port(), nack);
  const Bytes again = peer.ReceiveRtp();
  ASSERT_GE(again.size(), 12U);
  EXPECT_EQ(Bytes(again.begin() + 2, again.begin() + 12),
            Bytes(lost.begin() + 2, lost.begin() + 12));
  EXPECT_EQ(Stat(pipeline.FindPad("t", "sink_0").get(), "retransmittedPacketsSent"), 1U);
}

}  // namespace
}  // namespace sfu::test
