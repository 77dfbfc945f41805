// The capture clock, in virtual time: one clock for all streams of a sender, no jumps, and sense
// whatever the reports say.
#include "stream/capture_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "base/random.h"

namespace sfu {
namespace {

// A sender whose clock shows `epoch` when the SFU clock shows 0 and runs `drift` ppm fast, and one
// of its streams. True times are SFU times of capture.
struct SenderStream {
  uint32_t clock_rate = 90'000;
  uint32_t first_timestamp = 0;
  TimeDelta delay;  // from capture to arrival, the least
  double drift_ppm = 0;
  NtpTime epoch = NtpTime(3'900'000'000u, 0x4000'0000);

  TimeDelta Elapsed(Timestamp captured) const {
    const double ns = static_cast<double>(captured.ns());
    return TimeDelta::Nanos(captured.ns() + std::llround(ns * drift_ppm * 1e-6));
  }
  uint32_t RtpTimestamp(Timestamp captured) const {
    const double ticks = Elapsed(captured).seconds() * clock_rate;
    return first_timestamp + static_cast<uint32_t>(std::llround(ticks));
  }
  NtpTime Ntp(Timestamp captured) const { return epoch + Elapsed(captured); }
};

class CaptureClockTest : public testing::Test {
 protected:
  static Timestamp At(int64_t ms) { return Timestamp::FromMillis(ms); }
  static TimeDelta Ms(int64_t ms) { return TimeDelta::Millis(ms); }

  // The capture time that `clock` gives a packet captured then; it may come `extra` later.
  static Timestamp Packet(StreamClock& clock, const SenderStream& s, Timestamp captured,
                          TimeDelta extra = TimeDelta::Zero()) {
    const Timestamp arrival = captured + s.delay + extra;
    const Timestamp capture = clock.CaptureTime(s.RtpTimestamp(captured), arrival, false);
    EXPECT_LE(capture, arrival + StreamClock::kMaxAhead);
    return capture;
  }
  static void Report(StreamClock& clock, const SenderStream& s, Timestamp sent) {
    clock.OnSenderReport(s.Ntp(sent), s.RtpTimestamp(sent), sent + s.delay);
  }
  static double MsOf(TimeDelta d) { return static_cast<double>(d.ns()) * 1e-6; }

