// sfu-layers and sfu-budget: what a consumer pad could send, and may.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.h"

namespace sfu::test {
namespace {

class Layers : public testing::Test {
 protected:
  Layers() {
    router_.Play();
    feeder_.Start();
    reader_.WaitForWorker();
  }
  // The next sfu-layers that comes.
  EventRef Next() {
    for (;;) {
      EventRef event = reader_.WaitFor(GST_EVENT_CUSTOM_DOWNSTREAM_STICKY);
      if (!event || gst_structure_has_name(gst_event_get_structure(event.get()), "sfu-layers")) {
        return event;
      }
    }
  }
  static guint Field(const EventRef& event, const char* field) {
    guint value = 0;
    gst_structure_get_uint(gst_event_get_structure(event.get()), field, &value);
    return value;
  }
  static guint64 Bitrate(const EventRef& event) {
    const GValue* all = gst_structure_get_value(gst_event_get_structure(event.get()), "bitrates");
    EXPECT_EQ(gst_value_array_get_size(all), 1U);
    return g_value_get_uint64(gst_value_array_get_value(all, 0));
  }
  bool Budget(guint64 bitrate, guint64 epoch) {
    return gst_harness_push_upstream_event(
        reader_.get(),
        gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                             gst_structure_new("sfu-budget", "bitrate", G_TYPE_UINT64, bitrate,
                                               "epoch", G_TYPE_UINT64, epoch, nullptr)));
  }

  Stage router_{"sfurouter"};
  Feeder feeder_{router_.get(), "sink_0", kVp8Caps};
  Reader reader_{router_.get(), "src_0", "application/x-rtp"};
};

TEST_F(Layers, AreToldAndToldAgainWhenTheyChange) {
  const EventRef first = Next();
  ASSERT_TRUE(first);
  EXPECT_EQ(Field(first, "priority"), 1U);
  EXPECT_EQ(Field(first, "wanted"), 1U);
  g_object_set(reader_.peer().get(), "priority", 7U, nullptr);
  EventRef next = Next();
  ASSERT_TRUE(next);
  EXPECT_EQ(Field(next, "priority"), 7U);
  g_object_set(reader_.peer().get(), "paused", TRUE, nullptr);
  next = Next();
  ASSERT_TRUE(next);
  EXPECT_EQ(Field(next, "wanted"), 0U);
  for (int i = 0; i < 20; ++i) feeder_.PushFrame(i == 0);
  next = Next();
  ASSERT_TRUE(next);
  EXPECT_GT(Bitrate(next), 0U) << "the layer is there, also while it is not wanted";
}

// As in mediasoup: the only layer goes on.
TEST_F(Layers, ABudgetBelowTheOnlyLayerStopsNothing) {
  EXPECT_TRUE(Budget(900'000, 10));
  EXPECT_TRUE(Budget(1, 10)) << "the other receiver behind a tee";
  const PadRef pad = reader_.peer();
  reader_.WaitForWorker();
  EXPECT_EQ(Stat(pad.get(), "budget"), 1U);
  const size_t count = feeder_.PushFrame(true).size();
  EXPECT_EQ(reader_.PullPackets(count).size(), count);
}

TEST_F(Layers, ABrokenBudgetIsIgnored) {
  gst_harness_push_upstream_event(reader_.get(), UpstreamEvent("sfu-budget").release());
  reader_.WaitForWorker();
  EXPECT_FALSE(HasStat(reader_.peer().get(), "budget"));
}

}  // namespace
}  // namespace sfu::test
