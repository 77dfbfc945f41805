// RTCP with a neighbour: what is told on, and what is understood.
#include "transport/neighbour_rtcp.h"

#include "tests/unit/transport/transport_fixture.h"

namespace sfu::test {
namespace {

class Wishes : public NeighbourWishes {
 public:
  void OnKeyFrameWanted() override { ++key_frames; }
  void OnPacketWanted(uint16_t sequence_number) override { packets.push_back(sequence_number); }
  int key_frames = 0;
  std::vector<uint16_t> packets;
};

class NeighbourRtcp : public TransportFixture {
 protected:
  RtcpListener Listener() {
    return [this](ByteView bytes) { told_.push_back({{}, {}, Bytes(bytes.begin(), bytes.end())}); };
  }
  std::vector<CapturingSocket::Datagram> told_;
};

TEST_F(NeighbourRtcp, HearsWhatThePeerSaysOfItsStream) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  receiver->SetRtcpListener(Listener());
  Receive(Rtp(1), Ip(1, 4000));
  rtcp::SenderReport report;
  report.sender_ssrc = 7;
  report.ntp = NtpTime(77, 0);
  report.rtp_timestamp = 3000;
  report.blocks.Add({.ssrc = 99});
  rtcp::Sdes sdes;
  sdes.chunks.Add({7, "camera"});
  Receive(Rtcp(report, sdes), Ip(1, 4000));
  Receive(Bye(7), Ip(1, 4000));
  const RtcpSeen seen = ReadRtcp(told_);
  ASSERT_EQ(seen.sender_reports.size(), 1u);
  EXPECT_EQ(seen.sender_reports[0].message.sender_ssrc, 7u);
  EXPECT_EQ(seen.sender_reports[0].message.ntp, NtpTime(77, 0));
  EXPECT_TRUE(seen.sender_reports[0].message.blocks.empty());
  EXPECT_EQ(seen.cnames, std::vector<std::string>{"camera"});
  ASSERT_EQ(seen.byes.size(), 1u);
  EXPECT_EQ(seen.byes[0].message, 7u);
}

TEST_F(NeighbourRtcp, AForgedReportIsNotToldOn) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  receiver->SetRtcpListener(Listener());
  Receive(Rtp(1), Ip(1, 4000));
  Receive(SenderReport(7, now_, 0), Ip(2, 4000));
  EXPECT_TRUE(told_.empty());
}

TEST_F(NeighbourRtcp, AReportBeforeTheFirstPacketIsToldWithIt) {
  RtpReceiver* receiver = AddReceiver({.codec = VideoCodec()});
  receiver->SetRtcpListener(Listener());
  Receive(SenderReport(7, now_, 1234), Ip(1, 4001));
  EXPECT_TRUE(told_.empty());
  Receive(Rtp(1), Ip(1, 4000));
  const RtcpSeen seen = ReadRtcp(told_);
  ASSERT_EQ(seen.sender_reports.size(), 1u);
  EXPECT_EQ(seen.sender_reports[0].message.rtp_timestamp, 1234u);
}

TEST(NeighbourWishesTest, OnlyOfItsOwnStream) {
  Wishes wishes;
  EXPECT_TRUE(ReadNeighbourRtcp(Nack(7, {3, 5, 30}), 7, &wishes));
  EXPECT_TRUE(ReadNeighbourRtcp(Nack(8, {9}), 7, &wishes));
  EXPECT_EQ(wishes.packets, (std::vector<uint16_t>{3, 5, 30}));
  EXPECT_TRUE(ReadNeighbourRtcp(Rtcp(rtcp::Pli{1, 7}), 7, &wishes));
  EXPECT_TRUE(ReadNeighbourRtcp(Rtcp(rtcp::Pli{1, 8}), 7, &wishes));
  rtcp::Fir fir;
  fir.entries.Add({7, 0});
  fir.entries.Add({8, 0});
  EXPECT_TRUE(ReadNeighbourRtcp(Rtcp(fir), 7, &wishes));
  EXPECT_EQ(wishes.key_frames, 2);
}

TEST(NeighbourWishesTest, BrokenRtcpStopsWhereItBreaks) {
  Wishes wishes;
  Bytes bytes = Rtcp(rtcp::Pli{1, 7});
  bytes.insert(bytes.end(), {0x81, 206, 0, 200, 1, 2, 3, 4});
  EXPECT_FALSE(ReadNeighbourRtcp(bytes, 7, &wishes));
  EXPECT_EQ(wishes.key_frames, 1);
  EXPECT_FALSE(ReadNeighbourRtcp(Bytes{0x80}, 7, &wishes));
}

}  // namespace
}  // namespace sfu::test
