// A plain transport with SRTP: two of them joined, for each suite; and that no SRTP index ever
// protects two different packets.
#include <map>
#include <tuple>

#include "stream/local_ingress.h"
#include "tests/unit/transport/transport_fixture.h"
#include "tests/unit/transport/virtual_network.h"

namespace sfu::test {
namespace {

SrtpKey KeyOf(SrtpSuite suite, uint8_t variant) {
  Bytes keying(GetSrtpSuiteInfo(suite).keying_size());
  for (size_t i = 0; i < keying.size(); ++i) keying[i] = static_cast<uint8_t>(i * 7 + variant);
  return MakeSrtpKey(suite, keying).value();
}

RtpCodec Codec(bool rtx) {
  RtpCodec codec = VideoCodec();
  if (rtx) codec.rtx_payload_type = 97;
  return codec;
}

// Fails when a sequence number of an SSRC, or an SRTCP index, comes again with other bytes. Valid
// as long as no sequence number wraps.
class NonceWatch {
 public:
  explicit NonceWatch(const SrtpSuiteInfo& suite) : suite_(suite) {}
  void Check(const std::vector<CapturingSocket::Datagram>& datagrams) {
    for (const auto& [to, from, bytes] : datagrams) {
      const bool rtp = ClassifyDatagram(bytes) == DatagramKind::kRtp;
      const uint32_t ssrc = LoadBe32(&bytes[rtp ? 8 : 4]);
      const size_t word = bytes.size() - 4 - (suite_.aead ? 0 : suite_.rtcp_tag_size);
      const uint32_t index = rtp ? LoadBe16(&bytes[2]) : LoadBe32(&bytes[word]);
      const auto [it, is_new] = seen_.try_emplace({rtp, ssrc, index}, bytes);
      EXPECT_EQ(it->second, bytes) << (rtp ? "RTP " : "RTCP ") << ssrc << " " << index;
      repeats_ += is_new ? 0 : 1;
    }
  }
  size_t count() const { return seen_.size(); }
  size_t repeats() const { return repeats_; }

