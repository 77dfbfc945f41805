// NTP time: both forms, conversion to nanoseconds, wraps, and the round-trip time made of them.
#include "rtp/ntp_time.h"

#include <gtest/gtest.h>

#include <array>

#include "base/random.h"

namespace sfu {
namespace {

TEST(NtpTime, ConvertsNanosecondsThereAndBack) {
  EXPECT_EQ(NtpTime::FromNanos(0).value(), 0u);
  EXPECT_EQ(NtpTime::FromNanos(1'500'000'000).value(), 0x1'8000'0000u);
  EXPECT_EQ(NtpTime::FromUnixNanos(0).seconds(), 2'208'988'800u);
  EXPECT_EQ(NtpTime::FromUnixNanos(250'000'000).fraction(), 0x4000'0000u);
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const auto ns = static_cast<int64_t>(random.U64() % 4'294'967'296'000'000'000u);
    EXPECT_EQ(NtpTime::FromNanos(ns).ToNanos(), ns);
  }
  EXPECT_EQ(NtpTime::FromNanos(999'999'999).ToNanos(), 999'999'999);
}

TEST(NtpTime, TakesAnyNumberOfNanoseconds) {
  EXPECT_EQ(NtpTime::FromNanos(-500'000'000), NtpTime(0xFFFF'FFFF, 0x8000'0000));
  EXPECT_EQ(NtpTime::FromNanos(-1'000'000'000), NtpTime(0xFFFF'FFFF, 0));
  EXPECT_EQ(NtpTime(0xFFFF'FFFF, 0xFFFF'FFFF).ToNanos(), 4'294'967'296'000'000'000);
}

TEST(NtpTime, SubtractsAcrossTheEra) {
  const NtpTime before(0xFFFF'FFFF, 0xC000'0000);
  const NtpTime after(1, 0);
  EXPECT_EQ((after - before).ms(), 1250);
  EXPECT_EQ((before - after).ms(), -1250);
  EXPECT_EQ(before + TimeDelta::Millis(1250), after);
  EXPECT_EQ(after - TimeDelta::Millis(1250), before);
}

TEST(CompactNtp, IsTheMiddle32Bits) {
  EXPECT_EQ(CompactNtp(NtpTime(0x1234'5678, 0x9abc'def0)).value(), 0x5678'9abcu);
}

TEST(CompactDelay, ConvertsAndClamps) {
  EXPECT_EQ(CompactDelay(TimeDelta::Seconds(2)).value(), 0x2'0000u);
  EXPECT_EQ(CompactDelay(TimeDelta::Millis(-1)).value(), 0u);
  EXPECT_EQ(CompactDelay(TimeDelta::Infinite()).value(), 0xFFFF'FFFFu);
  EXPECT_EQ(CompactDelay(0x1'8000u).ToDelta().ms(), 1500);
  EXPECT_EQ(CompactDelay(0xFFFF'FFFFu).ToDelta().ms(), 65'535'999);
}

// The example of RFC 3550, figure 2: RTT 6.125 s.
TEST(RoundTripTime, FollowsTheExampleOfTheRfc) {
  const auto rtt =
      RoundTripTime(CompactNtp(0xb710'8000), CompactNtp(0xb705'2000), CompactDelay(0x0005'4000));
  ASSERT_TRUE(rtt);
  EXPECT_EQ(rtt->ms(), 6125);
}

TEST(RoundTripTime, IsClampedWhateverAPeerClaims) {
  const CompactNtp now(0x0001'0000);
  EXPECT_FALSE(RoundTripTime(now, CompactNtp(), CompactDelay(5)));
  // The delay is longer than the time that passed.
  EXPECT_EQ(RoundTripTime(now, CompactNtp(0x8000), CompactDelay(0x9000)), TimeDelta::Zero());
  // A report that has not been sent yet.
  EXPECT_EQ(RoundTripTime(now, CompactNtp(0x0002'0000), CompactDelay()), TimeDelta::Zero());
  EXPECT_EQ(RoundTripTime(now, CompactNtp(0xF000'0000), CompactDelay()), kMaxRoundTripTime);
  Random random(2);
  for (int i = 0; i < 1000; ++i) {
    const auto rtt = RoundTripTime(CompactNtp(random.U32()), CompactNtp(random.U32() | 1),
                                   CompactDelay(random.U32()));
    ASSERT_TRUE(rtt);
    EXPECT_GE(*rtt, TimeDelta::Zero());
    EXPECT_LE(*rtt, kMaxRoundTripTime);
  }
}

TEST(NtpClock, MapsBothWays) {
  const NtpClock clock(Timestamp::FromMillis(5000), NtpTime(100, 0));
  EXPECT_EQ(clock.ToNtp(Timestamp::FromMillis(5500)), NtpTime(100, 0x8000'0000));
  EXPECT_EQ(clock.ToNtp(Timestamp::FromMillis(4000)), NtpTime(99, 0));
  EXPECT_EQ(clock.ToTimestamp(NtpTime(101, 0x4000'0000)), Timestamp::FromMillis(6250));
}

}  // namespace
}  // namespace sfu
