// Whom a plain transport takes packets from, and where it sends: connected, comedia, open.
#include "tests/unit/transport/transport_fixture.h"

namespace sfu::test {
namespace {

using Sequences = std::vector<uint16_t>;

class SourcePolicy : public TransportFixture {};

TEST_F(SourcePolicy, OpenTakesEachStreamFromWhereItBegan) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1), Ip(1, 4000));
  Receive(Rtp(2), Ip(2, 4000));  // the SSRC, hijacked
  Receive(Rtp(3), Ip(1, 4002));  // another port of the same host
  Receive(Rtp(4), Ip(1, 4000));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1, 4}));
  EXPECT_EQ(receiver->Stats(now_).drops[DropReason::kUnknownSource], 2u);
}

TEST_F(SourcePolicy, OpenRefusesAnotherSsrcWhileTheStreamIsAlive) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1, 7), Ip(1, 4000));
  now_ += TimeDelta::Millis(999);
  Receive(Rtp(2, 8), Ip(1, 4000));
  EXPECT_EQ(receiver->ssrc(), 7u);
  EXPECT_EQ(drops()[DropReason::kUnknownSsrc], 1u);
}

TEST_F(SourcePolicy, OpenTakesAnotherSourceAfterSilence) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1, 7), Ip(1, 4000));
  now_ += TimeDelta::Seconds(1);
  Receive(Rtp(2, 8), Ip(2, 4000));
  EXPECT_EQ(receiver->ssrc(), 8u);
  Receive(Rtp(3, 7), Ip(1, 4000));  // the one before
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1, 2}));
}

TEST_F(SourcePolicy, OpenTakesTheSameSsrcFromElsewhereAfterSilence) {
  AddReceiver({.codec = VideoCodec()});
  Receive(SenderReport(7, now_, 0), Ip(1, 4001));
  Receive(Rtp(1), Ip(1, 4000));
  now_ += TimeDelta::Seconds(2);
  Receive(Rtp(2), Ip(2, 4000));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1, 2}));
  socket_.sent.clear();
  Receive(Rtp(5), Ip(2, 4000));
  Advance(50);
  // Not to where it was before.
  const RtcpSeen seen = TakeRtcp();
  ASSERT_GE(seen.nacks.size(), 1u);
  EXPECT_EQ(seen.nacks[0].to, Ip(2, 4000));
}

TEST_F(SourcePolicy, ByeOpensTheStreamForAnotherAtOnce) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1, 7), Ip(1, 4000));
  // In one wake-up: the batch before must not be mixed with that of the new stream.
  Deliver({{Rtp(2, 7), Ip(1, 4000)}, {Bye(7), Ip(1, 4001)}, {Rtp(9, 8), Ip(2, 4000)}});
  EXPECT_EQ(receiver->ssrc(), 8u);
  ASSERT_EQ(recorder_.packets.size(), 3u);
  EXPECT_EQ(recorder_.packets[1].ssrc, 7u);
  EXPECT_EQ(recorder_.packets[2].ssrc, 8u);
}

TEST_F(SourcePolicy, ForgedByeAndReportAreIgnored) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  uint32_t reports = 0;
  receiver->tracer().Enable(1u << static_cast<int>(TraceType::kSr),
                            [&](const TraceEvent&) { ++reports; });
  Receive(Rtp(1, 7), Ip(1, 4000));
  Receive(Bye(7), Ip(2, 4000));
  Receive(SenderReport(7, now_, 3000), Ip(2, 4000));
  Receive(Rtp(2, 8), Ip(2, 4000));
  EXPECT_EQ(receiver->ssrc(), 7u);
  EXPECT_EQ(reports, 0u);
  Receive(SenderReport(7, now_, 3000), Ip(1, 4001));
  EXPECT_EQ(reports, 1u);
}

TEST_F(SourcePolicy, ConnectedTakesOnlyThePeer) {
  ASSERT_TRUE(transport_->Connect({.rtp = Ip(1, 4000)}));
  AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1), Ip(1, 4002));
  Receive(Rtp(1), Ip(2, 4000));
  Receive(Bye(7), Ip(1, 4001));
  EXPECT_TRUE(recorder_.packets.empty());
  EXPECT_EQ(drops()[DropReason::kUnknownSource], 3u);
  Receive(Rtp(1), Ip(1, 4000));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1}));
}

