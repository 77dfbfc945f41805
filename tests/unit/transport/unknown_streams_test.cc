// Which streams without receiver are told about, and how often.
#include "transport/unknown_streams.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

constexpr Timestamp At(int64_t ms) { return Timestamp::FromNanos(ms * 1'000'000); }

TEST(UnknownStreams, OnePacketIsAStray) {
  UnknownStreams streams;
  EXPECT_FALSE(streams.OnPacket(1, 0, false, At(1000)));
  EXPECT_TRUE(streams.OnPacket(1, 0, false, At(1020)));
  EXPECT_FALSE(streams.OnPacket(1, 0, false, At(1040))) << "told already";
}

TEST(UnknownStreams, PacketsFarApartAreStrays) {
  UnknownStreams streams;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(streams.OnPacket(1, 0, false, At(1000 + i * 1000)));
}

TEST(UnknownStreams, TellsAgainWhenNobodyCared) {
  UnknownStreams streams;
  int told = 0;
  for (int ms = 0; ms < 11'000; ms += 20) told += streams.OnPacket(1, 0, false, At(ms)) ? 1 : 0;
  EXPECT_EQ(told, 3);
}

// A sender that began anew is not a second stream.
TEST(UnknownStreams, ARivalMustGoOnForLonger) {
  UnknownStreams streams;
  for (int ms = 0; ms < 1500; ms += 20) {
    EXPECT_FALSE(streams.OnPacket(1, 96, true, At(ms))) << ms << " ms";
  }
  EXPECT_TRUE(streams.OnPacket(1, 96, true, At(1500)));
}

TEST(UnknownStreams, AFloodTellsNoMoreThanTheBound) {
  UnknownStreams streams;
  uint32_t told = 0;
  for (Ssrc ssrc = 1; ssrc <= 10'000; ++ssrc) {
    for (int i = 0; i < 2; ++i) told += streams.OnPacket(ssrc, 96, false, At(500)) ? 1 : 0;
  }
  EXPECT_EQ(told, UnknownStreams::kMaxTold);
}

TEST(UnknownStreams, TheLongestSilentGivesItsPlace) {
  UnknownStreams streams;
  for (Ssrc ssrc = 1; ssrc <= UnknownStreams::kMax; ++ssrc) {
    streams.OnPacket(ssrc, 96, false, At(static_cast<int64_t>(ssrc)));
  }
  streams.OnPacket(99, 96, false, At(100));
  EXPECT_TRUE(streams.OnPacket(2, 96, false, At(101))) << "kept";
  EXPECT_FALSE(streams.OnPacket(1, 96, false, At(102))) << "forgotten";
}

}  // namespace
}  // namespace sfu
