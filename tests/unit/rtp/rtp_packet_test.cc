// The packet pool: slots are used again, packets may outlive the pool and be dropped elsewhere.
#include "rtp/rtp_packet.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace sfu {
namespace {

TEST(RtpPacketPool, UsesSlotsAgainAndBlanksThem) {
  RtpPacketPool pool;
  const RtpPacket* first = nullptr;
  {
    RtpPacketRef packet = pool.Allocate(100);
    first = packet.get();
    packet->recovered = true;
    packet->header.ssrc = 5;
  }
  std::set<const RtpPacket*> seen;
  std::vector<RtpPacketRef> held;
  for (int i = 0; i < 64; ++i) {
    held.push_back(pool.Allocate(100));
    seen.insert(held.back().get());
    EXPECT_FALSE(held.back()->recovered);
    EXPECT_EQ(held.back()->header.ssrc, 0u);
  }
  EXPECT_EQ(seen.size(), 64u);
  EXPECT_TRUE(seen.contains(first));
}

TEST(RtpPacketPool, RefusesOversize) {
  RtpPacketPool pool;
  EXPECT_FALSE(pool.Allocate(kMaxDatagramSize + 1));
  RtpPacketRef packet = pool.Allocate(kMaxDatagramSize);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->mutable_bytes().size(), kMaxDatagramSize);
}

TEST(RtpPacketPool, IsBounded) {
  RtpPacketPool pool;
  std::vector<RtpPacketRef> held;
  for (size_t i = 0; i < RtpPacketPool::kMaxPackets; ++i) held.push_back(pool.Allocate(1));
  EXPECT_TRUE(held.back());
  EXPECT_FALSE(pool.Allocate(1));
  held.pop_back();
  EXPECT_TRUE(pool.Allocate(1));
}

TEST(RtpPacketPool, PacketsOutliveThePoolAndAreDroppedOnOtherThreads) {
  RtpPacketRef survivor;
  {
    RtpPacketPool pool;
    for (int round = 0; round < 100; ++round) {
      std::vector<RtpPacketRef> batch;
      for (int i = 0; i < 100; ++i) batch.push_back(pool.Allocate(1200));
      survivor = batch[50];
      std::thread([moved = std::move(batch)]() mutable { moved.clear(); }).join();
    }
  }
  survivor->mutable_bytes()[0] = 1;
  EXPECT_EQ(survivor->bytes()[0], 1);
}

}  // namespace
}  // namespace sfu