TEST_F(SourcePolicy, ConnectedWithoutMuxTakesAnyPortOfThePeer) {
  Make({.rtcp_mux = false});
  ASSERT_TRUE(transport_->Connect({.rtp = Ip(1, 4000)}));
  EXPECT_EQ(transport_->remote_rtcp(), Ip(1, 4001));
  AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1), Ip(1, 60'000));
  Receive(Rtp(2), Ip(2, 4000));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1}));
  Deliver({{Rtp(2), Ip(1, 60'000)}}, true);
  EXPECT_EQ(drops()[DropReason::kNotRtp], 1u);  // RTP on the RTCP port
  Receive(Rtp(4), Ip(1, 60'000));
  Advance(100);
  ASSERT_GE(ReadRtcp(rtcp_socket_.sent).nacks.size(), 1u);
  EXPECT_EQ(ReadRtcp(rtcp_socket_.sent).nacks[0].to, Ip(1, 4001));
  EXPECT_TRUE(socket_.sent.empty());
}

TEST_F(SourcePolicy, ComediaSendsToTheFirstValidSourceForGood) {
  Make({.comedia = true});
  AddReceiver({.codec = VideoCodec()});
  RtpSender* sender = transport_->AddSender({.codec = AudioCodec()}).value();
  (void)sender;
  Receive(Rtp(1, 7, 100), Ip(3, 4000));  // not ours
  Receive(Bye(7), Ip(3, 4000));
  EXPECT_FALSE(transport_->remote().is_set());
  Receive(Rtp(1), Ip(1, 4000));
  EXPECT_EQ(transport_->remote(), Ip(1, 4000));
  now_ += TimeDelta::Seconds(10);
  Receive(Rtp(2), Ip(2, 4000));
  EXPECT_EQ(transport_->remote(), Ip(1, 4000));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1}));
}

TEST_F(SourcePolicy, ComediaLearnsTheRtcpPort) {
  Make({.rtcp_mux = false, .comedia = true});
  AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1), Ip(1, 4000));
  EXPECT_EQ(transport_->remote_rtcp(), Ip(1, 4001));
  Deliver({{SenderReport(7, now_, 3000), Ip(2, 4444)}}, true);
  EXPECT_EQ(transport_->remote_rtcp(), Ip(1, 4001));
  Deliver({{SenderReport(7, now_, 3000), Ip(1, 4444)}}, true);
  EXPECT_EQ(transport_->remote_rtcp(), Ip(1, 4444));
  Deliver({{SenderReport(7, now_, 3000), Ip(1, 5555)}}, true);
  EXPECT_EQ(transport_->remote_rtcp(), Ip(1, 4444));
}

TEST_F(SourcePolicy, ComediaFromTheLastPortHasNoRtcpPortUntilOneIsSeen) {
  Make({.rtcp_mux = false, .comedia = true});
  AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1), Ip(1, 65'535));
  EXPECT_EQ(transport_->remote(), Ip(1, 65'535));
  EXPECT_FALSE(transport_->remote_rtcp().is_set());
}

// FFmpeg sends each stream from a port of its own, its reports from another one, the first of them
// before the first packet.
TEST_F(SourcePolicy, FfmpegSendsTwoStreamsToOnePort) {
  AddReceiver({.codec = VideoCodec()});
  AddReceiver({.codec = AudioCodec()});
  const Timestamp start = now_;
  Receive(SenderReport(7, start, 3000), Ip(1, 4001));
  Receive(SenderReport(8, start, 3000), Ip(1, 4003));
  now_ += TimeDelta::Millis(10);
  Receive(Rtp(1, 7, 96), Ip(1, 4000));
  now_ += TimeDelta::Millis(300);  // the sound is late
  Receive(Rtp(1, 8, 111), Ip(1, 4002));
  ASSERT_EQ(recorder_.packets.size(), 2u);
  // Both of timestamp 3000, which the reports say is one moment.
  EXPECT_EQ(recorder_.packets[0].capture, recorder_.packets[1].capture);
  socket_.sent.clear();
  Receive(Rtp(4, 7, 96), Ip(1, 4000));
  Advance(1500);
  const RtcpSeen seen = TakeRtcp();
  ASSERT_FALSE(seen.nacks.empty());
  EXPECT_EQ(seen.nacks[0].to, Ip(1, 4001));
  ASSERT_GE(seen.receiver_reports.size(), 2u);
  EXPECT_EQ(seen.receiver_reports[0].to, Ip(1, 4001));
  EXPECT_EQ(seen.receiver_reports[1].to, Ip(1, 4003));
}

TEST_F(SourcePolicy, ReportBeforeTheFirstPacketOfASignalledSsrcCounts) {
  AddReceiver({.codec = VideoCodec(), .ssrc = 7});
  AddReceiver({.codec = AudioCodec(), .ssrc = 8});
  Receive(SenderReport(7, now_, 3000), Ip(1, 4001));
  Receive(SenderReport(8, now_, 3000), Ip(1, 4003));
  Receive(Rtp(1, 7, 96), Ip(1, 4000));
  now_ += TimeDelta::Millis(300);
  Receive(Rtp(1, 8, 111), Ip(1, 4002));
  ASSERT_EQ(recorder_.packets.size(), 2u);
  EXPECT_EQ(recorder_.packets[0].capture, recorder_.packets[1].capture);
}

TEST_F(SourcePolicy, FloodOfEarlyReportsFromAStrangerDoesNotMisleadTheStream) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  for (int i = 0; i < 1000; ++i) {
    Receive(SenderReport(7, now_, 999'999), Ip(2, 4001));
  }
  Receive(Rtp(1, 7), Ip(1, 4000));
  EXPECT_FALSE(receiver->feedback_destination().is_set());
}

TEST_F(SourcePolicy, ConnectTwiceMovesEverything) {
  ASSERT_TRUE(transport_->Connect({.rtp = Ip(1, 4000)}));
  AddReceiver({.codec = VideoCodec()});
  Receive(SenderReport(7, now_, 0), Ip(1, 4000));
  Receive(Rtp(1), Ip(1, 4000));
  ASSERT_TRUE(transport_->Connect({.rtp = Ip(2, 4000)}));
  Receive(Rtp(2), Ip(1, 4000));
  Receive(Rtp(3), Ip(2, 4000));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1, 3}));
  socket_.sent.clear();
  Advance(1500);
  ASSERT_FALSE(socket_.sent.empty());
  for (const auto& datagram : socket_.sent) EXPECT_EQ(datagram.to, Ip(2, 4000));
}