  std::shared_ptr<SyncGroup> group_ = std::make_shared<SyncGroup>();
  SenderStream video_ = {.first_timestamp = 0xFFFF'0000, .delay = Ms(20)};
  SenderStream audio_ = {.clock_rate = 48'000, .first_timestamp = 12'345, .delay = Ms(320)};
  StreamClock video_clock_{90'000, group_};
  StreamClock audio_clock_{48'000, group_};
};

TEST_F(CaptureClockTest, WithoutReportsTheQuickestPacketIsNotDelayed) {
  for (int ms = 1000; ms < 3000; ms += 20) {
    EXPECT_NEAR(MsOf(Packet(audio_clock_, audio_, At(ms)) - At(ms)), 320.0, 0.1);
  }
  EXPECT_FALSE(audio_clock_.synchronized());
}

// Twenty milliseconds of sound that come seven after the packet before are no overlap of thirteen.
TEST_F(CaptureClockTest, ALateFirstPacketDoesNotMakeSoundOverlap) {
  const Timestamp first = Packet(audio_clock_, audio_, At(1000), Ms(13));
  Timestamp last = first;
  for (int ms = 1020; ms < 6000; ms += 20) {
    const Timestamp capture = Packet(audio_clock_, audio_, At(ms));
    ASSERT_NEAR(MsOf(capture - last), 20.0, 0.2) << ms;
    last = capture;
  }
  EXPECT_NEAR(MsOf(last - At(5980)), 320.0, 0.1);
}

TEST_F(CaptureClockTest, EarlyReportsAlignStreamsThatArriveApart) {
  Report(video_clock_, video_, At(1000));
  Report(audio_clock_, audio_, At(1000));
  for (int ms = 1000; ms < 6000; ms += 20) {
    const Timestamp video = Packet(video_clock_, video_, At(ms));
    const Timestamp audio = Packet(audio_clock_, audio_, At(ms));
    ASSERT_NEAR(MsOf(audio - video), 0.0, 5.0) << ms;
    ASSERT_NEAR(MsOf(video - At(ms)), 20.0, 0.1);
  }
  EXPECT_TRUE(audio_clock_.synchronized());
  EXPECT_TRUE(video_clock_.synchronized());
}

TEST_F(CaptureClockTest, OtherGroupsStandAlone) {
  audio_clock_.MoveTo(std::make_shared<SyncGroup>());
  Report(video_clock_, video_, At(1000));
  Report(audio_clock_, audio_, At(1000));
  EXPECT_NEAR(MsOf(Packet(video_clock_, video_, At(1000)) - At(1000)), 20.0, 0.1);
  EXPECT_NEAR(MsOf(Packet(audio_clock_, audio_, At(1000)) - At(1000)), 320.0, 0.1);
}

TEST_F(CaptureClockTest, AMoveToAnotherGroupIsSlewed) {
  audio_clock_.MoveTo(std::make_shared<SyncGroup>());
  Report(video_clock_, video_, At(0));
  Report(audio_clock_, audio_, At(0));
  Timestamp last = Packet(audio_clock_, audio_, At(0));
  for (int ms = 20; ms < 120'000; ms += 20) {
    if (ms == 5000) audio_clock_.MoveTo(group_);
    const Timestamp video = Packet(video_clock_, video_, At(ms));
    const Timestamp audio = Packet(audio_clock_, audio_, At(ms));
    ASSERT_NEAR(MsOf(audio - last), 20.0, 0.11) << ms;
    last = audio;
    if (ms > 70'000) {
      ASSERT_NEAR(MsOf(audio - video), 0.0, 5.0);
    }
  }
}

// Sound that is 300 ms late, from 20 ms packets on. Reports come from `reports_from` on, every
// second.
class LateReportsTest : public CaptureClockTest {
 protected:
  static constexpr int kReportsFrom = 3000;

  // `slew` in ms per 20 ms. `report` is called with the time in ms; `each` with it and by how much
  // the sound is late.
  template <typename Report, typename Each>
  void Run(int until, double slew, Report report, Each each) {
    Timestamp last_video;
    Timestamp last_audio;
    for (int ms = 0; ms < until; ms += 20) {
      if (ms >= kReportsFrom && ms % 1000 == 0) report(ms);
      const Timestamp video = Packet(video_clock_, video_, At(ms));
      const Timestamp audio = Packet(audio_clock_, audio_, At(ms));
      if (ms > 0) {
        ASSERT_NEAR(MsOf(video - last_video), 20.0, 0.11) << ms;
        ASSERT_NEAR(MsOf(audio - last_audio), 20.0, slew + 0.01) << ms;
      }
      each(ms, MsOf(audio - video));
      last_video = video;
      last_audio = audio;
    }
  }
  void ReportBoth(int ms) {
    Report(video_clock_, video_, At(ms));
    Report(audio_clock_, audio_, At(ms));
  }
};

TEST_F(LateReportsTest, SlewAndNeverJump) {
  const auto report = [this](int ms) { ReportBoth(ms); };
  Run(30'000, 1.0, report, [](int ms, double late) {
    if (ms == 2980) {
      EXPECT_NEAR(late, 300.0, 0.2);
    }
    // The second report of both shows that the clock is to be relied on: 50 ms per second then.
    if (ms == 7000) {
      EXPECT_NEAR(late, 145.0, 3.0);
    }
    if (ms > 9600) {
      ASSERT_LT(std::abs(late), 31.0) << ms;
    }
    if (ms > 17'000) {
      ASSERT_NEAR(late, 0.0, 1.0) << ms;
    }
  });
}

// The quicker stream's report comes long after the other's.
TEST_F(LateReportsTest, OfOneStreamAfterTheOther) {
  const auto report = [this](int ms) {
    Report(audio_clock_, audio_, At(ms));
    if (ms >= 6000) Report(video_clock_, video_, At(ms));
  };
  Run(15'000, 1.0, report, [](int ms, double late) {
    if (ms == 5980) {
      EXPECT_NEAR(late, 300.0, 0.2);
    }
    if (ms > 11'600) {
      ASSERT_LT(std::abs(late), 31.0) << ms;
    }
  });
}

// Such peers are: their reports' times are anywhere within a second. They are followed slowly.
TEST_F(LateReportsTest, OfAClockNotToRelyOn) {
  Random random(7);
  const auto report = [&](int ms) {
    for (SenderStream* stream : {&video_, &audio_}) {
      stream->epoch = SenderStream().epoch + Ms(static_cast<int64_t>(random.Unit() * 1000));
    }
    ReportBoth(ms);
  };
  Run(30'000, 0.1, report, [](int, double) {});
}

// The sender begins with a burst: the first packets were on their way for longer.
TEST_F(CaptureClockTest, AFirstPacketThatIsLateIsNotTakenBackAtOnce) {
  Timestamp last;
  for (int ms = 0; ms < 20'000; ms += 20) {
    if (ms % 500 == 0) Report(video_clock_, video_, At(ms));
    const Timestamp video = Packet(video_clock_, video_, At(ms), Ms(std::max(0, 20 - ms)));
    if (ms > 0) {
      ASSERT_NEAR(MsOf(video - last), 20.0, 0.11) << ms;
    }
    last = video;
  }
}

TEST_F(LateReportsTest, LongAfterTheFirstAreFollowedSlowly) {
  const auto report = [this](int ms) {
    if (ms == 25'000) video_.epoch = video_.epoch + Ms(-100);
    ReportBoth(ms);
  };
  Timestamp last;
  Run(25'000, 1.0, report, [](int, double) {});
  for (int ms = 25'000; ms < 60'000; ms += 20) {
    if (ms % 1000 == 0) report(ms);
    const Timestamp video = Packet(video_clock_, video_, At(ms));
    if (ms > 25'000) {
      ASSERT_NEAR(MsOf(video - last), 20.0, 0.11) << ms;
    }
    last = video;
  }
}

TEST_F(CaptureClockTest, JitterOfTheArrivalDoesNotShow) {
  for (const bool with_reports : {false, true}) {
    Random random(99);
    StreamClock clock(90'000, std::make_shared<SyncGroup>());
    Timestamp last;
    for (int frame = 0; frame < 3000; ++frame) {
      const Timestamp captured = Timestamp::FromNanos(int64_t{frame} * 33'333'333);
      if (with_reports && frame % 150 == 0) {
        clock.OnSenderReport(video_.Ntp(captured), video_.RtpTimestamp(captured),
                             captured + video_.delay);
      }
      const TimeDelta jitter = TimeDelta::Micros(static_cast<int64_t>(random.Unit() * 80'000));
      const Timestamp capture = Packet(clock, video_, captured, jitter);
      if (frame > 60) {
        ASSERT_NEAR(MsOf(capture - last), 33.33, 2.0) << frame << with_reports;
      }
      if (frame > 300) {
        ASSERT_NEAR(MsOf(capture - captured), 20.0, 4.0);
      }
      last = capture;
    }
  }
}

TEST_F(CaptureClockTest, FollowsClocksThatDriftForAnHour) {
  for (const double ppm : {-100.0, 100.0}) {
    for (const bool with_reports : {false, true}) {
      const auto group = std::make_shared<SyncGroup>();
      SenderStream video = video_;
      SenderStream audio = audio_;
      video.drift_ppm = audio.drift_ppm = ppm;
      StreamClock video_clock(90'000, group);
      StreamClock audio_clock(48'000, group);
      Random random(5);
      for (int ms = 0; ms < 3'600'000; ms += 40) {
        if (with_reports && ms % 5000 == 0) {
          Report(video_clock, video, At(ms));
          Report(audio_clock, audio, At(ms));
        }
        const TimeDelta jitter = TimeDelta::Micros(static_cast<int64_t>(random.Unit() * 10'000));
        const Timestamp seen_video = Packet(video_clock, video, At(ms), jitter);
        const Timestamp seen_audio = Packet(audio_clock, audio, At(ms), jitter);
        if (ms < 60'000) continue;
        ASSERT_NEAR(MsOf(seen_video - At(ms)), 20.0, 5.0) << ms << " " << ppm;
        ASSERT_NEAR(MsOf(seen_audio - seen_video), with_reports ? 0.0 : 300.0, 5.0) << ms;
      }
    }
  }
}

TEST_F(CaptureClockTest, AllPacketsOfATimestampAreOne) {
  const Timestamp first = Packet(video_clock_, video_, At(0));
  EXPECT_EQ(Packet(video_clock_, video_, At(0), Ms(30)), first);
  std::vector<Timestamp> captures;
  for (int i = 1; i <= 100; ++i) captures.push_back(Packet(video_clock_, video_, At(33 * i)));
  Report(video_clock_, video_, At(3300));
  for (int i = 1; i <= 100; ++i) {  // repairs, 3 s late
    EXPECT_EQ(video_clock_.CaptureTime(video_.RtpTimestamp(At(33 * i)), At(3400), true),
              captures[static_cast<size_t>(i) - 1]);
  }
}

TEST_F(CaptureClockTest, ARepairOfAForgottenTimestampComesOutInPlace) {
  for (int ms = 0; ms < 10'000; ms += 33) Packet(video_clock_, video_, At(ms));
  const Timestamp late = video_clock_.CaptureTime(video_.RtpTimestamp(At(15)), At(11'000), true);
  EXPECT_NEAR(MsOf(late - At(15)), 20.0, 1.0);
  // It has not moved the stream.
  EXPECT_NEAR(MsOf(Packet(video_clock_, video_, At(10'033)) - At(10'033)), 20.0, 0.1);
}

TEST_F(CaptureClockTest, BFramesComeOutInPlace) {
  for (int i = 0; i < 300; i += 3) {
    for (const int n : {i + 3, i + 1, i + 2}) {  // decoding order
      const Timestamp captured = At(33 * n);
      const Timestamp arrival = At(33 * (i + 3)) + Ms(20 + 11 * (n == i + 3 ? 0 : n - i));
      const Timestamp capture =
          video_clock_.CaptureTime(video_.RtpTimestamp(captured), arrival, false);
      EXPECT_NEAR(MsOf(capture - captured), 20.0, 1.0) << n;
    }
  }
}

// The output must go on evenly over something that happens to the sender in the middle of a call.
class CaptureClockFaultTest : public CaptureClockTest {
 protected:
  // Runs from `begin` to `end`, with a report every 5 s; true times go on all the while.
  void Run(int begin, int end, double tolerance_ms) {
    for (int ms = begin; ms < end; ms += 20) {
      if (ms % 5000 == 0) Report(video_clock_, video_, At(ms));
      const Timestamp capture = Packet(video_clock_, video_, At(ms));
      if (started_) {
        ASSERT_GE(capture, last_) << ms;
        ASSERT_NEAR(MsOf(capture - last_), 20.0, tolerance_ms) << ms;
      }
      started_ = true;
      last_ = capture;
    }
  }
  bool started_ = false;
  Timestamp last_;
};

TEST_F(CaptureClockFaultTest, SenderRestartsWithOtherTimestamps) {
  for (const uint32_t jump : {0x1234'5678u, 0x8000'0000u, 0xF000'0000u, 900'000u, 0xFFF0'0000u}) {
    Run(0, 20'000, 0.2);
    video_.first_timestamp += jump;
    Run(20'000, 60'000, 0.2);
    EXPECT_TRUE(video_clock_.synchronized());
    EXPECT_NEAR(MsOf(last_ - At(59'980)), 20.0, 1.0);
    video_clock_ = StreamClock(90'000, std::make_shared<SyncGroup>());
    started_ = false;
  }
}

TEST_F(CaptureClockFaultTest, SenderStandsStillForAMinuteAndSoDoItsTimestamps) {
  Run(0, 20'000, 0.2);
  video_.first_timestamp -= 60 * 90'000;
  Run(80'000, 80'020, 60'000.0);
  Run(80'020, 100'000, 0.2);
  EXPECT_NEAR(MsOf(last_ - At(99'980)), 20.0, 1.0);
}

TEST_F(CaptureClockFaultTest, WallClockIsSetByHours) {
  for (const int64_t seconds : {7200, -7200, 2, -2, 400'000'000}) {
    Run(0, 20'000, 0.2);
    video_.epoch = video_.epoch + TimeDelta::Seconds(seconds);
    Run(20'000, 80'000, 0.2);
    EXPECT_TRUE(video_clock_.synchronized());
    video_clock_ = StreamClock(90'000, std::make_shared<SyncGroup>());
    started_ = false;
  }
}

TEST_F(CaptureClockFaultTest, GarbageReportsChangeNothing) {
  Random random(77);
  Run(0, 10'000, 0.2);
  for (int ms = 10'000; ms < 60'000; ms += 1000) {
    video_clock_.OnSenderReport(NtpTime(random.U64()), random.U32(), At(ms));
    video_clock_.OnSenderReport(NtpTime(), video_.RtpTimestamp(At(ms)), At(ms));
    Run(ms, ms + 1000, 0.2);
    EXPECT_NEAR(MsOf(last_ - At(ms + 980)), 20.0, 1.0);
  }
}

TEST_F(CaptureClockFaultTest, OneStreamWithAnotherWallClockDoesNotHurtTheRest) {
  audio_.epoch = audio_.epoch + TimeDelta::Seconds(86'400);
  Run(0, 1000, 0.2);
  for (int ms = 1000; ms < 61'000; ms += 1000) {
    if (ms % 5000 == 0) Report(audio_clock_, audio_, At(ms));
    EXPECT_NEAR(MsOf(Packet(audio_clock_, audio_, At(ms)) - At(ms)), 320.0, 1.0);
    Run(ms, ms + 1000, 0.2);
  }
  EXPECT_TRUE(video_clock_.synchronized());
  EXPECT_FALSE(audio_clock_.synchronized());
}

TEST_F(CaptureClockFaultTest, AFirstReportThatDoesNotFitThePacketsWaits) {
  video_clock_.OnSenderReport(video_.Ntp(At(0)), video_.RtpTimestamp(At(0)) + 0x4000'0000, At(20));
  Packet(video_clock_, video_, At(0));
  EXPECT_FALSE(video_clock_.synchronized());
  Run(20, 11'000, 0.2);
  EXPECT_TRUE(video_clock_.synchronized());
}

TEST_F(CaptureClockFaultTest, OneStrayTimestampIsBoundedAndForgotten) {
  Run(0, 10'000, 0.2);
  for (const uint32_t jump : {0x7000'0000u, 0x9000'0000u, 4u * 90'000, 0u - 4u * 90'000}) {
    const uint32_t timestamp = video_.RtpTimestamp(At(10'000)) + jump;
    const Timestamp stray = video_clock_.CaptureTime(timestamp, At(10'020), false);
    EXPECT_NEAR(MsOf(stray - At(10'000)), 20.0, 21.0);
  }
}

TEST_F(CaptureClockFaultTest, JumpingAheadForeverOverflowsNothing) {
  for (const uint32_t clock_rate : {1u, 8000u, 0xFFFF'FFFFu}) {
    StreamClock clock(clock_rate, group_);
    uint32_t timestamp = 0;
    for (int i = 0; i < 100'000; ++i) {
      timestamp += i % 2 == 0 ? 0x7FFF'FFFFu : 1u;
      const Timestamp arrival = At(i);
      clock.OnSenderReport(NtpTime(static_cast<uint64_t>(i) << 62), timestamp, arrival);
      const Timestamp capture = clock.CaptureTime(timestamp, arrival, false);
      ASSERT_LE(capture, arrival + StreamClock::kMaxAhead);
      ASSERT_GE(capture, arrival - StreamClock::kMaxDelay);
    }
  }
}

TEST_F(CaptureClockFaultTest, WhateverComesStaysWithinBounds) {
  Random random(4711);
  Timestamp arrival = At(0);
  for (int i = 0; i < 100'000; ++i) {
    arrival += TimeDelta::Micros(random.U32() % 20'000);
    const uint32_t kind = random.U32() % 16;
    if (kind == 0) video_clock_.OnSenderReport(NtpTime(random.U64()), random.U32(), arrival);
    if (kind == 1) video_clock_.OnSenderReport(NtpTime(~uint64_t{0}), 0, arrival);
    const uint32_t timestamp = kind < 4 ? random.U32() : static_cast<uint32_t>(i) * 900;
    const Timestamp capture = video_clock_.CaptureTime(timestamp, arrival, kind == 5);
    ASSERT_LE(capture, arrival + StreamClock::kMaxAhead);
    ASSERT_GE(capture, arrival - StreamClock::kMaxDelay);
  }
}

TEST(StreamClockNtp, FollowsTheReports) {
  StreamClock clock(90'000, std::make_shared<SyncGroup>());
  clock.CaptureTime(90'000, Timestamp::FromMillis(1'000), false);
  EXPECT_TRUE(clock.SenderNtp(90'000).is_zero()) << "no report yet";
  clock.OnSenderReport(NtpTime(5'000, 0), 90'000, Timestamp::FromMillis(1'010));
  EXPECT_EQ(clock.SenderNtp(90'000), NtpTime(5'000, 0));
  EXPECT_EQ(clock.SenderNtp(135'000), NtpTime(5'000, 0x8000'0000));
  EXPECT_EQ(clock.SenderNtp(45'000), NtpTime(4'999, 0x8000'0000));
}

}  // namespace
}  // namespace sfu
