// What a sender says beside its media: how the picture is to be turned, and when it was captured.
#include <cstdlib>
#include <tuple>

#include "router/router.h"
#include "tests/unit/transport/transport_fixture.h"

namespace sfu::test {
namespace {

constexpr uint8_t kOrientationId = 4;
constexpr uint8_t kCaptureId = 6;

const SocketAddress kPeer = Ip(1, 4000);

class Values : public TransportFixture {
 protected:
  Values() { EXPECT_TRUE(transport_->Connect({.rtp = kPeer})); }

  static RtpCodec WithExtensions(RtpCodec codec) {
    codec.extensions[static_cast<size_t>(ExtensionType::kVideoOrientation)] = kOrientationId;
    codec.extensions[static_cast<size_t>(ExtensionType::kAbsCaptureTime)] = kCaptureId;
    return codec;
  }
  void ReceiveTurned(uint16_t sequence, uint8_t value) {
    Receive(BuildRtpPacket({.ssrc = 7,
                            .sequence_number = sequence,
                            .timestamp = sequence * 3000U,
                            .extension = {kOrientationId << 4, value},
                            .payload = {0x10, 1, 2, 3}}),
            kPeer);
    Advance(1);
  }
  // A packet captured at `capture` by the sender's wall clock.
  static Bytes Captured(Ssrc ssrc, uint8_t payload_type, uint16_t sequence, uint32_t timestamp,
                        NtpTime capture, std::optional<int64_t> offset = std::nullopt) {
    const AbsCaptureTime time{capture, offset};
    Bytes block(1 + time.size());
    block[0] = static_cast<uint8_t>(kCaptureId << 4 | (time.size() - 1));
    EXPECT_TRUE(time.Write(MutableBytes(block).subspan(1)));
    return BuildRtpPacket({.ssrc = ssrc,
                           .payload_type = payload_type,
                           .sequence_number = sequence,
                           .timestamp = timestamp,
                           .extension = block,
                           .payload = {0x10, 1, 2, 3}});
  }
  static NtpTime Wall(Timestamp t) {
    return NtpTime::FromUnixNanos(1'600'000'000'000'000'000 + t.ns());
  }
  // Sound that takes 150 ms longer on its way than the picture, without sender reports: how far
  // apart the captures of one moment come out in the end.
  int64_t SkewMs(bool with_capture_times, std::optional<int64_t> offset = std::nullopt) {
    Make({});
    EXPECT_TRUE(transport_->Connect({.rtp = kPeer}));
    recorder_.packets.clear();
    BatchRecorder sound;
    AddReceiver({.codec = WithExtensions(VideoCodec())});
    AddReceiver({.codec = WithExtensions(AudioCodec())})->SetSink(&sound);
    const auto packet = [&](Ssrc ssrc, uint8_t pt, int i, uint32_t rate, Timestamp capture) {
      const auto timestamp = static_cast<uint32_t>(i) * rate / 50 + ssrc * 10'000;
      const auto sequence = static_cast<uint16_t>(i);
      return with_capture_times ? Captured(ssrc, pt, sequence, timestamp, Wall(capture), offset)
                                : BuildRtpPacket({.ssrc = ssrc,
                                                  .payload_type = pt,
                                                  .sequence_number = sequence,
                                                  .timestamp = timestamp,
                                                  .payload = {0x10, 1, 2, 3}});
    };
    for (int i = 0; i < 100; ++i) {
      now_ += TimeDelta::Millis(20);
      Receive(packet(7, 96, i, 90'000, now_), kPeer);
      Receive(packet(8, 111, i, 48'000, now_ - TimeDelta::Millis(150)), kPeer);
    }
    // The sound of moment i - 7.5 comes with the picture of moment i.
    const TimeDelta between = recorder_.packets.back().capture - sound.packets.back().capture;
    transport_.reset();
    return std::abs(between.ms() - 150);
  }
};

using Turned = std::tuple<bool, bool, int>;

TEST_F(Values, OrientationIsToldFirstAndWhenItChanges) {
  RtpReceiver* receiver = AddReceiver({.codec = WithExtensions(VideoCodec())});
  Router router(1);
  Producer* producer =
      router.CreateProducer({.id = "p", .codec = WithExtensions(VideoCodec())}).value();
  receiver->SetSink(producer);
  std::vector<Turned> of_receiver;
  std::vector<Turned> of_producer;
  receiver->SetOrientationListener([&](const VideoOrientation& o) {
    of_receiver.emplace_back(o.back_camera, o.flip, o.rotation);
  });
  producer->SetOrientationListener([&](const VideoOrientation& o) {
    of_producer.emplace_back(o.back_camera, o.flip, o.rotation);
  });
  ReceiveTurned(1, 0x00);
  ReceiveTurned(2, 0x00);
  ReceiveTurned(4, 0x09);
  ReceiveTurned(3, 0x00);  // late: says nothing about now
  Receive(Rtp(5), kPeer);  // says nothing at all
  ReceiveTurned(6, 0x09);
  ReceiveTurned(7, 0x0f);
  const std::vector<Turned> expected = {{false, false, 0}, {true, false, 90}, {true, true, 270}};
  EXPECT_EQ(of_receiver, expected);
  EXPECT_EQ(of_producer, expected);
  EXPECT_EQ(receiver->Stats(now_).orientation->rotation, 270);
  EXPECT_EQ(producer->orientation()->rotation, 270);
}

TEST_F(Values, TheProducerMayBeClosedByWhoHearsOfIt) {
  RtpReceiver* receiver = AddReceiver({.codec = WithExtensions(VideoCodec())});
  Router router(1);
  Producer* producer =
      router.CreateProducer({.id = "p", .codec = WithExtensions(VideoCodec())}).value();
  receiver->SetSink(producer);
  BatchRecorder recorder;
  router.CreateConsumer({.producer_id = "p"}).value()->SetSink(&recorder, now_);
  producer->SetOrientationListener([&](const VideoOrientation&) {
    receiver->SetSink(nullptr);
    router.CloseProducer(producer);
  });
  ReceiveTurned(1, 0x01);
  ReceiveTurned(2, 0x02);
  EXPECT_EQ(router.producer_count(), 0u);
  EXPECT_TRUE(recorder.packets.empty());
}

TEST_F(Values, WithoutCaptureTimesStreamsStandAlone) { EXPECT_GT(SkewMs(false), 100); }

TEST_F(Values, CaptureTimesAlignStreamsBeforeTheFirstReport) {
  EXPECT_LT(SkewMs(true), 25);
  EXPECT_LT(SkewMs(true, 0), 25);
}

TEST_F(Values, ACapturerWithAnotherClockIsNotBelieved) {
  EXPECT_GT(SkewMs(true, int64_t{5} << 32), 100);
}

TEST_F(Values, AReportOutweighsCaptureTimes) {
  AddReceiver({.codec = WithExtensions(VideoCodec())});
  const auto start = now_;
  const auto wrong = [&](int i) {
    return Captured(7, 96, static_cast<uint16_t>(i), static_cast<uint32_t>(i) * 1800,
                    Wall(now_ + TimeDelta::Seconds(3600 * (i % 7))));
  };
  Receive(Captured(7, 96, 0, 0, Wall(now_)), kPeer);
  Receive(SenderReport(7, now_, 0), kPeer);
  for (int i = 1; i < 200; ++i) {
    now_ += TimeDelta::Millis(20);
    Receive(wrong(i), kPeer);
  }
  const TimeDelta passed = recorder_.packets.back().capture - start;
  EXPECT_NEAR(static_cast<double>(passed.ms()), 199.0 * 20, 25);
}

}  // namespace
}  // namespace sfu::test
