// The memory that carries batches between pads.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "rtp_batch_memory.h"
#include "tests/elements/packets.h"

namespace sfu::gst {
namespace {

class BatchMemoryTest : public ::testing::Test {
 protected:
  BatchMemoryTest() {
    gst_init(nullptr, nullptr);
    packet_ = test::ParsedVp8(&pool_, 7, 3000, true, Timestamp::FromMillis(1));
    batch_.ssrc = 5;
    batch_.entries.push_back(test::EntryOf(packet_));
  }
  RtpPacketPool pool_;
  RtpPacketRef packet_;
  RtpBatch batch_;
  int worker_ = 0;
};

TEST_F(BatchMemoryTest, LendsTheSameBufferAgainWhenNobodyKeptIt) {
  LentBatchBuffer lent;
  GstBuffer* first = lent.Lend(batch_);
  EXPECT_EQ(BatchOfBuffer(first), &batch_);
  gst_buffer_unref(first);
  lent.EndLoan(&worker_);
  GstBuffer* second = lent.Lend(batch_);
  EXPECT_EQ(first, second);
  gst_buffer_unref(second);
  lent.EndLoan(&worker_);
}

TEST_F(BatchMemoryTest, WhoKeepsABufferGetsReferencesOfItsOwn) {
  LentBatchBuffer lent;
  GstBuffer* kept = lent.Lend(batch_);
  lent.EndLoan(&worker_);
  batch_.entries.clear();
  packet_.Reset();
  const RtpBatch* batch = BatchOfBuffer(kept);
  ASSERT_NE(batch, nullptr);
  ASSERT_EQ(batch->entries.size(), 1U);
  EXPECT_EQ(batch->entries[0].packet->header.timestamp, 3000U);
  EXPECT_EQ(WorkerOfBuffer(kept), &worker_);
  GstBuffer* other = lent.Lend(batch_);
  EXPECT_NE(other, kept);
  gst_buffer_unref(other);
  lent.EndLoan(&worker_);
  gst_buffer_unref(kept);
}

TEST_F(BatchMemoryTest, WhoKeepsOnlyTheMemoryGetsReferencesToo) {
  LentBatchBuffer lent;
  GstBuffer* buffer = lent.Lend(batch_);
  GstBuffer* copy = gst_buffer_copy(buffer);
  gst_buffer_unref(buffer);
  lent.EndLoan(&worker_);
  batch_.entries.clear();
  ASSERT_NE(BatchOfBuffer(copy), nullptr);
  EXPECT_EQ(BatchOfBuffer(copy)->entries.size(), 1U);
  gst_buffer_unref(copy);
}

TEST_F(BatchMemoryTest, ALentBatchIsNotForOtherThreads) {
  LentBatchBuffer lent;
  GstBuffer* buffer = lent.Lend(batch_);
  const RtpBatch* seen = &batch_;
  std::thread([&] { seen = BatchOfBuffer(buffer); }).join();
  EXPECT_EQ(seen, nullptr);
  gst_buffer_unref(buffer);
  lent.EndLoan(&worker_);
}

// Two linked pads; what comes is looked at by a function.
class PadPair {
 public:
  using Look = std::function<void(GstBuffer*)>;

  explicit PadPair(Look look) : look_(std::move(look)) {
    gst_pad_set_element_private(sink_, this);
    gst_pad_set_chain_function(sink_, [](GstPad* pad, GstObject*, GstBuffer* buffer) {
      static_cast<PadPair*>(gst_pad_get_element_private(pad))->look_(buffer);
      gst_buffer_unref(buffer);
      return GST_FLOW_OK;
    });
    gst_pad_link(src_, sink_);
    gst_pad_set_active(sink_, TRUE);
    gst_pad_set_active(src_, TRUE);
    gst_pad_push_event(src_, gst_event_new_stream_start("test"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(src_, gst_event_new_segment(&segment));
  }
  ~PadPair() {
    gst_pad_set_active(src_, FALSE);
    gst_pad_set_active(sink_, FALSE);
    gst_object_unref(src_);
    gst_object_unref(sink_);
  }
  PadPair(const PadPair&) = delete;
  PadPair& operator=(const PadPair&) = delete;

  GstPad* src() { return src_; }

 private:
  const Look look_;
  GstPad* const src_ = gst_pad_new("src", GST_PAD_SRC);
  GstPad* const sink_ = gst_pad_new("sink", GST_PAD_SINK);
};

TEST_F(BatchMemoryTest, PadsThatPushOneAfterTheOtherShareABuffer) {
  LentBatchBuffers lent;
  std::vector<GstBuffer*> seen;
  PadPair first([&](GstBuffer* buffer) { seen.push_back(buffer); });
  PadPair second([&](GstBuffer* buffer) { seen.push_back(buffer); });
  lent.Push(first.src(), batch_, &worker_);
  lent.Push(second.src(), batch_, &worker_);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(BatchMemoryTest, APushWithinAPushHasABufferOfItsOwn) {
  LentBatchBuffers lent;
  RtpBatch inner_batch = batch_;
  const RtpBatch* seen = nullptr;
  const RtpBatch* outer_after = nullptr;
  PadPair inner([&](GstBuffer* buffer) { seen = BatchOfBuffer(buffer); });
  PadPair outer([&](GstBuffer* buffer) {
    lent.Push(inner.src(), inner_batch, &worker_);
    outer_after = BatchOfBuffer(buffer);
  });
  lent.Push(outer.src(), batch_, &worker_);
  EXPECT_EQ(seen, &inner_batch);
  EXPECT_EQ(outer_after, &batch_);
}

TEST_F(BatchMemoryTest, MappingFails) {
  GstBuffer* buffer = NewOwnedBatchBuffer(OwnedBatch(batch_), &worker_);
  GstMapInfo map;
  EXPECT_FALSE(gst_buffer_map(buffer, &map, GST_MAP_READ));
  EXPECT_EQ(gst_buffer_get_size(buffer), packet_->size());
  gst_buffer_unref(buffer);
}

TEST_F(BatchMemoryTest, OrdinaryBuffersHaveNoBatch) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 100, nullptr);
  EXPECT_EQ(BatchOfBuffer(buffer), nullptr);
  EXPECT_EQ(WorkerOfBuffer(buffer), nullptr);
  gst_buffer_unref(buffer);
}

}  // namespace
}  // namespace sfu::gst
