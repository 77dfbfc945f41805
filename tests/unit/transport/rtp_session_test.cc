// The session with one peer: which packet is whose, reports and feedback of both directions,
// traces.
#include <set>

#include "stream/local_ingress.h"
#include "tests/unit/transport/transport_fixture.h"
#include "tests/unit/transport/virtual_network.h"

namespace sfu::test {
namespace {

using Sequences = std::vector<uint16_t>;

class KeyFrameCounter : public RtpSource {
 public:
  void RequestKeyFrame(Timestamp) override { ++requests; }
  void SetPatience(TimeDelta) override {}
  int requests = 0;
};

class Session : public TransportFixture {
 protected:
  Session() : ingress_(&pool_, VideoCodec()) { EXPECT_TRUE(transport_->Connect({.rtp = kPeer})); }
  static RtpCodec WithRtx(uint8_t payload_type, uint8_t rtx) {
    RtpCodec codec = VideoCodec(payload_type);
    codec.rtx_payload_type = rtx;
    return codec;
  }
  // An RTX packet that repairs `sequence`.
  static Bytes Rtx(uint16_t sequence, Ssrc ssrc, uint16_t rtx_sequence = 1,
                   uint8_t payload_type = 97) {
    return BuildRtpPacket({.ssrc = ssrc,
                           .payload_type = payload_type,
                           .sequence_number = rtx_sequence,
                           .timestamp = sequence * 3000U,
                           .payload = {static_cast<uint8_t>(sequence >> 8),
                                       static_cast<uint8_t>(sequence), 0x10, 0x01, 2, 4}});
  }
  void Receive(const Bytes& bytes) { TransportFixture::Receive(bytes, kPeer); }
  RtpSender* AddSender(const RtpSenderOptions& options) {
    RtpSender* sender = transport_->AddSender(options).value();
    ingress_.SetSink(sender);
    return sender;
  }
  void Send(uint16_t sequence, Ssrc ssrc = 7) {
    ASSERT_TRUE(ingress_.Push(Rtp(sequence, ssrc), now_, now_));
    ingress_.Flush(now_);
  }

  static inline const SocketAddress kPeer = Ip(1, 4000);
  LocalIngress ingress_;
};

// --- whose packet ---

TEST_F(Session, TwoReceiversByPayloadType) {
  BatchRecorder sound;
  AddReceiver({.codec = VideoCodec(96)});
  AddReceiver({.codec = AudioCodec(111)})->SetSink(&sound);
  Receive(Rtp(1, 7, 96));
  Receive(Rtp(2, 8, 111));
  Receive(Rtp(3, 9, 100));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1}));
  EXPECT_EQ(sound.Sequences(), (Sequences{2}));
  EXPECT_EQ(drops()[DropReason::kUnknownPayloadType], 1u);
}

TEST_F(Session, TwoReceiversOfOnePayloadTypeBySsrc) {
  BatchRecorder second;
  AddReceiver({.codec = VideoCodec(), .ssrc = 7});
  AddReceiver({.codec = VideoCodec(), .ssrc = 8})->SetSink(&second);
  Receive(Rtp(1, 8));
  Receive(Rtp(2, 7));
  Receive(Rtp(3, 9));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{2}));
  EXPECT_EQ(second.Sequences(), (Sequences{1}));
}

TEST_F(Session, AKnownSsrcUnderAnotherPayloadTypeIsDropped) {
  BatchRecorder sound;
  AddReceiver({.codec = VideoCodec(96)});
  AddReceiver({.codec = AudioCodec(111)})->SetSink(&sound);
  Receive(Rtp(1, 7, 96));
  Receive(Rtp(2, 7, 111));
  EXPECT_TRUE(sound.packets.empty());
  EXPECT_EQ(drops()[DropReason::kUnknownPayloadType], 1u);
}

