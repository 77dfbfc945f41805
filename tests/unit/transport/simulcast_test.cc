// A browser's simulcast from bytes to bytes: three encodings by RID, one Producer, one viewer.
#include <array>
#include <map>

#include "router/router.h"
#include "tests/unit/transport/transport_fixture.h"
#include "transport/encoding_group.h"

namespace sfu::test {
namespace {

constexpr int kLayers = 3;
constexpr uint8_t kRidId = 2;
constexpr uint8_t kRepairedRidId = 3;
constexpr Ssrc kViewerSsrc = 900;

const SocketAddress kBrowser = Ip(1, 4000);

class SimulcastTransport : public TransportFixture {
 protected:
  SimulcastTransport() : router_(1) {
    EXPECT_TRUE(transport_->Connect({.rtp = kBrowser}));
    RtpCodec codec = VideoCodec();
    codec.rtx_payload_type = 97;
    codec.extensions[static_cast<size_t>(ExtensionType::kRid)] = kRidId;
    codec.extensions[static_cast<size_t>(ExtensionType::kRepairedRid)] = kRepairedRidId;
    std::vector<RtpReceiver*> receivers;
    for (int i = 0; i < kLayers; ++i) {
      receivers.push_back(transport_
                              ->AddReceiver({.codec = codec,
                                             .rid = std::string("r").append(std::to_string(i)),
                                             .encoding = static_cast<uint8_t>(i)})
                              .value());
      sources_.emplace_back(Vp8SourceOptions{.ssrc = static_cast<Ssrc>(10 + i),
                                             .first_sequence = static_cast<uint16_t>(i * 9000),
                                             .packets_per_frame = static_cast<size_t>(1 + i),
                                             .payload_size = 200});
    }
    group_ = std::make_unique<EncodingGroup>(receivers);
    Producer* producer = router_.CreateProducer({.id = "p", .codec = codec}).value();
    group_->SetSink(producer);
    producer->SetUpstream(group_.get());
    Consumer* consumer = router_.CreateConsumer({.producer_id = "p", .ssrc = kViewerSsrc}).value();
    RtpSender* sender = transport_->AddSender({.codec = codec, .rtx_ssrc = 901}).value();
    sender->SetSource(consumer);
    consumer->SetSink(sender, now_);
  }

