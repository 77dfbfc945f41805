// The simple Consumer: begins at key frames, one unbroken stream over pauses, sources and drops.
#include "router/consumer.h"

#include "tests/unit/router/router_fixture.h"

namespace sfu {
namespace {

class ConsumerTest : public RouterFixture {
 protected:
  RecordingSink sink_;
};

TEST_F(ConsumerTest, BeginsAtAKeyFrameWhichItAsksForByItself) {
  Consumer* consumer = Consume(&sink_);
  EXPECT_EQ(source_.requests.size(), 1u);
  Send({.index = 10});
  EXPECT_TRUE(sink_.packets.empty());
  Send({.index = 11, .key = true});
  Send({.index = 12});
  ASSERT_EQ(sink_.packets.size(), 2u);
  EXPECT_EQ(sink_.packets[0].index, 11);
  EXPECT_EQ(sink_.ssrc, consumer->ssrc());
  EXPECT_EQ(sink_.payload_type, 96);
  EXPECT_EQ(consumer->stats().drops[DropReason::kWaitKeyFrame], 1u);
  EXPECT_EQ(consumer->stats().key_frames_sent, 1u);
}

TEST_F(ConsumerTest, PauseLeavesNoGapInSequenceAndTheRightOneInTime) {
  Consumer* consumer = Consume(&sink_);
  Send({.index = 0, .key = true});
  Send({.index = 1});
  consumer->Pause();
  for (int i = 2; i < 30; ++i) {
    now_ms_ += 33;
    Send({.index = i});
  }
  consumer->Resume(now());
  Send({.index = 30});
  EXPECT_EQ(sink_.packets.size(), 2u);
  now_ms_ += 33;
  Send({.index = 31, .key = true});
  ASSERT_EQ(sink_.packets.size(), 3u);
  EXPECT_EQ(sink_.packets[2].seq, sink_.packets[1].seq + 1);
  EXPECT_EQ(sink_.packets[2].timestamp - sink_.packets[1].timestamp, 30u * 3000);
  EXPECT_EQ(consumer->stats().drops[DropReason::kPaused], 28u);
}

// The same SSRC with smaller numbers: without being told, the Consumer would take them for old
// ones.
TEST_F(ConsumerTest, AStreamBegunAnewGoesOnUnbrokenWhereverItsNumbersBegin) {
  Consume(&sink_);
  Send({.index = 20'000, .key = true});
  Send({.index = 20'001});
  producer_->BeginAnew();
  Send({.index = 99});
  Send({.index = 100, .key = true});
  Send({.index = 101});
  ASSERT_EQ(sink_.packets.size(), 4u);
  EXPECT_EQ(sink_.packets[2].index, 100);
  for (size_t i = 1; i < 4; ++i) EXPECT_EQ(sink_.packets[i].seq, sink_.packets[0].seq + i);
}

TEST_F(ConsumerTest, ProducerPauseResumesAtAKeyFrameToo) {
  Consume(&sink_);
  Send({.index = 0, .key = true});
  producer_->Pause();
  Send({.index = 1});
  now_ms_ += 2000;
  producer_->Resume(now());
  EXPECT_EQ(source_.requests.size(), 2u);
  Send({.index = 2});
  Send({.index = 3, .key = true});
  ASSERT_EQ(sink_.packets.size(), 2u);
  EXPECT_EQ(sink_.packets[1].index, 3);
  EXPECT_EQ(sink_.packets[1].seq, 1);
}

TEST_F(ConsumerTest, AnotherSourceGoesOnInTheSameStream) {
  Consume(&sink_);
  Send({.index = 100, .key = true});
  now_ms_ += 1000;
  Send({.index = 90'000, .ssrc = 8});
  Send({.index = 90'001, .key = true, .ssrc = 8});
  ASSERT_EQ(sink_.packets.size(), 2u);
  EXPECT_EQ(sink_.packets[1].seq, 101);
  EXPECT_EQ(sink_.packets[1].timestamp - sink_.packets[0].timestamp, 90'000u);
}

TEST_F(ConsumerTest, PaddingOnlyIsLeftOutWithoutAGap) {
  Consume(&sink_);
  Send({.index = 0, .key = true});
  Send({.index = 1, .payload_size = 0});
  Send({.index = 2});
  ASSERT_EQ(sink_.packets.size(), 2u);
  EXPECT_EQ(sink_.packets[1].seq, 1);
}

TEST_F(ConsumerTest, ReorderedPacketsKeepTheirNumbers) {
  Consume(&sink_);
  Send({.index = 0, .key = true});
  Send({.index = 2});
  Send({.index = 1});
  ASSERT_EQ(sink_.packets.size(), 3u);
  EXPECT_EQ(sink_.packets[1].seq, 2);
  EXPECT_EQ(sink_.packets[2].seq, 1);
}

TEST_F(ConsumerTest, RepairsThatComeTooLateAreForThePatientOnly) {
  RecordingSink patient_sink;
  Consume(&sink_);
  Consumer* patient = Consume(&patient_sink);
  patient->SetPatience(TimeDelta::Seconds(3));
  EXPECT_EQ(source_.patience, TimeDelta::Seconds(3));
  Send({.index = 0, .key = true});
  Send({.index = 2});
  Send({.index = 1, .recovered = true, .late_ms = 2900});
  EXPECT_EQ(sink_.packets.size(), 2u);
  EXPECT_EQ(patient_sink.packets.size(), 3u);
  router_.CloseConsumer(patient);
  EXPECT_EQ(source_.patience, TimeDelta::Zero());
}

TEST_F(ConsumerTest, HostileIndexesStayMonotonic) {
  Consume(&sink_);
  Send({.index = 0, .key = true});
  Random random(3);
  int64_t index = 0;
  for (int i = 0; i < 1000; ++i) {
    index += 1 + static_cast<int64_t>(random.U32() % 3);
    Send({.index = index, .key = i % 50 == 0, .payload_size = static_cast<uint16_t>(i % 7)});
  }
  for (size_t i = 1; i < sink_.packets.size(); ++i) {
    EXPECT_GT(sink_.packets[i].seq, sink_.packets[i - 1].seq);
  }
}

TEST_F(ConsumerTest, TraceTellsOfRtpAndKeyFrames) {
  Consumer* consumer = Consume(&sink_);
  std::vector<TraceEvent> events;
  consumer->tracer().Enable(1u << static_cast<int>(TraceType::kKeyFrame),
                            [&](const TraceEvent& event) { events.push_back(event); });
  Send({.index = 0, .key = true});
  Send({.index = 1});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, TraceType::kKeyFrame);
  EXPECT_FALSE(events[0].incoming);
  EXPECT_EQ(events[0].ssrc, consumer->ssrc());
}

}  // namespace
}  // namespace sfu