TEST_F(Session, AddReceiverNamesWhatIsInUse) {
  AddReceiver({.codec = WithRtx(96, 97), .ssrc = 7, .rtx_ssrc = 17});
  AddReceiver({.codec = AudioCodec(111)});
  const auto field = [&](const RtpReceiverOptions& options) {
    const auto result = transport_->AddReceiver(options);
    return result.ok() ? std::string("none") : result.error().field;
  };
  EXPECT_EQ(field({.codec = VideoCodec(128)}), "payload");
  EXPECT_EQ(field({.codec = VideoCodec(97), .ssrc = 9}), "payload");
  EXPECT_EQ(field({.codec = AudioCodec(111)}), "payload");
  EXPECT_EQ(field({.codec = WithRtx(100, 200)}), "rtxPayload");
  EXPECT_EQ(field({.codec = WithRtx(100, 100)}), "rtxPayload");
  EXPECT_EQ(field({.codec = WithRtx(100, 111)}), "rtxPayload");
  EXPECT_EQ(field({.codec = VideoCodec(96), .ssrc = 7}), "ssrc");
  EXPECT_EQ(field({.codec = VideoCodec(96), .ssrc = 17}), "ssrc");
  EXPECT_EQ(field({.codec = VideoCodec(96), .ssrc = 9, .rtx_ssrc = 7}), "rtxSsrc");
  EXPECT_EQ(field({.codec = VideoCodec(96), .ssrc = 9, .rtx_ssrc = 9}), "rtxSsrc");
  RtpCodec no_rate = VideoCodec(98);
  no_rate.clock_rate = 0;
  EXPECT_EQ(field({.codec = no_rate}), "clockRate");
  EXPECT_EQ(transport_->session().receivers().size(), 2u);
  EXPECT_EQ(field({.codec = VideoCodec(96)}), "none");
}

TEST_F(Session, AddSenderNamesWhatIsInUse) {
  const auto field = [&](const RtpSenderOptions& options) {
    const auto result = transport_->AddSender(options);
    return result.ok() ? std::string("none") : result.error().field;
  };
  EXPECT_EQ(field({.codec = WithRtx(96, 97), .ssrc = 7, .rtx_ssrc = 17}), "none");
  EXPECT_EQ(field({.codec = VideoCodec(), .ssrc = 7}), "ssrc");
  EXPECT_EQ(field({.codec = VideoCodec(), .ssrc = 17}), "ssrc");
  EXPECT_EQ(field({.codec = WithRtx(96, 97), .ssrc = 8, .rtx_ssrc = 7}), "rtxSsrc");
  transport_->RemoveSender(transport_->session().senders()[0].get(), now_);
  EXPECT_EQ(field({.codec = VideoCodec(), .ssrc = 17}), "none");
}

TEST_F(Session, TwoSendersNeverSendOneSsrc) {
  RtpSender* first = AddSender({.codec = VideoCodec()});
  Send(1, 7);
  RtpSender* second = AddSender({.codec = VideoCodec()});
  LocalIngress same(&pool_, VideoCodec());
  same.SetSink(second);
  ASSERT_TRUE(same.Push(Rtp(2, 7), now_, now_));
  same.Flush(now_);
  EXPECT_EQ(second->Stats(now_).drops[DropReason::kUnknownSsrc], 1u);
  EXPECT_EQ(first->Stats(now_).stream.packets_sent, 1u);
  // What is free again can be had.
  transport_->RemoveSender(first, now_);
  ASSERT_TRUE(same.Push(Rtp(3, 7), now_, now_));
  same.Flush(now_);
  EXPECT_EQ(second->Stats(now_).stream.packets_sent, 1u);
}

// --- RTX ---

TEST_F(Session, RtxIsLatchedAndRepairs) {
  RtpReceiver* receiver = AddReceiver({.codec = WithRtx(96, 97)});
  Receive(Rtp(1));
  Receive(Rtp(3));
  Receive(Rtx(2, 70));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1, 3, 2}));
  EXPECT_EQ(receiver->rtx_ssrc(), 70u);
  EXPECT_EQ(receiver->Stats(now_).stream.repaired, 1u);
}

TEST_F(Session, RtxBeforeItsStreamIsDropped) {
  AddReceiver({.codec = WithRtx(96, 97)});
  Receive(Rtx(2, 70));
  EXPECT_EQ(drops()[DropReason::kUnknownPayloadType], 1u);
}

