// Packets from the same process.
#include "stream/local_ingress.h"

#include <gtest/gtest.h>

#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

class Indexes : public RtpBatchSink {
 public:
  void OnRtpBatch(const RtpBatch& batch, Timestamp) override {
    for (const RtpBatchEntry& entry : batch.entries) {
      seen.push_back(entry.packet->index);
      found.push_back(entry.packet->places.found());
    }
    ring = batch.ring;
  }
  std::vector<int64_t> seen;
  std::vector<ExtensionSet> found;
  std::shared_ptr<const PacketRing> ring;
};

class LocalIngressTest : public testing::Test {
 protected:
  LocalIngressTest() { ingress_.SetSink(&sink_); }
  void Push(uint16_t number, Ssrc ssrc = 7) {
    const auto bytes = test::BuildRtpPacket({.ssrc = ssrc, .sequence_number = number});
    EXPECT_TRUE(ingress_.Push(bytes, now_, now_));
  }

  const Timestamp now_ = Timestamp::FromMillis(1000);
  RtpPacketPool pool_;
  LocalIngress ingress_{&pool_, RtpCodec()};
  Indexes sink_;
};

TEST_F(LocalIngressTest, NumbersAreUnwrapped) {
  Push(65'535);
  Push(0);
  ingress_.Flush(now_);
  ASSERT_EQ(sink_.seen.size(), 2U);
  EXPECT_EQ(sink_.seen[1], sink_.seen[0] + 1);
}

// Another SSRC, or a source that says so: what was unwrapped before says nothing about it.
TEST_F(LocalIngressTest, AStreamBegunAnewHasItsOwnNumbers) {
  Push(65'535);
  Push(0);
  Push(65'000, 8);
  ingress_.BeginAnew(now_);
  ASSERT_EQ(sink_.seen.size(), 3U) << "what was gathered belongs to the old stream";
  EXPECT_EQ(sink_.seen[2], sink_.seen[0] - 535);
  Push(5, 8);
  ingress_.Flush(now_);
  ASSERT_EQ(sink_.seen.size(), 4U);
  EXPECT_EQ(sink_.seen[3], sink_.seen[0] - 65'530);
  EXPECT_EQ(sink_.ring->Find(sink_.seen[2]), nullptr);
  EXPECT_NE(sink_.ring->Find(sink_.seen[3]), nullptr);
}

TEST_F(LocalIngressTest, ExtensionsAreFoundUnderTheIdsOfTheCaps) {
  RtpCodec codec;
  codec.extensions[static_cast<size_t>(ExtensionType::kAudioLevel)] = 5;
  ingress_.SetCodec(codec);
  for (const uint8_t head : {uint8_t{0x50}, uint8_t{0x40}}) {
    EXPECT_TRUE(ingress_.Push(test::BuildRtpPacket({.extension = {head, 30}}), now_, now_));
  }
  ingress_.Flush(now_);
  EXPECT_EQ(sink_.found, (std::vector<ExtensionSet>{SetOf(ExtensionType::kAudioLevel), 0}));
}

}  // namespace
}  // namespace sfu
