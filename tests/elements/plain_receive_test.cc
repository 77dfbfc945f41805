// plaintransport as a receiver: from a socket in the test's hands, and from a second transport.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "pad_log.h"
#include "plain_peer.h"

namespace sfu::test {
namespace {

using testing::HasSubstr;

// A transport with src_0 for VP8, a reader and a log on it, in PLAYING.
class PlainReceive : public testing::Test {
 protected:
  PlainReceive() : pad_(transport_.AddVp8("src_0")) {}
  void Play() {
    log_ = std::make_unique<PadLog>(pad_.get());
    reader_ = std::make_unique<Reader>(transport_.get(), "src_0", "application/x-rtp");
    transport_.Play();
    WaitForWorker();
  }
  void WaitForWorker() { Stat(pad_.get(), "packetsReceived"); }
  // Sends frames from `peer`; returns how many packets they are.
  size_t SendFrames(UdpPeer& peer, int count, guint port = 0) {
    size_t packets = 0;
    for (int i = 0; i < count; ++i) {
      for (const BuiltPacket& packet : source_.NextFrame(Timestamp())) {
        peer.SendTo(port != 0 ? port : transport_.port(), packet.bytes);
        ++packets;
      }
    }
    return packets;
  }

  PlainTransport transport_;
  PadRef pad_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<PadLog> log_;
  Vp8Source source_;
  UdpPeer peer_;
};

TEST_F(PlainReceive, WhatThePeerSendsComesOut) {
  Play();
  const size_t count = SendFrames(peer_, 20);
  ASSERT_TRUE(log_->WaitForPackets(count));
  EXPECT_EQ(Unbroken(log_->packets()), "");
  EXPECT_EQ(log_->packets()[0].packet.payload_type, 96);
  EXPECT_EQ(Stat(pad_.get(), "packetsReceived"), count);
  EXPECT_EQ(Stat(transport_.get(), "packetsReceived"), count);
}

// Nothing comes out, every one is counted, and the stream goes on as if they had not been.
TEST_F(PlainReceive, GarbageIsCountedAndNothingElse) {
  Play();
  const size_t before = SendFrames(peer_, 1);
  ASSERT_TRUE(log_->WaitForPackets(before));
  std::vector<std::pair<Bytes, const char*>> garbage = {
      {{}, "dropped-too-short"},
      {{0x80}, "dropped-too-short"},
      {Bytes(7, 0x80), "dropped-too-short"},
      {Bytes(100, 0x00), "dropped-not-rtp"},  // STUN
      {Bytes(100, 0x16), "dropped-not-rtp"},  // DTLS
      {Bytes(100, 0xFF), "dropped-not-rtp"},  // nothing of RFC 7983
      {Bytes(1501, 0x80), "dropped-too-big"},
      {Bytes(60'000, 0x80), "dropped-too-big"},
  };
  // RTP that says it has 15 CSRCs and has not, another payload type, an extension past the end.
  Bytes csrcs(20, 0);
  csrcs[0] = 0x8F;
  garbage.emplace_back(csrcs, "dropped-bad-header");
  garbage.emplace_back(BuildRtpPacket({.payload_type = 100, .payload = Bytes(50)}),
                       "dropped-unknown-payload-type");
  Bytes extension(16, 0);
  extension[0] = 0x90;
  extension[1] = 96;
  extension[15] = 200;
  garbage.emplace_back(extension, "dropped-bad-header");
  std::map<std::string, uint64_t> expected;
  for (const auto& [bytes, reason] : garbage) {
    peer_.SendTo(transport_.port(), bytes);
    ++expected[reason];
  }
  const size_t after = SendFrames(peer_, 1);
  ASSERT_TRUE(log_->WaitForPackets(before + after));
  EXPECT_EQ(Unbroken(log_->packets()), "");
  EXPECT_EQ(log_->packets().size(), before + after);
  for (const auto& [reason, count] : expected) {
    EXPECT_EQ(Stat(transport_.get(), reason.c_str()), count) << reason;
  }
  EXPECT_FALSE(
      transport_.PopMessage(static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_WARNING)));
}

// The first valid packet says who the peer is, garbage does not; others are not heard afterwards.
TEST_F(PlainReceive, ComediaTakesTheFirstPeerAndKeepsIt) {
  g_object_set(transport_.get(), "comedia", TRUE, nullptr);
  Feeder feeder(transport_.get(), "sink_0", kOpusCaps);
  Play();
  feeder.Start();
  OpusSource sound;
  UdpPeer other;
  feeder.Push(sound.Next(Timestamp()).bytes);
  WaitForWorker();
  other.SendTo(transport_.port(), Bytes(100, 0xFF));
  const size_t count = SendFrames(peer_, 1);
  ASSERT_TRUE(log_->WaitForPackets(count));
  Vp8Source intruder({.ssrc = 0x5555'5555});
  for (const BuiltPacket& packet : intruder.NextFrame(Timestamp())) {
    other.SendTo(transport_.port(), packet.bytes);
  }
  const size_t more = SendFrames(peer_, 1);
  ASSERT_TRUE(log_->WaitForPackets(count + more));
  EXPECT_EQ(log_->packets().size(), count + more);
  EXPECT_GE(Stat(transport_.get(), "dropped-unknown-source"), 3U);
  const BuiltPacket sent = sound.Next(Timestamp());
  feeder.Push(sent.bytes);
  const Bytes seen = peer_.ReceiveRtp();
  ASSERT_GE(seen.size(), sent.bytes.size());
  EXPECT_TRUE(std::equal(sent.bytes.begin() + 12, sent.bytes.end(), seen.begin() + 12))
      << "what was sent before there was a peer went nowhere";
}

// RTCP has the next port, and is heard and answered there.
TEST_F(PlainReceive, SeparateRtcpIsHeardOnTheNextPort) {
  g_object_set(transport_.get(), "rtcp-mux", FALSE, nullptr);
  transport_.ConnectTo(peer_.port());
  Feeder feeder(transport_.get(), "sink_0", kVp8Caps);
  Play();
  ASSERT_EQ(transport_.rtcp_port(), transport_.port() + 1);
  feeder.Start();
  feeder.PushFrame(true);
  const Bytes rtp = peer_.ReceiveRtp();
  ASSERT_GE(rtp.size(), 12U);
  peer_.SendTo(transport_.rtcp_port(), PliFor(rtp));
  EXPECT_TRUE(feeder.WaitForUpstream("GstForceKeyUnit"));
  EXPECT_EQ(Stat(transport_.get(), "rtcpPacketsReceived"), 1U);
  // RTP does not belong there.
  SendFrames(peer_, 1, transport_.rtcp_port());
  const size_t count = SendFrames(peer_, 1);
  ASSERT_TRUE(log_->WaitForPackets(count));
  EXPECT_EQ(log_->packets().size(), count);
}

// What a caps property may not be, and the word by which the warning names it.
TEST_F(PlainReceive, WrongCapsAreRefusedByName) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"video/x-raw", "caps"},
      {"application/x-rtp,media=film,payload=96", "media"},
      {"application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000", "payload"},
      {"application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=200", "payload"},
      {"application/x-rtp,media=video,encoding-name=VP8,payload=96", "clock-rate"},
  };
  for (const auto& [caps, field] : kWrong) {
    g_object_set(pad_.get(), "caps", MakeCaps(caps).get(), nullptr);
    const MessageRef warning = transport_.PopMessage(GST_MESSAGE_WARNING);
    ASSERT_TRUE(warning) << caps;
    EXPECT_THAT(TextOf(warning), HasSubstr(std::string("src_0: caps: ")));
    EXPECT_THAT(TextOf(warning), HasSubstr(field));
  }
  // The ones that were right stay.
  Play();
  ASSERT_TRUE(log_->WaitForPackets(SendFrames(peer_, 1)));
}

// Caps may change while the stream flows; from then on the other payload type is heard.
TEST_F(PlainReceive, NewCapsTakeEffectInOrder) {
  Play();
  ASSERT_TRUE(log_->WaitForPackets(SendFrames(peer_, 1)));
  g_object_set(pad_.get(), "caps", MakeCaps(kOpusCaps).get(), nullptr);
  WaitForWorker();
  SendFrames(peer_, 1);
  OpusSource sound;
  peer_.SendTo(transport_.port(), sound.Next(Timestamp()).bytes);
  ASSERT_TRUE(log_->WaitForPackets(4)) << log_->Story();
  EXPECT_THAT(log_->Story(), testing::EndsWith(" 96*3 caps:OPUS 111*1"));
}

TEST(PlainPorts, ARangeThatIsFullIsSaid) {
  std::vector<std::unique_ptr<PlainTransport>> transports;
  for (int i = 0; i < 3; ++i) {
    auto transport = std::make_unique<PlainTransport>();
    g_object_set(transport->get(), "address", "127.0.44.1", "min-port", 42'000, "max-port", 42'001,
                 nullptr);
    const bool fits = i < 2;
    EXPECT_EQ(transport->SetState(GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE, !fits);
    if (fits) {
      EXPECT_EQ(transport->port(), 42'000U + static_cast<guint>(i));
    } else {
      const std::string text = TextOf(transport->PopMessage(GST_MESSAGE_ERROR));
      EXPECT_THAT(text, HasSubstr("min-port"));
      EXPECT_THAT(text, HasSubstr("no port of the range is free"));
      // One is given back, and this one takes it.
      transports[0]->SetState(GST_STATE_NULL);
      transport->SetState(GST_STATE_NULL);
      EXPECT_EQ(transport->SetState(GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
      EXPECT_EQ(transport->port(), 42'000U);
    }
    transports.push_back(std::move(transport));
  }
}

// Two transports, each the other's peer, with a stream each way.
struct Loopback {
  const char* name;
  bool rtcp_mux;
  const char* suite;  // null: no SRTP
  const char* key;
  const char* other_key;
};

class PlainLoopback : public testing::TestWithParam<Loopback> {};

// Sets the property `local-srtp-parameters` or `remote-srtp-parameters`.
void SetKey(PlainTransport& transport, const char* property, const char* suite, const char* key) {
  GstStructure* s = gst_structure_new("srtp", "crypto-suite", G_TYPE_STRING, suite, "key-base64",
                                      G_TYPE_STRING, key, nullptr);
  g_object_set(transport.get(), property, s, nullptr);
  gst_structure_free(s);
}

TEST_P(PlainLoopback, StreamsGoBothWays) {
  const Loopback& how = GetParam();
  PlainTransport left;
  PlainTransport right;
  for (PlainTransport* transport : {&left, &right}) {
    g_object_set(transport->get(), "rtcp-mux", how.rtcp_mux, nullptr);
    transport->AddVp8("src_0");
  }
  Feeder to_right(left.get(), "sink_0", kVp8Caps);
  Feeder to_left(right.get(), "sink_0", kVp8Caps);
  Reader at_left(left.get(), "src_0", "application/x-rtp");
  Reader at_right(right.get(), "src_0", "application/x-rtp");
  const PadLog left_log(at_left.peer().get());
  const PadLog right_log(at_right.peer().get());
  if (how.suite != nullptr) {
    SetKey(left, "local-srtp-parameters", how.suite, how.key);
    SetKey(left, "remote-srtp-parameters", how.suite, how.other_key);
    SetKey(right, "local-srtp-parameters", how.suite, how.other_key);
    SetKey(right, "remote-srtp-parameters", how.suite, how.key);
  }
  left.Play();
  right.Play();
  left.ConnectTo(right.port());
  right.ConnectTo(left.port());
  to_right.Start();
  to_left.Start();
  size_t count = 0;
  for (int i = 0; i < 20; ++i) {
    count += to_right.PushFrame(i == 0).size();
    to_left.PushFrame(i == 0);
  }
  ASSERT_TRUE(left_log.WaitForPackets(count)) << left_log.Story();
  ASSERT_TRUE(right_log.WaitForPackets(count)) << right_log.Story();
  EXPECT_EQ(Unbroken(left_log.packets()), "");
  EXPECT_EQ(Unbroken(right_log.packets()), "");
}

constexpr char kKey16[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==";
constexpr char kOtherKey16[] = "GxoZGBcWFRQTEhEQDw4NDAsKCQgHBgUEAwIBAA==";
constexpr char kKey30[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";
constexpr char kOtherKey30[] = "HRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

INSTANTIATE_TEST_SUITE_P(All, PlainLoopback,
                         testing::Values(Loopback{"Mux", true, nullptr, nullptr, nullptr},
                                         Loopback{"SeparateRtcp", false, nullptr, nullptr, nullptr},
                                         Loopback{"Gcm128", true, "AEAD_AES_128_GCM", kKey16,
                                                  kOtherKey16},
                                         Loopback{"Sha1SeparateRtcp", false,
                                                  "AES_CM_128_HMAC_SHA1_80", kKey30, kOtherKey30}),
                         [](const auto& how) { return std::string(how.param.name); });

// What is not protected with the peer's key does not come out, and is counted.
TEST_F(PlainReceive, PacketsInTheClearAreNotTakenForSrtp) {
  g_object_set(transport_.get(), "comedia", TRUE, nullptr);
  SetKey(transport_, "local-srtp-parameters", "AEAD_AES_128_GCM", kKey16);
  SetKey(transport_, "remote-srtp-parameters", "AEAD_AES_128_GCM", kKey16);
  Play();
  const size_t count = SendFrames(peer_, 5);
  // They are in the socket already; each look is a round of the Worker's.
  for (int i = 0; i < 1000 && Stat(pad_.get(), "dropped-srtp-auth") < count; ++i) {
  }
  EXPECT_EQ(Stat(pad_.get(), "dropped-srtp-auth"), count);
  EXPECT_TRUE(log_->packets().empty());
}

TEST(PlainErrors, OneKeyAloneIsRefusedByName) {
  PlainTransport transport;
  transport.ConnectTo(9);
  SetKey(transport, "local-srtp-parameters", "AEAD_AES_128_GCM", kKey16);
  EXPECT_EQ(transport.SetState(GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  EXPECT_THAT(TextOf(transport.PopMessage(GST_MESSAGE_ERROR)), HasSubstr("srtp-parameters"));
}

// A peer that cannot be had while the transport runs is a warning, and the old one stays.
TEST(PlainErrors, AWrongPeerInMidCallIsRefusedByName) {
  UdpPeer peer;
  FedTransport transport(peer.port());
  g_object_set(transport.get(), "remote-address", "::1", nullptr);
  const MessageRef warning = transport.WaitForMessage(GST_MESSAGE_WARNING);
  EXPECT_THAT(TextOf(warning), HasSubstr("remote-address"));
  const size_t count = transport.feeder().PushFrame(true).size();
  for (size_t i = 0; i < count; ++i) EXPECT_FALSE(peer.ReceiveRtp().empty());
}

// EOS is told each time the streams end, for a stream may begin anew.
TEST(PlainSend, AStreamBegunAnewIsSentAndEndsAgain) {
  UdpPeer peer;
  FedTransport transport(peer.port());
  Feeder& feeder = transport.feeder();
  for (int round = 0; round < 3; ++round) {
    const size_t count = feeder.PushFrame(true).size();
    for (size_t i = 0; i < count; ++i) EXPECT_FALSE(peer.ReceiveRtp().empty());
    feeder.PushEvent(gst_event_new_eos());
    ASSERT_TRUE(transport.WaitForMessage(GST_MESSAGE_EOS)) << round;
    feeder.PushEvent(gst_event_new_stream_start("again"));
    feeder.Start();
  }
}

}  // namespace
}  // namespace sfu::test
