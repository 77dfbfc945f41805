// Which Consumer gets which Producer; Routers and Workers by name.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "pipeline.h"

namespace sfu::test {
namespace {

constexpr char kVideo[] =
    "videotestsrc is-live=true ! video/x-raw,width=64,height=48 ! vp8enc deadline=1 ! rtpvp8pay ";
constexpr char kAudio[] = "audiotestsrc is-live=true ! opusenc ! rtpopuspay ";

std::string ProducerOf(GstElement* router, const char* name) {
  GstPad* pad = gst_element_get_static_pad(router, name);
  gchar* producer = nullptr;
  g_object_get(pad, "producer", &producer, nullptr);
  std::string text = producer;
  g_free(producer);
  gst_object_unref(pad);
  return text;
}

std::string IdOf(GstElement* router, const char* name) {
  GstPad* pad = gst_element_get_static_pad(router, name);
  gchar* id = nullptr;
  g_object_get(pad, "producer-id", &id, nullptr);
  std::string text = id;
  g_free(id);
  gst_object_unref(pad);
  return text;
}

TEST(BindingTest, UnsetPadsGetWhatSuitsTheirPeers) {
  Pipeline pipeline(std::string("sfurouter name=r ") + kAudio + "! r.sink_0 " + kVideo +
                    "! r.sink_1 r.src_0 ! rtpvp8depay ! fakesink async=false "
                    "r.src_1 ! rtpopusdepay ! fakesink async=false "
                    "r.src_2 ! out.sink_0 r.src_3 ! out.sink_1 r.src_4 ! out.sink_2 "
                    "plaintransport name=out");
  ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
  GstElement* r = pipeline.Element("r");
  const std::string audio = IdOf(r, "sink_0");
  const std::string video = IdOf(r, "sink_1");
  EXPECT_EQ(ProducerOf(r, "src_0"), video);
  EXPECT_EQ(ProducerOf(r, "src_1"), audio);
  // One transport gets each of them once, then the lowest again.
  EXPECT_EQ(ProducerOf(r, "src_2"), audio);
  EXPECT_EQ(ProducerOf(r, "src_3"), video);
  EXPECT_EQ(ProducerOf(r, "src_4"), audio);
}

TEST(BindingTest, ANamedProducerIsFoundByPadByElementAndById) {
  Pipeline pipeline(std::string("sfurouter name=r router=binding-test sink_1::producer-id=cam ") +
                    kVideo + "! r.sink_0 " + kVideo +
                    "! r.sink_1 "
                    "r.src_0 ! fakesink async=false r.src_1 ! fakesink async=false "
                    "r.src_2 ! fakesink async=false");
  GstElement* r = pipeline.Element("r");
  const auto set = [r](const char* pad_name, const char* property, const char* value) {
    GstPad* pad = gst_element_get_static_pad(r, pad_name);
    g_object_set(pad, property, value, nullptr);
    gst_object_unref(pad);
  };
  set("sink_1", "producer-id", "cam");
  set("src_0", "producer", "sink_1");
  set("src_1", "producer", "r.sink_1");
  set("src_2", "producer", "cam");
  ASSERT_TRUE(pipeline.SetState(GST_STATE_PLAYING));
  for (const char* pad : {"src_0", "src_1", "src_2"}) EXPECT_EQ(ProducerOf(r, pad), "cam") << pad;
}

TEST(BindingTest, ElementsOfOneNameShareARouterAcrossPipelines) {
  Pipeline sender(std::string("sfurouter name=a router=shared-test ") + kVideo + "! a.sink_0");
  Pipeline receiver(
      "sfurouter name=b router=shared-test b.src_0 ! rtpvp8depay name=d ! fakesink async=false");
  std::atomic<guint> frames{0};
  OnBuffers(receiver.Element("d"), "src", [&frames](guint n) { frames += n; });
  ASSERT_TRUE(sender.SetState(GST_STATE_PLAYING));
  ASSERT_TRUE(receiver.SetState(GST_STATE_PLAYING));
  EXPECT_TRUE(WaitUntil([&] { return frames > 5; }));
  EXPECT_GT(PadStat(receiver.Element("b"), "src_0", "packetsSent"), 5U);
  // One recording is stopped alone.
  gst_element_send_event(receiver.get(), gst_event_new_eos());
  EXPECT_TRUE(receiver.WaitFor(GST_MESSAGE_EOS));
}

TEST(BindingTest, ARouterOnAnotherWorkerIsAnErrorThatNamesBoth) {
  Pipeline first("sfurouter router=worker-test worker=one");
  ASSERT_TRUE(first.SetState(GST_STATE_READY));
  Pipeline second("sfurouter router=worker-test worker=two");
  EXPECT_FALSE(second.SetState(GST_STATE_READY));
  EXPECT_TRUE(second.WaitFor(GST_MESSAGE_ERROR));
  EXPECT_NE(second.last_error().find("'one'"), std::string::npos) << second.last_error();
  EXPECT_NE(second.last_error().find("'two'"), std::string::npos) << second.last_error();
}

}  // namespace
}  // namespace sfu::test
