// The limits of what may be sent.
#include "congestion/outgoing_bitrate.h"

#include <gtest/gtest.h>

#include <string>

namespace sfu {
namespace {

std::string FieldOf(const Status& status) { return status ? "" : status.error().field; }

TEST(OutgoingBitrate, IsTheInitialOneWithinTheLimits) {
  OutgoingBitrate bitrate;
  EXPECT_EQ(bitrate.available().bps(), 600'000);
  EXPECT_TRUE(bitrate.SetInitial(DataRate::KilobitsPerSecond(1'000)));
  EXPECT_EQ(bitrate.available().bps(), 1'000'000);
  EXPECT_TRUE(bitrate.SetMax(DataRate::KilobitsPerSecond(800)));
  EXPECT_EQ(bitrate.available().bps(), 800'000);
  EXPECT_TRUE(bitrate.SetMax(DataRate()));
  EXPECT_TRUE(bitrate.SetMin(DataRate::KilobitsPerSecond(2'000)));
  EXPECT_EQ(bitrate.available().bps(), 2'000'000);
  EXPECT_TRUE(bitrate.SetMin(DataRate()));
  EXPECT_EQ(bitrate.available().bps(), 1'000'000);
}

TEST(OutgoingBitrate, WrongLimitsChangeNothing) {
  OutgoingBitrate bitrate;
  EXPECT_EQ(FieldOf(bitrate.SetInitial(DataRate())), "initialAvailableOutgoingBitrate");
  EXPECT_EQ(FieldOf(bitrate.SetMax(DataRate::BitsPerSecond(29'999))), "maxOutgoingBitrate");
  EXPECT_EQ(FieldOf(bitrate.SetMin(DataRate::BitsPerSecond(29'999))), "minOutgoingBitrate");
  EXPECT_TRUE(bitrate.SetMin(DataRate::KilobitsPerSecond(100)));
  EXPECT_EQ(FieldOf(bitrate.SetMax(DataRate::KilobitsPerSecond(99))), "maxOutgoingBitrate");
  EXPECT_TRUE(bitrate.SetMax(DataRate::KilobitsPerSecond(200)));
  EXPECT_EQ(FieldOf(bitrate.SetMin(DataRate::KilobitsPerSecond(201))), "minOutgoingBitrate");
  EXPECT_EQ(bitrate.max().bps(), 200'000);
  EXPECT_EQ(bitrate.min().bps(), 100'000);
  EXPECT_EQ(bitrate.available().bps(), 200'000);
}

}  // namespace
}  // namespace sfu