TEST_F(Session, RtxOfTwoStreamsIsToldApartByWhatIsMissing) {
  BatchRecorder second;
  AddReceiver({.codec = WithRtx(96, 97), .ssrc = 7});
  AddReceiver({.codec = WithRtx(96, 97), .ssrc = 8})->SetSink(&second);
  Receive(Rtp(1, 7));
  Receive(Rtp(501, 8));
  Receive(Rtx(502, 99));  // nobody misses it
  Receive(Rtp(3, 7));
  Receive(Rtp(503, 8));
  Advance(20);  // both ask
  Receive(Rtx(502, 80));
  Receive(Rtx(2, 70));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1, 3, 2}));
  EXPECT_EQ(second.Sequences(), (Sequences{501, 503, 502}));
  // From now on the SSRCs are known.
  Receive(Rtp(505, 8));
  Receive(Rtx(504, 80, 2));
  EXPECT_EQ(second.Sequences(), (Sequences{501, 503, 502, 505, 504}));
}

TEST_F(Session, AnotherRtxSsrcIsTakenOnlyForWhatWasAskedFor) {
  RtpReceiver* receiver = AddReceiver({.codec = WithRtx(96, 97)});
  Receive(Rtp(1));
  Receive(Rtp(3));
  Advance(20);
  Receive(Rtx(2, 70));
  Receive(Rtx(2, 71));
  EXPECT_EQ(receiver->rtx_ssrc(), 70u);
  Receive(Rtp(5));
  Advance(20);
  Receive(Rtx(4, 71));
  EXPECT_EQ(receiver->rtx_ssrc(), 71u);
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1, 3, 2, 5, 4}));
}

// --- feedback ---

TEST_F(Session, NackOfLossesFarApartTakesSeveralDatagrams) {
  AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(0));
  std::vector<std::pair<Bytes, SocketAddress>> batch;
  for (uint16_t s = 18; s < 18 * 700; s = static_cast<uint16_t>(s + 18)) {
    for (uint16_t k = 0; k < 17; ++k) batch.emplace_back(Rtp(static_cast<uint16_t>(s + k)), kPeer);
  }
  Deliver(std::move(batch));
  Advance(30);
  std::set<uint16_t> asked;
  for (const auto& datagram : socket_.sent) EXPECT_LE(datagram.bytes.size(), 1200u);
  for (const auto& nack : TakeRtcp().nacks) asked.insert(nack.message.begin(), nack.message.end());
  EXPECT_GE(asked.size(), 698u);
}

TEST_F(Session, KeyFrameRequestsAreDeduplicated) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1));
  for (int i = 0; i < 1000; ++i) {
    receiver->RequestKeyFrame(now_);
    Advance(1);
  }
  const size_t plis = TakeRtcp().plis.size();
  EXPECT_GE(plis, 2u);
  EXPECT_LE(plis, 6u);  // one per 200 ms
}

TEST_F(Session, FirWhereThePeerKnowsNoPli) {
  RtpCodec codec = VideoCodec();
  codec.feedback = {.ccm_fir = true};
  RtpReceiver* receiver = AddReceiver({.codec = codec});
  Receive(Rtp(1));
  for (int i = 0; i < 3; ++i) {
    receiver->RequestKeyFrame(now_);
    Advance(200);
  }
  const auto firs = TakeRtcp().firs;
  ASSERT_EQ(firs.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(firs[i].message.entries[0].ssrc, 7u);
    EXPECT_EQ(firs[i].message.entries[0].sequence, i);
  }
  EXPECT_EQ(receiver->Stats(now_).firs_sent, 3u);
}

TEST_F(Session, PliAndFirReachTheSource) {
  KeyFrameCounter source;
  RtpSender* sender = AddSender({.codec = VideoCodec(), .ssrc = 7});
  sender->SetSource(&source);
  Receive(Rtcp(rtcp::Pli{1, 7}));
  EXPECT_EQ(source.requests, 0);  // there is no stream yet
  Send(1);
  Receive(Rtcp(rtcp::Pli{1, 7}));
  Receive(Rtcp(rtcp::Pli{1, 8}));  // not ours
  EXPECT_EQ(source.requests, 1);
  rtcp::Fir fir{.sender_ssrc = 1};
  fir.entries.Add({7, 5});
  Receive(Rtcp(fir));
  Receive(Rtcp(fir));  // the same command again
  EXPECT_EQ(source.requests, 2);
  EXPECT_EQ(sender->Stats(now_).stream.pli_count, 1u);
  EXPECT_EQ(sender->Stats(now_).stream.fir_count, 1u);
}