 private:
  const SrtpSuiteInfo& suite_;
  std::map<std::tuple<bool, uint32_t, uint32_t>, Bytes> seen_;
  size_t repeats_ = 0;
};

class SrtpPair : public testing::TestWithParam<std::tuple<SrtpSuite, bool>> {};

INSTANTIATE_TEST_SUITE_P(Suites, SrtpPair,
                         testing::Combine(testing::ValuesIn(kAllSrtpSuites), testing::Bool()));

TEST_P(SrtpPair, CarriesAStreamAndItsRepairs) {
  const auto [suite, rtx] = GetParam();
  RtpPacketPool pool;
  NetworkOptions path;
  path.delay = TimeDelta::Millis(10);
  path.loss = 0.03;
  VirtualLink link(path, path, &pool);
  ASSERT_TRUE(link.a().Connect(
      {.rtp = Address(2, 5004), .receive_key = KeyOf(suite, 1), .send_key = KeyOf(suite, 2)}));
  ASSERT_TRUE(link.b().Connect(
      {.rtp = Address(1, 5004), .receive_key = KeyOf(suite, 2), .send_key = KeyOf(suite, 1)}));
  LocalIngress ingress(&pool, Codec(rtx));
  RtpSender* sender = link.a().AddSender({.codec = Codec(rtx)}).value();
  ingress.SetSink(sender);
  RtpReceiver* receiver = link.b().AddReceiver({.codec = Codec(rtx)}).value();
  BatchRecorder recorder;
  receiver->SetSink(&recorder);
  Vp8Source source({.first_sequence = 65'000, .packets_per_frame = 10});  // wraps after 2 s
  std::map<int64_t, Bytes> sent;
  Timestamp now = Timestamp::FromMillis(5000);
  for (int ms = 0; ms < 8000; ++ms, now += TimeDelta::Millis(1)) {
    link.SetNow(now);
    if (ms % 33 == 0 && ms < 6000) {
      for (const BuiltPacket& packet : source.NextFrame(now)) {
        ingress.Push(packet.bytes, now, now);
        sent[packet.index & 0xffff] = Bytes(packet.bytes.begin() + 12, packet.bytes.end());
      }
      ingress.Flush(now);
    }
    link.Run(now);
  }
  EXPECT_GT(sent.size(), 1800u);
  EXPECT_EQ(recorder.packets.size(), sent.size());
  for (const auto& packet : recorder.packets) ASSERT_EQ(packet.payload, sent[packet.sequence]);
  const RtpReceiverStats stats = receiver->Stats(now);
  EXPECT_GT(stats.stream.repaired, 20u);
  EXPECT_EQ(stats.rtx_packets > 0, rtx);
  EXPECT_EQ(stats.drops[DropReason::kSrtpAuth], 0u);
  EXPECT_TRUE(sender->Stats(now).stream.round_trip_time);
}

class SrtpTransport : public TransportFixture, public testing::WithParamInterface<SrtpSuite> {
 protected:
  SrtpTransport() : ingress_(&pool_, VideoCodec()), watch_(GetSrtpSuiteInfo(GetParam())) {
    EXPECT_TRUE(Connect(1));
  }
  ~SrtpTransport() override { watch_.Check(socket_.sent); }

  Status Connect(uint8_t variant, uint16_t port = 4000) {
    return transport_->Connect({.rtp = Ip(1, port),
                                .receive_key = KeyOf(GetParam(), 100),
                                .send_key = KeyOf(GetParam(), variant)});
  }
  RtpSender* AddSender(const RtpSenderOptions& options) {
    RtpSender* sender = transport_->AddSender(options).value();
    ingress_.SetSink(sender);
    return sender;
  }
  // A packet whose payload tells that it is the `version`th of this number.
  void Send(uint16_t sequence, uint8_t version = 0, Ssrc ssrc = 7, size_t size = 50) {
    Bytes payload(size, version);
    payload[0] = 0x10;
    ASSERT_TRUE(ingress_.Push(BuildRtpPacket({.ssrc = ssrc,
                                              .payload_type = 96,
                                              .sequence_number = sequence,
                                              .timestamp = 3000U * sequence,
                                              .payload = payload}),
                              now_, now_));
    ingress_.Flush(now_);
  }
  // What the peer sends.
  void ReceiveProtected(Bytes bytes) {
    if (!peer_) peer_ = NewSrtpSender(KeyOf(GetParam(), 100)).value();
    const size_t size = bytes.size();
    const bool rtp = ClassifyDatagram(bytes) == DatagramKind::kRtp;
    bytes.resize(size + kMaxSrtcpOverhead);
    const size_t wire = rtp ? peer_->AddStream(LoadBe32(&bytes[8]))->Protect(bytes, size, 12)
                            : peer_->ProtectRtcp(bytes, size);
    ASSERT_GT(wire, 0u);
    bytes.resize(wire);
    last_ = bytes;
    Receive(bytes, Ip(1, 4000));
  }

  LocalIngress ingress_;
  NonceWatch watch_;
  std::unique_ptr<SrtpSender> peer_;
  Bytes last_;
};

INSTANTIATE_TEST_SUITE_P(Suites, SrtpTransport, testing::ValuesIn(kAllSrtpSuites));

TEST_P(SrtpTransport, RepairsAsTheyWereAreTheVeryBytes) {
  socket_.equal_sizes = true;  // which asks for padding
  AddSender({.codec = VideoCodec()});
  Vp8Source source({.ssrc = 7, .packets_per_frame = 5});
  for (int frame = 0; frame < 4; ++frame) {
    for (const BuiltPacket& packet : source.NextFrame(now_)) {
      ingress_.Push(packet.bytes, now_, now_);
    }
    ingress_.Flush(now_);
  }
  std::vector<uint16_t> all;
  for (uint16_t s = 1000; s < 1020; ++s) all.push_back(s);
  for (int i = 0; i < 5; ++i) {
    ReceiveProtected(Nack(7, all));
    now_ += TimeDelta::Millis(400);
  }
  watch_.Check(socket_.sent);
  EXPECT_EQ(watch_.count(), 1 + 20u);  // the first is a report
  EXPECT_GE(watch_.repeats(), 20u);
}

// Transport-wide numbers and send times would differ each time.
TEST_P(SrtpTransport, RepairsAsTheyWereHaveTheirExtensionsToo) {
  RtpCodec codec = VideoCodec();
  const auto set_id = [&](ExtensionType type, uint8_t id) {
    codec.extensions[static_cast<size_t>(type)] = id;
  };
  set_id(ExtensionType::kTransportSequence, 5);
  set_id(ExtensionType::kAbsSendTime, 4);
  set_id(ExtensionType::kMid, 1);
  AddSender({.codec = codec, .extensions = ExtensionBlock::kNegotiated, .mid = "0"});
  for (uint16_t s = 100; s < 110; ++s) Send(s);
  for (int i = 0; i < 3; ++i) {
    now_ += TimeDelta::Millis(400);
    ReceiveProtected(Nack(7, {100, 101, 102, 103}));
  }
  watch_.Check(socket_.sent);
  EXPECT_EQ(watch_.count(), 1 + 10U);
  EXPECT_GE(watch_.repeats(), 4U);
}

TEST_P(SrtpTransport, UsedNumbersAreNotSentAgain) {
  RtpSender* sender = AddSender({.codec = VideoCodec(), .ssrc = 7});
  for (uint16_t s = 100; s < 110; ++s) Send(s);
  for (uint16_t s = 95; s < 112; ++s) Send(s, 1);  // the source began anew
  EXPECT_EQ(sender->Stats(now_).drops[DropReason::kDuplicate], 10u);
  EXPECT_EQ(sender->Stats(now_).stream.packets_sent, 17u);
}

TEST_P(SrtpTransport, AnSsrcThatComesBackGoesOn) {
  RtpSender* sender = AddSender({.codec = VideoCodec()});
  for (uint16_t s = 100; s < 110; ++s) Send(s, 0, 7);
  for (uint16_t s = 100; s < 110; ++s) Send(s, 0, 8);
  for (uint16_t s = 90; s < 120; ++s) Send(s, 1, 7);
  EXPECT_EQ(sender->Stats(now_).drops[DropReason::kDuplicate], 20u);
  transport_->RemoveSender(sender, now_);
  AddSender({.codec = VideoCodec()});
  for (uint16_t s = 90; s < 130; ++s) Send(s, 2, 7);
}

TEST_P(SrtpTransport, RtxNumbersGoOnWhenTheSsrcChanges) {
  RtpCodec codec = VideoCodec();
  codec.rtx_payload_type = 97;
  AddSender({.codec = codec, .rtx_ssrc = 70});
  for (const Ssrc ssrc : {7u, 8u, 9u}) {
    for (uint16_t s = 100; s < 110; ++s) Send(s, static_cast<uint8_t>(ssrc), ssrc);
    ReceiveProtected(Nack(ssrc, {100, 101, 102, 103}));
    now_ += TimeDelta::Millis(100);
  }
  watch_.Check(socket_.sent);
  EXPECT_EQ(watch_.count(), 3 * (1 + 10 + 4u));  // a report, packets, repairs
}

TEST_P(SrtpTransport, ConnectTwiceWithTheSameKeyGoesOn) {
  AddSender({.codec = VideoCodec(), .ssrc = 7});
  for (uint16_t s = 100; s < 110; ++s) Send(s);
  Advance(2000);
  ASSERT_TRUE(Connect(1, 4002));
  for (uint16_t s = 105; s < 120; ++s) Send(s, 1);
  Advance(2000);
  // Without keys, what was stays.
  ASSERT_TRUE(transport_->Connect({.rtp = Ip(1, 4000)}));
  for (uint16_t s = 115; s < 130; ++s) Send(s, 2);
  Advance(2000);
  watch_.Check(socket_.sent);
  EXPECT_GE(watch_.count(), 30u + 6);
}

TEST_P(SrtpTransport, AKeyDoesNotComeBack) {
  ASSERT_TRUE(Connect(2));
  const Status again = Connect(1);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().field, "srtpParameters");
  EXPECT_TRUE(Connect(2));
}

TEST_P(SrtpTransport, ReconnectDoesNotOpenTheDoorToReplay) {
  AddReceiver({.codec = VideoCodec()});
  ReceiveProtected(Rtp(1));
  const Bytes recorded = last_;
  ASSERT_TRUE(Connect(1));
  now_ += TimeDelta::Seconds(5);
  Receive(recorded, Ip(1, 4000));
  EXPECT_EQ(recorder_.packets.size(), 1u);
}

TEST_P(SrtpTransport, FormerSsrcsCannotBePlayedAgainAndDoNotFillTheTable) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  ReceiveProtected(Rtp(1, 1000));
  const Bytes recorded = last_;
  for (Ssrc ssrc = 1; ssrc <= 2000; ++ssrc) {
    if (ssrc == 30) {
      now_ += TimeDelta::Seconds(5);
      Receive(recorded, Ip(1, 4000));
      EXPECT_EQ(receiver->ssrc(), 29u);
    }
    now_ += TimeDelta::Seconds(1);
    ReceiveProtected(Rtp(1, ssrc));
    ASSERT_EQ(receiver->ssrc(), ssrc);
  }
  EXPECT_EQ(receiver->Stats(now_).drops[DropReason::kTooManyStreams], 0u);
}

TEST_P(SrtpTransport, NothingLeavesOrEntersInPlain) {
  AddSender({.codec = VideoCodec(), .ssrc = 7});
  AddReceiver({.codec = VideoCodec()});
  Send(1, 0xee);
  Advance(100);
  ASSERT_EQ(socket_.sent.size(), 2u);
  EXPECT_EQ(socket_.sent[1].bytes.size(), 62u + GetSrtpSuiteInfo(GetParam()).rtp_overhead());
  for (const auto& datagram : socket_.sent) {
    const Bytes plain(8, 0xee);
    EXPECT_EQ(std::search(datagram.bytes.begin(), datagram.bytes.end(), plain.begin(), plain.end()),
              datagram.bytes.end());
  }
  Receive(Rtp(1), Ip(1, 4000));
  Receive(Rtcp(rtcp::Pli{1, 7}), Ip(1, 4000));
  EXPECT_TRUE(recorder_.packets.empty());
}

}  // namespace
}  // namespace sfu::test
