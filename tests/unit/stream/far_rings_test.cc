// Rings of streams that come from another Worker.
#include "stream/far_rings.h"

#include <gtest/gtest.h>

#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

class FarRingsTest : public testing::Test {
 protected:
  RtpPacketRef Packet(int64_t index, Ssrc ssrc = 7) {
    return test::PoolPacket(
        pool_,
        test::BuildRtpPacket({.ssrc = ssrc, .sequence_number = static_cast<uint16_t>(index)}),
        index, Timestamp::FromMillis(index));
  }
  // As it comes from the other Worker.
  RtpBatch Batch(const RtpPacketRef& packet) {
    RtpBatch batch;
    batch.ring = origin_;
    batch.entries.push_back({.packet = packet.get()});
    return batch;
  }

  RtpPacketPool pool_;
  std::shared_ptr<const PacketRing> origin_ =
      std::make_shared<PacketRing>(PacketRing::kVideoRetention);
  FarRings rings_;
};

TEST_F(FarRingsTest, PacketsCanBeFoundHereAndLiveOn) {
  FarHistory history(&rings_);
  RtpPacketRef packet = Packet(5);
  RtpBatch batch = Batch(packet);
  history.Adopt(&batch, PacketRing::kVideoRetention);
  EXPECT_NE(batch.ring, origin_);
  const RtpPacket* kept = packet.get();
  packet.Reset();
  ASSERT_EQ(batch.ring->Find(5), kept);
  EXPECT_EQ(kept->header.sequence_number, 5);
}

TEST_F(FarRingsTest, ReceiversOfOneStreamShareARing) {
  FarHistory first(&rings_);
  FarHistory second(&rings_);
  const RtpPacketRef packet = Packet(5);
  RtpBatch a = Batch(packet);
  RtpBatch b = Batch(packet);
  first.Adopt(&a, PacketRing::kVideoRetention);
  second.Adopt(&b, PacketRing::kVideoRetention);
  EXPECT_EQ(a.ring, b.ring);
  EXPECT_EQ(a.ring->count(), 1u);
}

TEST_F(FarRingsTest, AnotherSsrcIsAnotherHistory) {
  FarHistory history(&rings_);
  const RtpPacketRef old_one = Packet(5);
  const RtpPacketRef new_one = Packet(5, 8);
  RtpBatch a = Batch(old_one);
  RtpBatch b = Batch(new_one);
  history.Adopt(&a, PacketRing::kVideoRetention);
  history.Adopt(&b, PacketRing::kVideoRetention);
  EXPECT_NE(a.ring, b.ring);
  EXPECT_EQ(b.ring->Find(5), new_one.get());
}

TEST_F(FarRingsTest, EncodingsThatTakeTurnsKeepTheirRings) {
  FarHistory history(&rings_);
  const auto other = std::make_shared<PacketRing>(PacketRing::kVideoRetention);
  std::shared_ptr<const PacketRing> low;
  std::shared_ptr<const PacketRing> high;
  for (int64_t i = 1; i <= 20; ++i) {
    const RtpPacketRef a = Packet(i, 7);
    const RtpPacketRef b = Packet(i, 8);
    RtpBatch first = Batch(a);
    RtpBatch second = Batch(b);
    second.ring = other;
    second.encoding = 1;
    history.Adopt(&first, PacketRing::kVideoRetention);
    history.Adopt(&second, PacketRing::kVideoRetention);
    low = first.ring;
    high = second.ring;
  }
  EXPECT_EQ(low->count(), 20u);
  EXPECT_EQ(high->count(), 20u);
  EXPECT_EQ(rings_.size(), 2u);
  const RtpPacketRef packet = Packet(1);
  RtpBatch beyond = Batch(packet);
  beyond.encoding = kMaxBatchEncodings;
  history.Adopt(&beyond, PacketRing::kVideoRetention);
  EXPECT_EQ(beyond.ring, nullptr);
}

TEST_F(FarRingsTest, RingsGoWithTheirReceivers) {
  for (Ssrc ssrc = 1; ssrc <= 100; ++ssrc) {
    FarHistory history(&rings_);
    const RtpPacketRef packet = Packet(1, ssrc);
    RtpBatch batch = Batch(packet);
    history.Adopt(&batch, PacketRing::kVideoRetention);
  }
  EXPECT_LE(rings_.size(), 2u);
}

TEST_F(FarRingsTest, ABatchWithoutHistoryStaysSo) {
  FarHistory history(&rings_);
  const RtpPacketRef packet = Packet(1);
  RtpBatch batch = Batch(packet);
  batch.ring = nullptr;
  history.Adopt(&batch, PacketRing::kVideoRetention);
  EXPECT_EQ(batch.ring, nullptr);
}

}  // namespace
}  // namespace sfu
