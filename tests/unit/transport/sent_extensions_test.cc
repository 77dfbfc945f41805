// What a transport's packets say in header extensions, and what the peer's feedback about their
// transport-wide numbers comes to.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "rtp/rtcp/remb.h"
#include "stream/local_ingress.h"
#include "tests/unit/transport/transport_fixture.h"

namespace sfu::test {
namespace {

void SetId(RtpCodec* codec, ExtensionType type, uint8_t id) {
  codec->extensions[static_cast<size_t>(type)] = id;
}

// What the peer negotiated.
RtpCodec PeersCodec(uint8_t payload_type = 96) {
  RtpCodec codec = VideoCodec(payload_type);
  codec.rtx_payload_type = payload_type + 1;
  SetId(&codec, ExtensionType::kMid, 1);
  SetId(&codec, ExtensionType::kAbsSendTime, 4);
  SetId(&codec, ExtensionType::kTransportSequence, 5);
  SetId(&codec, ExtensionType::kVideoOrientation, 8);
  return codec;
}

// A datagram with its extensions found.
RtpPacketRef Parsed(RtpPacketPool& pool, ByteView bytes, const RtpCodec& codec) {
  RtpPacketRef packet = PoolPacket(pool, bytes, 0, Timestamp());
  EXPECT_TRUE(packet);
  if (packet) packet->FindExtensions(codec.extensions);
  return packet;
}

class SentExtensions : public TransportFixture {
 protected:
  SentExtensions() : ingress_(&pool_, SourcesCodec()) {
    EXPECT_TRUE(transport_->Connect({.rtp = Ip(1, 4000)}));
  }
  // The ids of whoever feeds us are other ones.
  static RtpCodec SourcesCodec() {
    RtpCodec codec = VideoCodec();
    SetId(&codec, ExtensionType::kVideoOrientation, 3);
    SetId(&codec, ExtensionType::kAbsSendTime, 2);
    return codec;
  }
  RtpSender* AddSender(const RtpCodec& codec, Ssrc ssrc) {
    RtpSender* sender = transport_
                            ->AddSender({.codec = codec,
                                         .ssrc = ssrc,
                                         .rtx_ssrc = ssrc + 100,
                                         .extensions = ExtensionBlock::kNegotiated,
                                         .mid = "m" + std::to_string(ssrc)})
                            .value();
    ingress_.SetSink(sender);
    return sender;
  }
  void Send(uint16_t sequence, const Bytes& extension = {}, size_t payload_size = 50) {
    const Bytes payload(payload_size, 0x10);
    ASSERT_TRUE(ingress_.Push(BuildRtpPacket({.ssrc = 9,
                                              .sequence_number = sequence,
                                              .timestamp = 3000U * sequence,
                                              .extension = extension,
                                              .payload = payload}),
                              now_, now_));
    ingress_.Flush(now_);
  }
  // The RTP packets that were sent since the last call.
  std::vector<RtpPacketRef> TakeRtp() {
    std::vector<RtpPacketRef> packets;
    for (const auto& datagram : std::exchange(socket_.sent, {})) {
      if (ClassifyDatagram(datagram.bytes) != DatagramKind::kRtp) continue;
      packets.push_back(Parsed(pool_, datagram.bytes, codec_));
    }
    return packets;
  }
  static std::optional<uint16_t> NumberOf(const RtpPacketRef& packet) {
    const auto bytes = packet->extension(ExtensionType::kTransportSequence);
    if (!bytes) return std::nullopt;
    return TransportSequence::Parse(*bytes)->value;
  }
  // Feedback about `count` packets from `base`, of which those in `arrived` did.
  static Bytes Feedback(int64_t base, const std::vector<int64_t>& arrived) {
    rtcp::TransportFeedbackBuilder builder;
    builder.Start(1, 7, 0, base);
    for (const int64_t sequence : arrived) {
      EXPECT_TRUE(builder.Add(sequence, Timestamp::FromMillis(90'000 + sequence)));
    }
    Bytes bytes(1400);
    ByteWriter writer(bytes);
    EXPECT_TRUE(builder.Write(writer));
    bytes.resize(writer.size());
    return bytes;
  }
  SentPacketLogStats Numbered() const { return transport_->session().Stats().numbered; }

  const RtpCodec codec_ = PeersCodec();
  LocalIngress ingress_;
};

TEST_F(SentExtensions, AreThePeersOwn) {
  AddSender(codec_, 7);
  // The source's send time is of another hop; its orientation is news.
  Send(1, {0x22, 1, 2, 3, 0x30, 0x0B});
  Send(2);
  const auto sent = TakeRtp();
  ASSERT_EQ(sent.size(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(NumberOf(sent[i]), i);
    EXPECT_EQ(ParseMid(*sent[i]->extension(ExtensionType::kMid)), "m7");
    EXPECT_EQ(AbsSendTime::Parse(*sent[i]->extension(ExtensionType::kAbsSendTime))->value,
              AbsSendTime::FromTimestamp(now_).value);
  }
  EXPECT_EQ((*sent[0]->extension(ExtensionType::kVideoOrientation))[0], 0x0B);
  EXPECT_FALSE(sent[1]->extension(ExtensionType::kVideoOrientation));
}

TEST_F(SentExtensions, OneCountOverAllSendersAndRepairs) {
  AddSender(codec_, 7);
  Send(1);
  now_ += TimeDelta::Millis(100);
  Receive(Nack(7, {1}), Ip(1, 4000));
  RtpCodec second = PeersCodec(98);
  AddSender(second, 8);
  Send(2);
  now_ += TimeDelta::Millis(100);
  Receive(Nack(8, {2}), Ip(1, 4000));
  const auto sent = TakeRtp();
  ASSERT_EQ(sent.size(), 4U);
  const Ssrc ssrcs[] = {7, 107, 8, 108};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(sent[i]->header.ssrc, ssrcs[i]);
    EXPECT_EQ(NumberOf(sent[i]), i);
    // An RTX packet has the same extensions (RFC 4588), with values of its own.
    EXPECT_EQ(ParseMid(*sent[i]->extension(ExtensionType::kMid)), i < 2 ? "m7" : "m8");
  }
  EXPECT_NE(AbsSendTime::Parse(*sent[0]->extension(ExtensionType::kAbsSendTime))->value,
            AbsSendTime::Parse(*sent[1]->extension(ExtensionType::kAbsSendTime))->value);
  EXPECT_EQ(Numbered().packets_sent, 4U);
}

TEST_F(SentExtensions, APacketThatIsNotSentTakesNoNumber) {
  AddSender(codec_, 7);
  Send(1, {}, 1480);  // with our block it is too big
  Send(2);
  const auto sent = TakeRtp();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(NumberOf(sent[0]), 0);
  EXPECT_EQ(transport_->session().senders()[0]->Stats(now_).drops[DropReason::kTooBig], 1U);
}

TEST_F(SentExtensions, ThePeersFeedbackIsCounted) {
  AddSender(codec_, 7);
  for (uint16_t s = 0; s < 20; ++s) Send(s);
  now_ += TimeDelta::Millis(50);
  Receive(Feedback(0, {0, 1, 2, 4, 5, 9}), Ip(1, 4000));
  const SentPacketLogStats stats = Numbered();
  EXPECT_EQ(stats.packets_sent, 20U);
  EXPECT_EQ(stats.feedbacks, 1U);
  EXPECT_EQ(stats.packets_acked, 6U);
  EXPECT_EQ(stats.packets_lost, 4U);
  EXPECT_EQ(stats.bytes_acked, 6U * (12 + 16 + 50));
  EXPECT_DOUBLE_EQ(*stats.fraction_lost, 0.4);
}

// Each one is ignored, and each valid one among them counts.
TEST_F(SentExtensions, HostileFeedbackChangesNothing) {
  AddSender(codec_, 7);
  for (uint16_t s = 0; s < 20; ++s) Send(s);
  const auto body = [](uint16_t base, uint16_t count, uint32_t time, const Bytes& rest) {
    Bytes bytes(20 + (rest.size() + 3) / 4 * 4);
    ByteWriter writer(bytes);
    rtcp::WriteHeader(writer, rtcp::PacketType::kRtpFeedback, rtcp::kFormatTransportFeedback,
                      bytes.size() - 4);
    writer.U32(1);
    writer.U32(7);
    writer.U16(base);
    writer.U16(count);
    writer.U24(time);
    writer.U8(0);
    std::copy(rest.begin(), rest.end(), bytes.begin() + 20);
    return bytes;
  };
  const Bytes hostile[] = {
      body(0, 0, 0, {}),                      // about nothing
      body(0, 100, 0, {0x20, 20, 1, 1}),      // fewer chunks than statuses
      body(0, 2, 0, {0x60, 2, 1, 1}),         // the reserved status
      body(0, 20, 0, {0x20, 20}),             // statuses without deltas
      body(0, 3, 0, {0xEA, 0x00, 0x80, 0}),   // deltas that overrun
      body(5000, 20, 0xFF'FFFF, {0x00, 20}),  // the future
      body(20, 0xFFFF, 0,
           {0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF, 0x1F, 0xFF,
            0x1F, 0xFF, 0x00, 0x07}),
  };
  for (int i = 0; i < 1000; ++i) {
    Receive(hostile[static_cast<size_t>(i) % std::size(hostile)], Ip(1, 4000));
    now_ += TimeDelta::Millis(1);
  }
  EXPECT_EQ(Numbered().packets_acked, 0U);
  EXPECT_EQ(Numbered().packets_lost, 0U);
  Receive(Feedback(0, {0, 19}), Ip(1, 4000));
  EXPECT_EQ(Numbered().packets_acked, 2U);
  EXPECT_EQ(Numbered().packets_lost, 18U);
}

TEST_F(SentExtensions, NumbersThatWereNeverSentAreNotRepaired) {
  RtpSender* sender = AddSender(codec_, 7);
  for (uint16_t s = 0; s < 20; ++s) Send(s);
  TakeRtp();
  std::vector<uint16_t> all;
  for (int s = 0; s < 0x10000; s += 16) all.push_back(static_cast<uint16_t>(s));
  // A thousand times a second; no more goes out than may, and each repair is numbered.
  size_t repairs = 0;
  for (int i = 0; i < 1000; ++i) {
    Receive(Nack(7, {all.begin() + i % 8 * 64, all.begin() + i % 8 * 64 + 64}), Ip(1, 4000));
    for (const RtpPacketRef& packet : TakeRtp()) {
      EXPECT_EQ(packet->header.ssrc, 107U);
      EXPECT_EQ(NumberOf(packet), 20 + repairs++);
    }
    now_ += TimeDelta::Millis(1);
  }
  EXPECT_GT(repairs, 0U);
  EXPECT_LE(repairs * (12 + 16 + 50 + 2), 2 * 12'000U);
  EXPECT_GT(sender->Stats(now_).stream.repairs_not_found, 60'000U);
}

TEST_F(SentExtensions, WhatThePeerSaysItCanReceiveIsShown) {
  AddSender(codec_, 7);
  EXPECT_FALSE(transport_->session().Stats().remb);
  rtcp::Remb remb;
  remb.bitrate = DataRate::KilobitsPerSecond(512);
  Receive(Rtcp(remb), Ip(1, 4000));
  EXPECT_EQ(transport_->session().Stats().remb, DataRate::KilobitsPerSecond(512));
  // 2^81, cut to what is believed; then nothing at all.
  Bytes huge = Rtcp(remb);
  huge[17] = huge[18] = huge[19] = 0xFF;
  Receive(huge, Ip(1, 4000));
  EXPECT_EQ(transport_->session().Stats().remb, rtcp::Remb::kMaxBitrate);
  remb.bitrate = DataRate();
  Receive(Rtcp(remb), Ip(1, 4000));
  EXPECT_EQ(transport_->session().Stats().remb, DataRate());
  EXPECT_EQ(transport_->session().Stats().available_outgoing_bitrate,
            DataRate::KilobitsPerSecond(600));
  EXPECT_TRUE(transport_->outgoing_bitrate().SetMax(DataRate::KilobitsPerSecond(300)));
  EXPECT_EQ(transport_->session().Stats().available_outgoing_bitrate,
            DataRate::KilobitsPerSecond(300));
  EXPECT_EQ(transport_->session().Stats().max_outgoing_bitrate, DataRate::KilobitsPerSecond(300));
  EXPECT_EQ(transport_->session().Stats().min_outgoing_bitrate, DataRate());
}

TEST_F(SentExtensions, IdsOfTheTwoByteFormAndOfNone) {
  RtpCodec codec = VideoCodec();
  SetId(&codec, ExtensionType::kTransportSequence, 15);
  SetId(&codec, ExtensionType::kMid, 255);
  codec.rtx_payload_type = 97;
  AddSender(codec, 7);
  Send(1, {0x30, 0x0B});
  const auto& sent = socket_.sent.back().bytes;
  const RtpPacketRef packet = Parsed(pool_, sent, codec);
  EXPECT_EQ(packet->header.extension_profile, kTwoByteExtensionProfile);
  EXPECT_EQ(NumberOf(packet), 0);
  EXPECT_EQ(ParseMid(*packet->extension(ExtensionType::kMid)), "m7");
  // With none negotiated there is no block, whatever the packet came with.
  AddSender(VideoCodec(98), 8);
  Send(2, {0x30, 0x0B});
  EXPECT_EQ(socket_.sent.back().bytes.size(), 12U + 50);
}

TEST_F(SentExtensions, NamesHaveABound) {
  const auto field = [&](const RtpSenderOptions& options) {
    const auto added = transport_->AddSender(options);
    return added ? std::string() : added.error().field;
  };
  const std::string longest(ExtensionLayout::kMaxText, 'm');
  EXPECT_EQ(field({.codec = codec_, .mid = longest + "m"}), "mid");
  EXPECT_EQ(field({.codec = codec_, .rid = longest + "m"}), "rid");
  EXPECT_EQ(field({.codec = codec_, .mid = longest, .rid = longest}), "");
}

}  // namespace
}  // namespace sfu::test
