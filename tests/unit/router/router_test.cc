// The Router: errors that name the field, ends in any order, and ends from inside a sink.
#include "router/router.h"

#include "tests/support/packet_builder.h"
#include "tests/unit/router/router_fixture.h"

namespace sfu {
namespace {

class RouterTest : public RouterFixture {};

TEST_F(RouterTest, RefusesWithTheFieldNamedAndChangesNothing) {
  ProducerOptions again;
  again.id = "cam";
  EXPECT_EQ(router_.CreateProducer(again).error().field, "id");
  ProducerOptions bad;
  bad.codec.payload_type = 200;
  EXPECT_EQ(router_.CreateProducer(bad).error().field, "codec.payloadType");
  bad.codec.payload_type = 96;
  bad.codec.clock_rate = 0;
  EXPECT_EQ(router_.CreateProducer(bad).error().field, "codec.clockRate");
  EXPECT_EQ(router_.CreateConsumer({.producer_id = "nobody"}).error().field, "producerId");
  EXPECT_EQ(router_.CreateConsumer({.producer_id = "cam", .payload_type = 128}).error().field,
            "payloadType");
  EXPECT_EQ(router_.producer_count(), 1u);
  EXPECT_EQ(router_.consumer_count(), 0u);
}

TEST_F(RouterTest, MakesDistinctIdsAndSsrcs) {
  Consumer* a = router_.CreateConsumer({.producer_id = "cam"}).value();
  Consumer* b = router_.CreateConsumer({.producer_id = "cam"}).value();
  EXPECT_NE(a->id(), b->id());
  EXPECT_EQ(a->id().size(), 36u);
  EXPECT_NE(a->ssrc(), b->ssrc());
  EXPECT_EQ(router_.FindConsumer(a->id()), a);
}

TEST_F(RouterTest, ClosingAProducerClosesItsConsumers) {
  RecordingSink sink;
  Consume(&sink);
  router_.CloseProducer(producer_);
  EXPECT_EQ(router_.producer_count(), 0u);
  EXPECT_EQ(router_.consumer_count(), 0u);
}

// Closes something from inside the flow, as an application's callback may.
class ClosingSink : public RtpBatchSink {
 public:
  explicit ClosingSink(std::function<void()> action) : action_(std::move(action)) {}
  void OnRtpBatch(const RtpBatch&, Timestamp) override {
    ++batches;
    action_();
  }
  int batches = 0;

 private:
  std::function<void()> action_;
};

TEST_F(RouterTest, AConsumerMayCloseItselfAndOthersFromInsideItsSink) {
  RecordingSink last_sink;
  Consumer* first = nullptr;
  Consumer* second = nullptr;
  ClosingSink closing([&] {
    router_.CloseConsumer(first);
    router_.CloseConsumer(second);
  });
  RecordingSink second_sink;
  first = Consume(&closing);
  second = Consume(&second_sink);
  Consume(&last_sink);
  Send({.index = 0, .key = true});
  Send({.index = 1});
  EXPECT_EQ(closing.batches, 1);
  EXPECT_TRUE(second_sink.packets.empty());
  EXPECT_EQ(last_sink.packets.size(), 2u);
  EXPECT_EQ(router_.consumer_count(), 1u);
}

TEST_F(RouterTest, AProducerMayBeClosedFromInsideASink) {
  ClosingSink closing([&] { router_.CloseProducer(producer_); });
  RecordingSink sink;
  Consume(&closing);
  Consume(&sink);
  Send({.index = 0, .key = true});
  EXPECT_TRUE(sink.packets.empty());
  EXPECT_EQ(router_.producer_count(), 0u);
}

TEST_F(RouterTest, AConsumerAddedFromInsideASinkStartsWithTheNextBatch) {
  RecordingSink late;
  bool added = false;
  ClosingSink adding([&] {
    if (!std::exchange(added, true)) Consume(&late);
  });
  Consume(&adding);
  Send({.index = 0, .key = true});
  EXPECT_TRUE(late.packets.empty());
  Send({.index = 1, .key = true});
  EXPECT_EQ(late.packets.size(), 1u);
}

TEST_F(RouterTest, KeyFrameRequestsOfManyConsumersBecomeTwoPerSecond) {
  std::vector<std::unique_ptr<RecordingSink>> sinks;
  for (int i = 0; i < 200; ++i) {
    sinks.push_back(std::make_unique<RecordingSink>());
    Consume(sinks.back().get());
    if (router_.NextDeadline() <= now()) router_.HandleTimeout(now());
    now_ms_ += 5;
  }
  EXPECT_EQ(source_.requests.size(), 2u);
  EXPECT_EQ(source_.requests[1] - source_.requests[0], 500);
  EXPECT_FALSE(wakeups_.empty());
}

TEST_F(RouterTest, PliFloodFromOneConsumer) {
  RecordingSink sink;
  Consumer* consumer = Consume(&sink);
  source_.requests.clear();
  now_ms_ += 1000;
  for (int i = 0; i < 1000; ++i, ++now_ms_) {
    consumer->RequestKeyFrame(now());
    router_.HandleTimeout(now());
  }
  EXPECT_LE(source_.requests.size(), 3u);
  EXPECT_EQ(consumer->stats().key_frame_requests, 1001u);
}

TEST_F(RouterTest, AProducerHearsHowLoudItIs) {
  ProducerOptions options;
  options.id = "mic";
  options.codec.kind = MediaKind::kAudio;
  options.codec.id = CodecId::kOpus;
  options.codec.payload_type = 111;
  options.codec.extensions[static_cast<size_t>(ExtensionType::kAudioLevel)] = 5;
  Producer* producer = router_.CreateProducer(options).value();
  BatchAssembler assembler(PacketRing::kAudioRetention);
  assembler.SetSink(producer);
  // Of id 5: no voice, -30 dBov; the second packet has another id.
  int64_t index = 0;
  for (const uint8_t element : {uint8_t{0x50}, uint8_t{0x40}}) {
    const test::Bytes bytes = test::BuildRtpPacket(
        {.payload_type = 111, .extension = {element, static_cast<uint8_t>(30 + index)}});
    const RtpPacketRef packet = test::PoolPacket(pool_, bytes, ++index, now());
    packet->FindExtensions(options.codec.extensions);
    assembler.Add(packet);
    assembler.Flush(now());
  }
  ASSERT_TRUE(producer->stats().audio_level);
  EXPECT_EQ(producer->stats().audio_level->minus_dbov, 30);
}

}  // namespace
}  // namespace sfu
