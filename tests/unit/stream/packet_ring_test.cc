// The packet ring: what is found, and that both bounds hold.
#include "stream/packet_ring.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

class PacketRingTest : public testing::Test {
 protected:
  void Insert(int64_t index, int64_t arrival_ms) {
    RtpPacketRef packet = pool_.Allocate(10);
    packet->index = index;
    packet->arrival = Timestamp::FromMillis(arrival_ms);
    ring_.Insert(packet);
  }
  RtpPacketPool pool_;
  PacketRing ring_{TimeDelta::Seconds(2)};
};

TEST_F(PacketRingTest, FindsWhatIsThereInAnyOrderOfArrival) {
  Insert(100, 0);
  Insert(103, 1);
  Insert(101, 2);
  Insert(99, 3);
  EXPECT_EQ(ring_.Find(99)->index, 99);
  EXPECT_EQ(ring_.Find(100)->index, 100);
  EXPECT_EQ(ring_.Find(101)->index, 101);
  EXPECT_EQ(ring_.Find(102), nullptr);
  EXPECT_EQ(ring_.Find(103)->index, 103);
  EXPECT_EQ(ring_.Find(104), nullptr);
  EXPECT_EQ(ring_.count(), 4u);
}

TEST_F(PacketRingTest, ForgetsByTime) {
  for (int i = 0; i < 1000; ++i) Insert(i, i * 10);
  EXPECT_EQ(ring_.Find(700), nullptr);
  EXPECT_NE(ring_.Find(800), nullptr);
  EXPECT_LE(ring_.count(), 201u);
  ring_.Expire(Timestamp::FromMillis(20'000));
  EXPECT_TRUE(ring_.empty());
}

TEST_F(PacketRingTest, ForgetsByCount) {
  for (int i = 0; i < 10'000; ++i) Insert(i, 0);
  EXPECT_EQ(ring_.count(), PacketRing::kMaxPackets);
  EXPECT_EQ(ring_.Find(10'000 - 4097), nullptr);
  EXPECT_NE(ring_.Find(10'000 - 4096), nullptr);
  Insert(10'000 - 5000, 0);
  EXPECT_EQ(ring_.count(), PacketRing::kMaxPackets);
}

TEST_F(PacketRingTest, SurvivesJumps) {
  Insert(1'000'000, 0);
  Insert(1'030'000, 1);
  EXPECT_EQ(ring_.count(), 1u);
  EXPECT_NE(ring_.Find(1'030'000), nullptr);
  Insert(1'000'001, 2);  // far behind: refused
  EXPECT_EQ(ring_.count(), 1u);
  Insert(1'030'000 - 100, 3);
  EXPECT_EQ(ring_.count(), 2u);
  EXPECT_NE(ring_.Find(1'030'000), nullptr);
}

TEST_F(PacketRingTest, AgainTheSameIndexReplaces) {
  Insert(5, 0);
  Insert(5, 1);
  EXPECT_EQ(ring_.count(), 1u);
  EXPECT_EQ(ring_.Find(5)->arrival.ms(), 1);
}

}  // namespace
}  // namespace sfu
