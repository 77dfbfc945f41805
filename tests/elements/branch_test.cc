// Foreign branches that misbehave: none may cost another one anything.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>

#include "gate.h"
#include "pipeline.h"

namespace sfu::test {
namespace {

constexpr char kSource[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=48,framerate=100/1 ! "
    "vp8enc deadline=1 keyframe-max-dist=20 ! rtpvp8pay ! r.sink_0 sfurouter name=r ";

TEST(BranchTest, ASlowBranchDropsAndTheOtherDoesNot) {
  Pipeline pipeline(std::string(kSource) +
                    "r.src_0 ! fakesink name=good async=false sync=false "
                    "r.src_1 ! fakesink name=bad async=false sync=false");
  GstElement* router = pipeline.Element("r");
  GstPad* slow = gst_element_get_static_pad(router, "src_1");
  g_object_set(slow, "max-queue-packets", 10, nullptr);
  gst_object_unref(slow);
  Gate gate;
  std::atomic<guint> good{0};
  std::atomic<guint> bad{0};
  OnBuffers(pipeline.Element("good"), "sink", [&good](guint n) { good += n; });
  OnBuffers(pipeline.Element("bad"), "sink", [&](guint n) {
    gate.Pass();
    bad += n;
  });
  ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
  gate.WaitForVisitor();
  EXPECT_TRUE(WaitUntil([&] { return PadStat(router, "src_1", "packetsDropped") > 20; }));
  const guint before = good;
  EXPECT_TRUE(WaitUntil([&] { return good > before + 20; }));
  EXPECT_EQ(PadStat(router, "src_0", "packetsDropped"), 0U);
  gate.Open();
  EXPECT_TRUE(pipeline.WaitForElementMessage("GstSfuBranchDropped"));
  EXPECT_TRUE(WaitUntil([&] { return bad > 30; }));
}

TEST(BranchTest, ABlockingProbeHoldsOnlyItsOwnPad) {
  Pipeline pipeline(std::string(kSource) +
                    "r.src_0 ! fakesink name=good async=false sync=false "
                    "r.src_1 ! out.sink_0 plaintransport name=out remote-address=127.0.0.1 "
                    "remote-port=9");
  std::atomic<guint> good{0};
  OnBuffers(pipeline.Element("good"), "sink", [&good](guint n) { good += n; });
  ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
  GstElement* router = pipeline.Element("r");
  ASSERT_TRUE(WaitUntil([&] { return PadStat(router, "src_1", "packetsSent") > 5; }));
  GstPad* pad = gst_element_get_static_pad(router, "src_1");
  std::atomic<bool> blocked{false};
  const gulong probe = gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo*, gpointer data) {
        *static_cast<std::atomic<bool>*>(data) = true;
        NoteChange();
        return GST_PAD_PROBE_OK;
      },
      &blocked, nullptr);
  EXPECT_TRUE(WaitUntil([&] { return blocked.load(); }));
  const guint before = good;
  EXPECT_TRUE(WaitUntil([&] { return good > before + 50; }));
  gst_pad_remove_probe(pad, probe);
  const guint64 sent = PadStat(router, "src_1", "packetsSent");
  EXPECT_TRUE(WaitUntil([&] { return PadStat(router, "src_1", "packetsSent") > sent + 20; }));
  gst_object_unref(pad);
}

TEST(BranchTest, StoppingFromInsideAChainFunctionEnds) {
  for (const char* end : {"fakesink name=f async=false sync=false",
                          "identity ! fakesink name=f async=false sync=false"}) {
    Pipeline pipeline(std::string(kSource) + "r.src_0 ! " + end);
    std::atomic<bool> stopped{false};
    std::atomic<bool> once{false};
    GstElement* whole = pipeline.get();
    OnBuffers(pipeline.Element("f"), "sink", [&, whole](guint) {
      if (once.exchange(true)) return;
      gst_element_set_state(whole, GST_STATE_NULL);
      stopped = true;
    });
    ASSERT_NE(gst_element_set_state(whole, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    EXPECT_TRUE(WaitUntil([&] { return stopped.load(); })) << end;
  }
}

TEST(BranchTest, AnErrorOnOneBranchLeavesTheOther) {
  Pipeline pipeline(std::string(kSource) +
                    "r.src_0 ! fakesink name=good async=false sync=false "
                    "r.src_1 ! identity name=bad error-after=3 ! fakesink async=false sync=false");
  std::atomic<guint> good{0};
  OnBuffers(pipeline.Element("good"), "sink", [&good](guint n) { good += n; });
  ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
  EXPECT_TRUE(pipeline.WaitFor(GST_MESSAGE_ERROR));
  const guint before = good;
  EXPECT_TRUE(WaitUntil([&] { return good > before + 50; }));
}

}  // namespace
}  // namespace sfu::test