// --- reports ---

TEST_F(Session, SenderReportPrecedesTheFirstPacketThenComesEverySecondOrSo) {
  AddSender({.codec = VideoCodec(), .ssrc = 7});
  Send(1);
  EXPECT_FALSE(wakeups_.empty());
  ASSERT_EQ(socket_.sent.size(), 2u);
  EXPECT_EQ(ClassifyDatagram(socket_.sent[0].bytes), DatagramKind::kRtcp);
  EXPECT_EQ(TakeRtcp().sender_reports.size(), 1u);
  Timestamp last = now_;
  for (int i = 0; i < 20; ++i) {
    while (TakeRtcp().sender_reports.empty()) Advance(10);
    EXPECT_GE(now_ - last, TimeDelta::Millis(i == 0 ? 470 : 490));
    EXPECT_LE(now_ - last, TimeDelta::Millis(1510));
    last = now_;
  }
}

TEST_F(Session, SenderThatBeginsLaterReportsAtOnceToo) {
  AddReceiver({.codec = AudioCodec()});
  Receive(Rtp(1, 8, 111));
  Advance(3000);
  TakeRtcp();
  AddSender({.codec = VideoCodec(), .ssrc = 7});
  Send(1);
  const auto reports = TakeRtcp().sender_reports;
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].message.sender_ssrc, 7u);
  EXPECT_EQ(reports[0].message.packet_count, 0u);
}

TEST_F(Session, ReportsEndWhenTheSourceIsSilent) {
  AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1));
  Advance(4000);
  EXPECT_GE(TakeRtcp().receiver_reports.size(), 2u);
  Advance(4000);
  TakeRtcp();
  Advance(60'000);
  EXPECT_TRUE(TakeRtcp().receiver_reports.empty());
  Receive(Rtp(2));
  Advance(2000);
  EXPECT_FALSE(TakeRtcp().receiver_reports.empty());
}

TEST_F(Session, RemovedSenderSaysBye) {
  RtpSender* sender = AddSender({.codec = VideoCodec(), .ssrc = 7});
  RtpSender* silent = transport_->AddSender({.codec = VideoCodec(), .ssrc = 8}).value();
  Send(1);
  transport_->RemoveSender(silent, now_);
  EXPECT_TRUE(TakeRtcp().byes.empty());
  transport_->RemoveSender(sender, now_);
  const RtcpSeen seen = TakeRtcp();
  ASSERT_EQ(seen.byes.size(), 1u);
  EXPECT_EQ(seen.byes[0].message, 7u);
  EXPECT_EQ(seen.sender_reports.size(), 1u);
  EXPECT_EQ(seen.cnames.size(), 1u);
  transport_->RemoveSender(nullptr, now_);
  Advance(5000);
  EXPECT_TRUE(TakeRtcp().sender_reports.empty());
}

TEST_F(Session, OneCnameIsOneClock) {
  BatchRecorder sound;
  AddReceiver({.codec = VideoCodec()});
  AddReceiver({.codec = AudioCodec()})->SetSink(&sound);
  Receive(Rtp(1, 7));
  Receive(Rtp(1, 8, 111));
  // Peers that change their name all the time keep no groups alive.
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "name" + std::to_string(i);
    rtcp::Sdes sdes;
    sdes.chunks.Add({7, name});
    Receive(Rtcp(rtcp::ReceiverReport{.sender_ssrc = 7}, sdes));
  }
  EXPECT_LE(transport_->session().sync_group_count(), 3u);
}

TEST_F(Session, ReceiverMayBeRemovedInsideItsSink) {
  BatchRecorder sound;
  RtpReceiver* video = AddReceiver({.codec = VideoCodec()});
  AddReceiver({.codec = AudioCodec()})->SetSink(&sound);
  recorder_.on_batch = [&] { transport_->RemoveReceiver(video); };
  Deliver({{Rtp(1, 7, 96), kPeer}, {Rtp(1, 8, 111), kPeer}});
  EXPECT_EQ(recorder_.packets.size(), 1u);
  EXPECT_EQ(sound.packets.size(), 1u);  // the next one was not skipped
  Receive(Rtp(2, 7, 96));
  EXPECT_EQ(drops()[DropReason::kUnknownPayloadType], 1u);
}

