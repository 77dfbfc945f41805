// sfurouter: a sink pad that foreign elements feed keeps time with the pipeline's clock, which is
// the test's here.
#include <gst/check/gsttestclock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "harness.h"
#include "pad_log.h"

namespace sfu::test {
namespace {

using ClockRef = sfu::gst::ObjectRef<GstTestClock>;

class Sync : public testing::Test {
 protected:
  Sync() : clock_(ClockRef::Adopt(GST_TEST_CLOCK(gst_test_clock_new()))) {
    gst_element_set_clock(router_.get(), GST_CLOCK(clock_.get()));
    gst_element_set_base_time(router_.get(), 0);
    gst_element_set_start_time(router_.get(), GST_CLOCK_TIME_NONE);
    router_.Play();
    feeder_.Start();
  }
  ~Sync() override {
    router_.SetState(GST_STATE_NULL);
    Join();
  }

  // Pushes a packet for each of these times, on a thread of their own.
  void PushOnThread(std::vector<GstClockTime> times) {
    Join();
    pusher_ = std::thread([this, times = std::move(times)] {
      for (const GstClockTime time : times) {
        BufferRef buffer = MakeBuffer(source_.Next(Timestamp()).bytes);
        GST_BUFFER_PTS(buffer.get()) = time;
        last_flow_ = gst_harness_push(feeder_.get(), buffer.release());
        if (last_flow_ != GST_FLOW_OK) return;
      }
    });
  }
  void Join() {
    if (pusher_.joinable()) pusher_.join();
  }
  // The time for which the pad waits on the clock, once it does.
  GstClockTime AwaitedTime() {
    GstClockID id = nullptr;
    gst_test_clock_wait_for_next_pending_id(clock_.get(), &id);
    const GstClockTime time = gst_clock_id_get_time(id);
    gst_clock_id_unref(id);
    return time;
  }
  // It is that time now: what waits for it goes on. (This clock has even what is late wait.)
  void LetPass(GstClockTime time) {
    ASSERT_EQ(AwaitedTime(), time);
    gst_test_clock_set_time(clock_.get(), time);
    gst_clock_id_unref(gst_test_clock_process_next_clock_id(clock_.get()));
  }

  Stage router_{"sfurouter"};
  Feeder feeder_{router_.get(), "sink_0", kOpusCaps};
  Reader reader_{router_.get(), "src_0", "application/x-rtp"};
  PadLog log_{reader_.peer().get()};
  ClockRef clock_;
  OpusSource source_;
  std::atomic<GstFlowReturn> last_flow_{GST_FLOW_OK};
  std::thread pusher_;
};

TEST_F(Sync, BuffersLeaveAtTheirRunningTime) {
  PushOnThread({0, GST_SECOND, 2 * GST_SECOND});
  for (size_t i = 0; i < 3; ++i) {
    AwaitedTime();
    // The thread that feeds waits, so nothing can be on its way.
    EXPECT_EQ(log_.packets().size(), i);
    LetPass(i * GST_SECOND);
    EXPECT_TRUE(log_.WaitForPackets(i + 1));
  }
  Join();
  EXPECT_EQ(last_flow_, GST_FLOW_OK);
}

TEST_F(Sync, RunningTimeIsCountedFromSegmentAndBaseTime) {
  gst_element_set_base_time(router_.get(), 7 * GST_SECOND);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = segment.time = 100 * GST_SECOND;
  segment.rate = 2;
  feeder_.PushEvent(gst_event_new_segment(&segment));
  PushOnThread({110 * GST_SECOND});
  LetPass(12 * GST_SECOND);
  EXPECT_TRUE(log_.WaitForPackets(1));
}

TEST_F(Sync, WhatIsOutsideOfTheSegmentIsNotWaitedFor) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = segment.time = 100 * GST_SECOND;
  feeder_.PushEvent(gst_event_new_segment(&segment));
  PushOnThread({50 * GST_SECOND, 100 * GST_SECOND});
  LetPass(0);
  EXPECT_TRUE(log_.WaitForPackets(1));
  Join();
  EXPECT_EQ(log_.packets().size(), 1U);
}

TEST_F(Sync, NoSyncNoWait) {
  g_object_set(feeder_.peer().get(), "sync", FALSE, nullptr);
  PushOnThread({0, GST_SECOND, 3600 * GST_SECOND});
  EXPECT_TRUE(log_.WaitForPackets(3));
  Join();
  EXPECT_EQ(gst_test_clock_peek_id_count(clock_.get()), 0U);
}

TEST_F(Sync, GoingToNullEndsTheWait) {
  PushOnThread({10 * GST_SECOND});
  AwaitedTime();
  EXPECT_EQ(router_.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  Join();
  EXPECT_EQ(last_flow_, GST_FLOW_FLUSHING);
}

TEST_F(Sync, AFlushEndsTheWaitAndNextItGoesOn) {
  PushOnThread({0, 10 * GST_SECOND});
  LetPass(0);
  EXPECT_TRUE(log_.WaitForPackets(1));
  AwaitedTime();
  feeder_.PushEvent(gst_event_new_flush_start());
  Join();
  EXPECT_EQ(last_flow_, GST_FLOW_FLUSHING);
  feeder_.PushEvent(gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  feeder_.PushEvent(gst_event_new_segment(&segment));
  PushOnThread({GST_SECOND});
  LetPass(GST_SECOND);
  EXPECT_TRUE(log_.WaitForPackets(2));
}

TEST_F(Sync, AReleasedPadEndsTheWait) {
  PushOnThread({10 * GST_SECOND});
  AwaitedTime();
  gst_element_release_request_pad(router_.get(), feeder_.peer().get());
  Join();
  EXPECT_EQ(last_flow_, GST_FLOW_FLUSHING);
}

// A pause is no flush: what waits goes on waiting, and time is counted anew afterwards.
TEST_F(Sync, APauseHoldsWhatWaits) {
  PushOnThread({0, 10 * GST_SECOND});
  LetPass(0);
  EXPECT_TRUE(log_.WaitForPackets(1));
  AwaitedTime();
  router_.SetState(GST_STATE_PAUSED);
  EXPECT_EQ(gst_test_clock_peek_id_count(clock_.get()), 0U);
  gst_element_set_base_time(router_.get(), 5 * GST_SECOND);
  router_.SetState(GST_STATE_PLAYING);
  AwaitedTime();
  EXPECT_EQ(log_.packets().size(), 1U);
  LetPass(15 * GST_SECOND);
  EXPECT_TRUE(log_.WaitForPackets(2));
}

// In PAUSED as much passes as sinks behind the router need to preroll, and no more.
TEST_F(Sync, InPausedTheBeginningPasses) {
  router_.SetState(GST_STATE_PAUSED);
  PushOnThread({0, 400 * GST_MSECOND, 600 * GST_MSECOND});
  EXPECT_TRUE(log_.WaitForPackets(2));
  router_.SetState(GST_STATE_PLAYING);
  AwaitedTime();
  EXPECT_EQ(log_.packets().size(), 2U);
  LetPass(600 * GST_MSECOND);
  EXPECT_TRUE(log_.WaitForPackets(3));
}

}  // namespace
}  // namespace sfu::test
