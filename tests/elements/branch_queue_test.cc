// The bounded queue in front of a foreign branch.
#include "branch_queue.h"

#include <gtest/gtest.h>

#include "tests/elements/packets.h"

namespace sfu::gst {
namespace {

class BranchQueueTest : public ::testing::Test {
 protected:
  BranchQueueTest() {
    gst_init(nullptr, nullptr);
    queue_.SetFlushing(false);
  }
  BranchQueue::PushResult Push(uint16_t sequence, bool key_frame, uint32_t timestamp = 0) {
    const auto packet =
        test::ParsedVp8(&pool_, sequence, timestamp == 0 ? sequence * 3000U : timestamp, key_frame,
                        Timestamp::FromMillis(sequence * 10));
    RtpBatch batch;
    batch.entries.push_back(test::EntryOf(packet));
    return queue_.Push(OwnedBatch(batch), true, false);
  }
  RtpPacketPool pool_;
  BranchQueue queue_;
};

TEST_F(BranchQueueTest, GivesPacketsInOrderAndMarksTheFirst) {
  Push(1, true);
  Push(2, false);
  auto first = queue_.Pop();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->discont);
  auto second = queue_.Pop();
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->discont);
  EXPECT_EQ(second->batch.batch.entries[0].sequence_number, 2);
  EXPECT_EQ(queue_.stats().packets, 2U);
}

TEST_F(BranchQueueTest, OverflowByCountResumesAtAKeyFrame) {
  queue_.SetLimits({TimeDelta::Seconds(100), 2});
  Push(1, true);
  Push(2, false);
  EXPECT_EQ(Push(3, false), BranchQueue::PushResult::kDropped);
  EXPECT_EQ(queue_.TakeDropped(), 0U);  // told when it is over
  queue_.Pop();
  queue_.Pop();
  EXPECT_EQ(Push(4, false), BranchQueue::PushResult::kWantsKeyFrame);
  EXPECT_EQ(Push(5, true), BranchQueue::PushResult::kQueued);
  auto resumed = queue_.Pop();
  ASSERT_TRUE(resumed);
  EXPECT_TRUE(resumed->discont);
  EXPECT_EQ(resumed->batch.batch.entries[0].sequence_number, 5);
  EXPECT_EQ(queue_.stats().dropped, 2U);
  EXPECT_EQ(queue_.stats().overflows, 1U);
  EXPECT_EQ(queue_.TakeDropped(), 2U);
}

TEST_F(BranchQueueTest, OverflowByTimeCounts) {
  queue_.SetLimits({TimeDelta::Millis(50), 1000});
  for (uint16_t i = 1; i <= 10; ++i) Push(i, i == 1);
  // Packets 1..6 span 50 ms; the rest found it full.
  EXPECT_EQ(queue_.stats().queued_packets, 6U);
  EXPECT_EQ(queue_.stats().dropped, 4U);
}

TEST_F(BranchQueueTest, TheFrameThatDoesNotFitIsDroppedWhole) {
  queue_.SetLimits({TimeDelta::Seconds(100), 3});
  Push(1, true);
  Push(2, false, 777);
  Push(3, false, 777);
  Push(4, false, 777);
  EXPECT_EQ(queue_.stats().queued_packets, 1U);
  EXPECT_EQ(queue_.stats().dropped, 3U);
}

TEST_F(BranchQueueTest, EventsStayBehindPacketsAndGapsDoNotPileUp) {
  Push(1, true);
  queue_.PushEvent(EventRef::Adopt(gst_event_new_gap(0, 1)));
  queue_.PushEvent(EventRef::Adopt(gst_event_new_gap(1, 1)));
  queue_.PushEvent(EventRef::Adopt(gst_event_new_eos()));
  EXPECT_FALSE(queue_.Pop()->event);
  EXPECT_EQ(GST_EVENT_TYPE(queue_.Pop()->event.get()), GST_EVENT_GAP);
  EXPECT_EQ(GST_EVENT_TYPE(queue_.Pop()->event.get()), GST_EVENT_EOS);
}

TEST_F(BranchQueueTest, FlushingTakesNothingAndWaitsForNothing) {
  Push(1, true);
  queue_.SetFlushing(true);
  EXPECT_FALSE(queue_.Pop());
  EXPECT_EQ(Push(2, true), BranchQueue::PushResult::kDropped);
  EXPECT_EQ(queue_.stats().queued_packets, 0U);
}

}  // namespace
}  // namespace sfu::gst