TEST_F(SourcePolicy, AMulticastDestinationDoesNotSayWhoSends) {
  ASSERT_TRUE(transport_->Connect({.rtp = SocketAddress::Ipv4({239, 1, 1, 1}, 5004)}));
  AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1), Ip(1, 4000));
  Receive(Rtp(2), Ip(2, 4000));
  EXPECT_EQ(recorder_.Sequences(), (Sequences{1}));
}

// --- errors of Connect() ---

struct WrongConnect {
  PlainTransportOptions transport;
  PlainConnectOptions connect;
  const char* field;
};

class ConnectErrors : public TransportFixture, public testing::WithParamInterface<WrongConnect> {};

TEST_P(ConnectErrors, NameTheFieldAndChangeNothing) {
  Make(GetParam().transport);
  if (!GetParam().transport.comedia) {
    ASSERT_TRUE(transport_->Connect({.rtp = Ip(1, 4000)}));
  }
  const SocketAddress before = transport_->remote();
  const SocketAddress rtcp_before = transport_->remote_rtcp();
  for (const Status& status :
       {transport_->CheckConnect(GetParam().connect), transport_->Connect(GetParam().connect)}) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().field, GetParam().field);
    EXPECT_FALSE(status.error().reason.empty());
  }
  EXPECT_EQ(transport_->remote(), before);
  EXPECT_EQ(transport_->remote_rtcp(), rtcp_before);
}

INSTANTIATE_TEST_SUITE_P(
    All, ConnectErrors,
    testing::Values(
        WrongConnect{{}, {}, "ip"}, WrongConnect{{}, {.rtp = Ip(2, 0)}, "port"},
        WrongConnect{{}, {.rtp = SocketAddress::Ipv4({0, 0, 0, 0}, 5)}, "ip"},
        WrongConnect{{}, {.rtp = Ip(2, 6000), .rtcp = Ip(2, 6001)}, "rtcpPort"},
        WrongConnect{{.rtcp_mux = false}, {.rtp = Ip(2, 65'535)}, "rtcpPort"},
        WrongConnect{{.rtcp_mux = false}, {.rtp = Ip(2, 6000), .rtcp = Ip(2, 0)}, "rtcpPort"},
        WrongConnect{{.comedia = true}, {.rtp = Ip(2, 6000)}, "ip"},
        WrongConnect{{.rtcp_mux = false, .comedia = true}, {.rtcp = Ip(2, 6000)}, "rtcpPort"},
        WrongConnect{{}, {.rtp = Ip(2, 6000), .send_key = SrtpKey()}, "srtpParameters"},
        WrongConnect{{}, {.rtp = Ip(2, 6000), .receive_key = SrtpKey()}, "srtpParameters"}));

// A receiver may be made for a stream that nobody knew; several share a payload type.
TEST_F(SourcePolicy, UnknownStreamsAreToldAndFindFreeReceivers) {
  std::vector<std::pair<Ssrc, uint8_t>> told;
  transport_->SetUnknownStreamListener(
      [&](Ssrc ssrc, uint8_t payload_type) { told.emplace_back(ssrc, payload_type); });
  for (uint16_t s = 1; s <= 3; ++s) Receive(Rtp(s, 7), Ip(1, 4000));
  ASSERT_EQ(told, (std::vector<std::pair<Ssrc, uint8_t>>{{7, 96}}));
  RtpReceiver* first = AddReceiver({.codec = VideoCodec(), .one_of_several = true});
  told.clear();
  for (uint16_t s = 4; s <= 200; ++s) {
    Receive(Rtp(s, 7), Ip(1, 4000));
    Receive(Rtp(s, 8), Ip(1, 4000));
    now_ += TimeDelta::Millis(20);
  }
  ASSERT_EQ(told, (std::vector<std::pair<Ssrc, uint8_t>>{{8, 96}})) << "once it goes on beside";
  RtpReceiver* second = AddReceiver({.codec = VideoCodec(), .one_of_several = true});
  Receive(Rtp(201, 7), Ip(1, 4000));
  Receive(Rtp(201, 8), Ip(1, 4000));
  EXPECT_EQ(first->ssrc(), 7u);
  EXPECT_EQ(second->ssrc(), 8u);
}

}  // namespace
}  // namespace sfu::test