// --- traces ---

TEST_F(Session, TracesTellDirections) {
  std::vector<std::string> events;
  const auto listen = [&](Tracer& tracer, const std::string& who) {
    tracer.Enable(0x3f, [&events, who](const TraceEvent& e) {
      events.push_back(who + (e.incoming ? "<" : ">") + std::string(TraceTypeName(e.type)) + " " +
                       std::to_string(e.sequence_number) + " " + std::to_string(e.rtp_timestamp));
    });
  };
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  RtpSender* sender = AddSender({.codec = VideoCodec(), .ssrc = 17});
  listen(receiver->tracer(), "r");
  listen(sender->tracer(), "s");
  Vp8Source source(
      {.ssrc = 7, .first_sequence = 1, .first_timestamp = 3000, .packets_per_frame = 1});
  Receive(source.NextFrame(now_)[0].bytes);
  Receive(SenderReport(7, now_, 3000));
  receiver->RequestKeyFrame(now_);
  Receive(Rtp(3));
  Advance(15);
  EXPECT_EQ(events, (std::vector<std::string>{"r<rtp 1 3000", "r<keyframe 1 3000", "r<sr 0 3000",
                                              "r<rtp 3 9000", "r>pli 0 0", "r>nack 2 0"}));
  events.clear();
  Send(4);
  Receive(Rtcp(rtcp::Pli{1, 17}));
  Receive(Nack(17, {4, 5}));
  rtcp::Fir fir{.sender_ssrc = 1};
  fir.entries.Add({17, 0});
  Receive(Rtcp(fir));
  Advance(20);
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events, (std::vector<std::string>{"s>sr 0 12000", "s>rtp 4 12000", "s<pli 0 0",
                                              "s<nack 4 0", "s<fir 0 0"}));
}

// --- both ends ---

TEST(SessionPair, BothSidesMeasureTheRoundTrip) {
  RtpPacketPool pool;
  NetworkOptions path;
  path.delay = TimeDelta::Millis(40);
  VirtualLink link(path, path, &pool);
  LocalIngress ingress(&pool, VideoCodec());
  RtpSender* sender = link.a().AddSender({.codec = VideoCodec()}).value();
  ingress.SetSink(sender);
  RtpReceiver* receiver = link.b().AddReceiver({.codec = VideoCodec()}).value();
  Vp8Source source;
  Timestamp now = Timestamp::FromMillis(5000);
  for (int ms = 0; ms < 6000; ++ms, now += TimeDelta::Millis(1)) {
    link.SetNow(now);
    if (ms % 33 == 0) {
      for (const BuiltPacket& packet : source.NextFrame(now)) ingress.Push(packet.bytes, now, now);
      ingress.Flush(now);
    }
    link.Run(now);
  }
  const SentStreamStats sent = sender->Stats(now).stream;
  ASSERT_TRUE(sent.round_trip_time);
  EXPECT_NEAR(sent.round_trip_time->seconds(), 0.080, 0.002);
  EXPECT_EQ(sent.packets_lost, 0);
  const ReceivedStreamStats received = receiver->Stats(now).stream;
  ASSERT_TRUE(received.round_trip);
  EXPECT_NEAR(received.round_trip->seconds(), 0.080, 0.002);
  EXPECT_NEAR(static_cast<double>(received.packets), static_cast<double>(sent.packets_sent), 10);
  EXPECT_EQ(link.a().session().Stats().drops.Total() + link.b().session().Stats().drops.Total(),
            0u);
}

TEST_F(Session, AnExhaustedPoolIsCountedAsSuch) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  std::vector<RtpPacketRef> all;
  while (RtpPacketRef packet = pool_.Allocate(100)) all.push_back(std::move(packet));
  EXPECT_EQ(all.size(), RtpPacketPool::kMaxPackets);
  Receive(Rtp(1));
  EXPECT_EQ(receiver->Stats(now_).drops[DropReason::kPoolExhausted], 1u);
  EXPECT_EQ(receiver->Stats(now_).drops[DropReason::kTooBig], 0u);
  all.clear();
  Receive(Rtp(2));
  EXPECT_EQ(recorder_.Sequences(), std::vector<uint16_t>{2});
}

}  // namespace
}  // namespace sfu::test
