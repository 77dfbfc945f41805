// What a session tells a sender of its path: transport-wide feedback, and the limit that the
// application sets.
#include "tests/unit/transport/transport_fixture.h"

namespace sfu::test {
namespace {

constexpr uint8_t kSequenceId = 5;
constexpr DataRate kLimit = DataRate::BitsPerSecond(300'000);

const SocketAddress kPeer = Ip(1, 4000);

class SessionFeedback : public TransportFixture {
 protected:
  SessionFeedback() { EXPECT_TRUE(transport_->Connect({.rtp = kPeer})); }

  static RtpCodec WithTransportCc(RtpCodec codec) {
    codec.feedback.transport_cc = true;
    codec.extensions[static_cast<size_t>(ExtensionType::kTransportSequence)] = kSequenceId;
    return codec;
  }
  static RtpCodec VideoWithRtx() {
    RtpCodec codec = WithTransportCc(VideoCodec());
    codec.rtx_payload_type = 97;
    return codec;
  }
  void ReceiveNumbered(PacketSpec spec, uint16_t number) {
    spec.extension = {kSequenceId << 4 | 1, static_cast<uint8_t>(number >> 8),
                      static_cast<uint8_t>(number)};
    Receive(BuildRtpPacket(spec), kPeer);
  }
  void ReceiveVideo(uint16_t number) {
    ReceiveNumbered({.ssrc = 7, .sequence_number = number, .payload = {0x10, 1, 2, 3}}, number);
  }
  std::vector<uint16_t> Reported() {
    std::vector<uint16_t> numbers;
    for (const auto& feedback : TakeRtcp().transport_feedbacks) {
      EXPECT_EQ(feedback.to, kPeer);
      for (const auto& received : feedback.message) numbers.push_back(received.sequence.value());
    }
    return numbers;
  }
  // The limits that were told, in bits per second.
  std::vector<int64_t> Limits() {
    std::vector<int64_t> limits;
    for (const auto& remb : TakeRtcp().rembs) limits.push_back(remb.message.bitrate.bps());
    return limits;
  }
};

using Numbers = std::vector<uint16_t>;
using Rates = std::vector<int64_t>;

TEST_F(SessionFeedback, AllPacketsWithANumberAreReported) {
  AddReceiver({.codec = VideoWithRtx(), .ssrc = 7, .rtx_ssrc = 17});
  AddReceiver({.codec = AudioCodec()});
  ReceiveVideo(1);
  // Padding alone, retransmissions, empty retransmissions (probes), a duplicate by sequence number,
  // sound whose codec has no feedback of its own.
  ReceiveNumbered({.ssrc = 7, .sequence_number = 2, .padding = 200}, 2);
  ReceiveNumbered({.ssrc = 17, .payload_type = 97, .payload = {0, 5, 0x10, 1, 2}}, 3);
  ReceiveNumbered({.ssrc = 17, .payload_type = 97, .sequence_number = 1, .padding = 200}, 4);
  ReceiveNumbered({.ssrc = 7, .sequence_number = 2, .padding = 100}, 5);
  ReceiveNumbered({.ssrc = 8, .payload_type = 111, .payload = {1}}, 6);
  // Nobody's packets, and such without a number, are none of it.
  ReceiveNumbered({.ssrc = 9, .payload_type = 100, .payload = {1}}, 7);
  Receive(Rtp(9), kPeer);
  Advance(99);
  EXPECT_EQ(Reported(), Numbers());
  Advance(1);
  EXPECT_EQ(Reported(), (Numbers{1, 2, 3, 4, 5, 6}));
  const RtpSessionStats stats = transport_->session().Stats();
  EXPECT_EQ(stats.transport_wide_packets, 6u);
  EXPECT_EQ(stats.transport_feedbacks_sent, 1u);
}

TEST_F(SessionFeedback, GoesOutEveryHundredMilliseconds) {
  AddReceiver({.codec = VideoWithRtx()});
  for (uint16_t i = 0; i < 1000; ++i) {
    ReceiveVideo(i);
    Advance(10);
  }
  const auto feedbacks = TakeRtcp().transport_feedbacks.size();
  EXPECT_GE(feedbacks, 90u);
  EXPECT_LE(feedbacks, 101u);
  // And not when nothing comes.
  Advance(10'000);
  EXPECT_LE(TakeRtcp().transport_feedbacks.size(), 1u);
}

TEST_F(SessionFeedback, AFloodIsReportedInParts) {
  AddReceiver({.codec = VideoWithRtx()});
  for (uint16_t i = 0; i < 5000; ++i) ReceiveVideo(i);
  Advance(200);
  EXPECT_EQ(Reported().size(), 5000u);
}

TEST_F(SessionFeedback, OnlyWhereItWasNegotiated) {
  RtpCodec codec = VideoWithRtx();
  codec.feedback.transport_cc = false;
  AddReceiver({.codec = codec});
  ReceiveVideo(1);
  Advance(500);
  EXPECT_EQ(Reported(), Numbers());
}

TEST_F(SessionFeedback, SurvivesTheReceiverThatItIsAbout) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoWithRtx()});
  ReceiveVideo(1);
  transport_->RemoveReceiver(receiver);
  Advance(100);
  EXPECT_EQ(Reported(), Numbers{1});
}

TEST_F(SessionFeedback, TheLimitIsToldAtOnceAndEverySecondUntilItIsLifted) {
  RtpCodec codec = VideoCodec();
  codec.feedback.goog_remb = true;
  AddReceiver({.codec = codec});
  // With transport-wide feedback the limit is told all the same (a bound to the sender's estimate).
  AddReceiver({.codec = WithTransportCc(AudioCodec())});
  Receive(Rtp(1, 7), kPeer);
  Receive(Rtp(1, 8, 111), kPeer);
  wakeups_.clear();
  ASSERT_TRUE(transport_->SetMaxIncomingBitrate(kLimit, now_));
  EXPECT_EQ(wakeups_, std::vector<Timestamp>{now_});
  Advance(0);
  const RtcpSeen seen = TakeRtcp();
  ASSERT_EQ(seen.rembs.size(), 1u);
  EXPECT_EQ(seen.rembs[0].to, kPeer);
  const rtcp::Remb& remb = seen.rembs[0].message;
  EXPECT_LE(remb.bitrate, kLimit);
  EXPECT_GE(remb.bitrate.bps(), kLimit.bps() * 99 / 100);
  EXPECT_EQ(std::vector<Ssrc>(remb.ssrcs.begin(), remb.ssrcs.end()), (std::vector<Ssrc>{7, 8}));
  Advance(3500);
  EXPECT_EQ(Limits().size(), 3u);
  EXPECT_EQ(transport_->session().Stats().max_incoming_bitrate, kLimit);
  ASSERT_TRUE(transport_->SetMaxIncomingBitrate(DataRate(), now_));
  Receive(Rtp(2, 7), kPeer);
  Advance(4900);
  EXPECT_EQ(Limits(), Rates(IncomingLimit::kLiftedRepeats, 0));
  EXPECT_EQ(transport_->session().Stats().rembs_sent, 8u);
}

TEST_F(SessionFeedback, ANewSenderIsToldTheLimitAtOnce) {
  RtpCodec codec = VideoCodec();
  codec.feedback.goog_remb = true;
  AddReceiver({.codec = codec});
  ASSERT_TRUE(transport_->SetMaxIncomingBitrate(kLimit, now_));
  Advance(2500);
  EXPECT_TRUE(Limits().empty());
  Receive(Rtp(1), kPeer);
  Advance(0);
  EXPECT_EQ(Limits().size(), 1u);
}

TEST_F(SessionFeedback, WhoUnderstandsNoRembGetsNone) {
  AddReceiver({.codec = VideoCodec()});
  Receive(Rtp(1), kPeer);
  ASSERT_TRUE(transport_->SetMaxIncomingBitrate(kLimit, now_));
  Advance(3000);
  EXPECT_TRUE(Limits().empty());
}

TEST_F(SessionFeedback, ALimitBelowZeroIsAnError) {
  const Status status = transport_->SetMaxIncomingBitrate(DataRate::BitsPerSecond(-1), now_);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().field, "bitrate");
  EXPECT_EQ(transport_->session().Stats().max_incoming_bitrate, DataRate());
}

}  // namespace
}  // namespace sfu::test