  // The header extension that names the stream, as browsers put it into the first packets.
  static void Name(Bytes* packet, int layer, uint8_t id) {
    const uint8_t block[] = {
        0xbe, 0xde, 0, 1, static_cast<uint8_t>(id << 4 | 1), 'r', static_cast<uint8_t>('0' + layer),
        0};
    packet->front() |= 0x10;
    packet->insert(packet->begin() + kRtpFixedHeaderSize, std::begin(block), std::end(block));
  }
  std::vector<Bytes> Frame(int layer) {
    std::vector<Bytes> packets;
    for (BuiltPacket& packet : sources_[layer].NextFrame(now_)) {
      StoreBe32(&packet.bytes[4],
                static_cast<uint32_t>(now_.ms() * 90 + int64_t{layer} * 1'000'000'000));
      Name(&packet.bytes, layer, kRidId);
      packets.push_back(packet.bytes);
    }
    return packets;
  }
  void SendFrames(std::initializer_list<int> layers) {
    for (const int layer : layers) {
      for (const Bytes& packet : Frame(layer)) Receive(packet, kBrowser);
    }
    Advance(33);
    if (router_.NextDeadline() <= now_) router_.HandleTimeout(now_);
    for (const auto& pli : TakeRtcp().plis) {
      const Ssrc ssrc = pli.message.media_ssrc;
      ++plis_[ssrc];
      sources_.at(ssrc - 10).ForceKeyFrame();
    }
  }
  // The viewer's packets among all that was sent; forgets them, RTCP too.
  RtcpSeen TakeRtcp() {
    for (const auto& datagram : socket_.sent) {
      if (ClassifyDatagram(datagram.bytes) != DatagramKind::kRtp) continue;
      const auto header = ParseRtpHeader(datagram.bytes);
      EXPECT_TRUE(header);
      if (header) viewer_.push_back({*header, datagram.bytes});
    }
    return TransportFixture::TakeRtcp();
  }

  struct Sent {
    RtpHeader header;
    Bytes bytes;
  };
  Router router_;
  std::vector<Vp8Source> sources_;
  std::unique_ptr<EncodingGroup> group_;
  std::vector<Sent> viewer_;
  std::map<Ssrc, int> plis_;
};

TEST_F(SimulcastTransport, OneUnbrokenStreamReachesTheViewer) {
  for (int i = 0; i < 60; ++i) SendFrames({0, 1, 2});
  for (int i = 0; i < 90; ++i) SendFrames({0, 1});
  for (int i = 0; i < 60; ++i) SendFrames({0, 1, 2});
  ASSERT_GT(viewer_.size(), 300u);
  for (size_t i = 0; i < viewer_.size(); ++i) {
    const RtpHeader& header = viewer_[i].header;
    ASSERT_EQ(header.ssrc, kViewerSsrc);
    if (i == 0) continue;
    const RtpHeader& before = viewer_[i - 1].header;
    ASSERT_EQ(header.sequence_number, static_cast<uint16_t>(before.sequence_number + 1));
    const auto step = static_cast<int32_t>(header.timestamp - before.timestamp);
    ASSERT_GE(step, 0);
    ASSERT_LE(step, 2 * 90'000);
  }
  // Before anything came, all were asked; later only those that were changed over to.
  EXPECT_EQ(plis_[10], 1);
  EXPECT_GE(plis_[11], 2);
  EXPECT_GE(plis_[12], 2);
  const auto& receivers = transport_->session().receivers();
  for (int i = 0; i < kLayers; ++i) {
    const RtpReceiverStats stats = receivers[i]->Stats(now_);
    EXPECT_EQ(stats.rid, std::string("r").append(std::to_string(i)));
    EXPECT_EQ(stats.ssrc, static_cast<Ssrc>(10 + i));
    EXPECT_EQ(stats.encoding, i);
    EXPECT_GT(stats.stream.packets, 100u);
  }
}

TEST_F(SimulcastTransport, RepairsReachBackBehindAChangeOver) {
  for (int i = 0; i < 60; ++i) SendFrames({0, 1, 2});
  const size_t last_high = viewer_.size() - 1;
  for (int i = 0; i < 45; ++i) SendFrames({0, 1});
  ASSERT_GT(viewer_.size(), last_high + 3);
  const Sent& low = viewer_.back();
  const Sent& high = viewer_[last_high];
  const uint16_t lost[] = {high.header.sequence_number, low.header.sequence_number};
  viewer_.clear();
  Receive(Nack(kViewerSsrc, {lost[0], lost[1]}), kBrowser);
  TakeRtcp();
  std::vector<uint16_t> repaired;
  for (const Sent& sent : viewer_) {
    if (sent.header.ssrc == 901) repaired.push_back(LoadBe16(&sent.bytes[sent.header.header_size]));
  }
  EXPECT_EQ(repaired, (std::vector<uint16_t>{lost[0], lost[1]}));
}

TEST_F(SimulcastTransport, LossOfOneEncodingIsRepairedByItsOwnRtx) {
  SendFrames({0, 1, 2});
  std::vector<Bytes> frame = Frame(2);
  Receive(frame[0], kBrowser);
  Receive(frame[2], kBrowser);
  // The lost one as RTX under an SSRC never seen, named by its repaired RID.
  const auto header = ParseRtpHeader(frame[1]);
  Bytes rtx = BuildRtpPacket({.ssrc = 812, .payload_type = 97, .timestamp = header->timestamp});
  Name(&rtx, 2, kRepairedRidId);
  rtx.push_back(static_cast<uint8_t>(header->sequence_number >> 8));
  rtx.push_back(static_cast<uint8_t>(header->sequence_number));
  rtx.insert(rtx.end(), frame[1].begin() + header->header_size, frame[1].end());
  Receive(rtx, kBrowser);
  const auto& receivers = transport_->session().receivers();
  EXPECT_EQ(receivers[2]->Stats(now_).stream.repaired, 1u);
  EXPECT_EQ(receivers[2]->Stats(now_).rtx_ssrc, 812u);
  EXPECT_EQ(receivers[0]->Stats(now_).rtx_ssrc, 0u);
}

}  // namespace
}  // namespace sfu::test
