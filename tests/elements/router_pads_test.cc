// sfurouter: its pads, their names and properties, and what gst_parse_launch() makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.h"

namespace sfu::test {
namespace {

using testing::HasSubstr;

PadRef Request(GstElement* element, const char* name) {
  return PadRef::Adopt(gst_element_request_pad_simple(element, name));
}

// Asks for a pad as an application does that names none.
PadRef RequestByTemplate(GstElement* element, const char* templ, const char* name = nullptr) {
  GstPadTemplate* found = gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), templ);
  return PadRef::Adopt(gst_element_request_pad(element, found, name, nullptr));
}

std::string NameOf(const PadRef& pad) { return pad ? GST_PAD_NAME(pad.get()) : "(none)"; }

TEST(RouterPads, FactoryAndTemplatesAreComplete) {
  Stage router("sfurouter");
  GstElementFactory* factory = gst_element_get_factory(router.get());
  EXPECT_EQ(gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(factory)), GST_RANK_NONE);
  EXPECT_EQ(gst_element_factory_get_num_pad_templates(factory), 2U);
  for (const char* name : {"sink_%u", "src_%u"}) {
    GstPadTemplate* templ =
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(router.get()), name);
    ASSERT_NE(templ, nullptr) << name;
    EXPECT_EQ(GST_PAD_TEMPLATE_PRESENCE(templ), GST_PAD_REQUEST);
    const auto caps = CapsRef::Adopt(gst_pad_template_get_caps(templ));
    EXPECT_TRUE(
        gst_caps_is_subset(MakeCaps("application/x-rtp(memory:RtpBatch)").get(), caps.get()));
    EXPECT_TRUE(gst_caps_is_subset(MakeCaps("application/x-rtp").get(), caps.get()));
  }
  EXPECT_TRUE(GST_OBJECT_FLAG_IS_SET(router.get(), GST_ELEMENT_FLAG_SOURCE));
  EXPECT_FALSE(GST_OBJECT_FLAG_IS_SET(router.get(), GST_ELEMENT_FLAG_SINK));
}

TEST(RouterPads, AreNamedAsAsked) {
  Stage router("sfurouter");
  EXPECT_EQ(NameOf(Request(router.get(), "sink_3")), "sink_3");
  EXPECT_EQ(NameOf(Request(router.get(), "src_70")), "src_70");
  EXPECT_EQ(NameOf(Request(router.get(), "sink_%u")), "sink_0");
  EXPECT_EQ(NameOf(RequestByTemplate(router.get(), "sink_%u")), "sink_1");
  EXPECT_EQ(NameOf(RequestByTemplate(router.get(), "src_%u")), "src_0");
  EXPECT_EQ(NameOf(Request(router.get(), "sink_%u")), "sink_2");
  EXPECT_EQ(NameOf(Request(router.get(), "sink_%u")), "sink_4") << "3 is taken";
}

// GStreamer complains aloud of such calls, which is fatal in the other tests.
TEST(RouterPads, WrongNamesAndDuplicatesGiveNone) {
  const GLogLevelFlags fatal = g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
  Stage router("sfurouter");
  ASSERT_TRUE(Request(router.get(), "sink_0"));
  EXPECT_FALSE(RequestByTemplate(router.get(), "sink_%u", "sink_0"));
  EXPECT_FALSE(RequestByTemplate(router.get(), "sink_%u", "src_1"));
  EXPECT_FALSE(RequestByTemplate(router.get(), "sink_%u", "sink_"));
  EXPECT_FALSE(RequestByTemplate(router.get(), "sink_%u", "sink_1x"));
  EXPECT_FALSE(RequestByTemplate(router.get(), "sink_%u", "sink_99999999999"));
  EXPECT_EQ(GST_ELEMENT(router.get())->numpads, 1);
  g_log_set_always_fatal(fatal);
}

TEST(RouterPads, ReleasedNumbersAreGivenAgain) {
  Stage router("sfurouter");
  const PadRef first = Request(router.get(), "src_%u");
  const PadRef second = Request(router.get(), "src_%u");
  gst_element_release_request_pad(router.get(), first.get());
  EXPECT_EQ(GST_OBJECT_PARENT(first.get()), nullptr);
  EXPECT_EQ(GST_ELEMENT(router.get())->numpads, 1);
  EXPECT_EQ(NameOf(Request(router.get(), "src_%u")), "src_0");
  EXPECT_EQ(NameOf(Request(router.get(), "src_%u")), "src_2");
}

TEST(RouterPads, ReleasedProducerIdIsFree) {
  Stage router("sfurouter");
  const PadRef first = Request(router.get(), "sink_0");
  g_object_set(first.get(), "producer-id", "cam", nullptr);
  gst_element_release_request_pad(router.get(), first.get());
  const PadRef second = Request(router.get(), "sink_0");
  g_object_set(second.get(), "producer-id", "cam", nullptr);
  EXPECT_EQ(GetString(second.get(), "producer-id"), "cam");
}

TEST(RouterPads, ProducerIdIsUnique) {
  Stage router("sfurouter");
  const PadRef first = Request(router.get(), "sink_0");
  const PadRef second = Request(router.get(), "sink_1");
  g_object_set(first.get(), "producer-id", "cam", nullptr);
  const std::string own = GetString(second.get(), "producer-id");
  EXPECT_FALSE(own.empty()) << "one is made up";
  g_object_set(second.get(), "producer-id", "cam", nullptr);
  EXPECT_EQ(GetString(second.get(), "producer-id"), own) << "a wrong call changes nothing";
  const MessageRef warning = router.PopMessage(GST_MESSAGE_WARNING);
  EXPECT_THAT(TextOf(warning), HasSubstr("producer-id"));
  EXPECT_THAT(TextOf(warning), HasSubstr("cam"));
}

TEST(RouterPads, NameAndWorkerStayOnceThereArePads) {
  Stage router("sfurouter");
  g_object_set(router.get(), "router", "pads-room", nullptr);
  ASSERT_TRUE(Request(router.get(), "sink_0"));
  g_object_set(router.get(), "router", "other", nullptr);
  EXPECT_EQ(GetString(router.get(), "router"), "pads-room");
  EXPECT_THAT(TextOf(router.PopMessage(GST_MESSAGE_WARNING)), HasSubstr("router"));
  g_object_set(router.get(), "worker", "other", nullptr);
  EXPECT_EQ(GetString(router.get(), "worker"), "default");
  EXPECT_THAT(TextOf(router.PopMessage(GST_MESSAGE_WARNING)), HasSubstr("worker"));
}

TEST(RouterPads, ChildProxyFollowsThePads) {
  std::vector<std::string> told;  // outlives the router, which releases pads as it goes
  Stage router("sfurouter");
  const auto tell = +[](GstChildProxy*, GObject*, gchar* name, gpointer data) {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
  };
  g_signal_connect(router.get(), "child-added", G_CALLBACK(tell), &told);
  g_signal_connect(router.get(), "child-removed", G_CALLBACK(tell), &told);
  const PadRef sink = Request(router.get(), "sink_0");
  const PadRef src = Request(router.get(), "src_0");
  EXPECT_EQ(gst_child_proxy_get_children_count(GST_CHILD_PROXY(router.get())), 2U);
  gst_child_proxy_set(GST_CHILD_PROXY(router.get()), "src_0::paused", TRUE, "sink_0::producer-id",
                      "cam", "src_0::latency", 350, nullptr);
  EXPECT_EQ(Get<gboolean>(src.get(), "paused"), TRUE);
  EXPECT_EQ(Get<gint>(src.get(), "latency"), 350);
  EXPECT_EQ(GetString(sink.get(), "producer-id"), "cam");
  gst_element_release_request_pad(router.get(), src.get());
  EXPECT_THAT(told, testing::ElementsAre("sink_0", "src_0", "src_0"));
}

TEST(RouterPads, PropertiesAndStatsHaveTheirTypes) {
  Stage router("sfurouter");
  const PadRef sink = Request(router.get(), "sink_0");
  const PadRef src = Request(router.get(), "src_0");
  EXPECT_EQ(Get<guint>(src.get(), "priority"), 1U);
  EXPECT_EQ(GetString(src.get(), "type"), "simple");
  EXPECT_EQ(GetString(sink.get(), "type"), "simple");
  EXPECT_EQ(GetString(src.get(), "producer"), "");
  EXPECT_EQ(Get<gboolean>(sink.get(), "sync"), TRUE);
  EXPECT_EQ(Get<guint64>(src.get(), "max-queue-time"), 2 * GST_SECOND);
  EXPECT_EQ(Get<guint>(src.get(), "max-queue-packets"), 4096U);
  auto* parameters = Get<GstStructure*>(src.get(), "rtp-parameters");
  EXPECT_TRUE(gst_structure_has_name(parameters, "application/x-rtp"));
  gst_structure_free(parameters);
  for (const char* field : {"packetsSent", "packetsDropped", "queueOverflows", "packetsQueued"}) {
    EXPECT_TRUE(HasStat(src.get(), field)) << field;
  }
  EXPECT_TRUE(HasStat(sink.get(), "id"));
  GstStructure* all = nullptr;
  g_signal_emit_by_name(router.get(), "get-stats", &all);
  ASSERT_NE(all, nullptr);
  EXPECT_TRUE(gst_structure_has_name(all, "application/x-sfu-router-stats"));
  EXPECT_TRUE(gst_structure_has_field_typed(all, "sink_0", GST_TYPE_STRUCTURE));
  EXPECT_TRUE(gst_structure_has_field_typed(all, "src_0", GST_TYPE_STRUCTURE));
  gst_structure_free(all);
}

TEST(RouterPads, LaunchLinesSetPadProperties) {
  Pipeline pipeline(
      "sfurouter name=r sink_0::producer-id=cam src_0::paused=true src_0::priority=7 "
      "appsrc ! r.sink_0 r.src_0 ! fakesink");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  EXPECT_EQ(GetString(pipeline.FindPad("r", "sink_0").get(), "producer-id"), "cam");
  EXPECT_EQ(Get<gboolean>(pipeline.FindPad("r", "src_0").get(), "paused"), TRUE);
  EXPECT_EQ(Get<guint>(pipeline.FindPad("r", "src_0").get(), "priority"), 7U);
}

TEST(RouterPads, LaunchLinesOfUsersParse) {
  for (const char* line : {
           "videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! r.sink_0 "
           "sfurouter name=r r.src_0 ! rtpvp8depay ! vp8dec ! fakesink",
           "filesrc location=clip.webm ! matroskademux ! rtpvp8pay ! r.sink_0 "
           "sfurouter name=r r.src_0 ! rtpvp8depay ! fakesink",
           "videotestsrc ! x264enc ! rtph264pay ! r.sink_0 sfurouter name=r router=lines "
           "r.src_4 ! rtph264depay ! h264parse ! hlssink2 target-duration=2",
           "videotestsrc ! vp8enc ! rtpvp8pay ! r.sink_0 sfurouter name=r router=lines "
           "r.src_5 ! rtpvp8depay ! vp8dec ! videoconvert ! x264enc tune=zerolatency ! "
           "rtph264pay ! back.sink_0 sfurouter name=back router=lines",
       }) {
    Pipeline pipeline(line);
    EXPECT_TRUE(pipeline.ok()) << line << ": " << pipeline.error();
  }
}

// The stock live line, to its end: five frames go through and are decoded.
TEST(RouterPads, LiveLineRuns) {
  Pipeline pipeline(
      "videotestsrc is-live=true num-buffers=5 ! video/x-raw,width=64,height=48 ! "
      "vp8enc deadline=1 ! rtpvp8pay ! r.sink_0 sfurouter name=r "
      "r.src_0 ! rtpvp8depay ! vp8dec ! fakesink name=out sync=false");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  pipeline.SetState(GST_STATE_PLAYING);
  const MessageRef end =
      pipeline.WaitForMessage(static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  ASSERT_TRUE(end);
  EXPECT_EQ(GST_MESSAGE_TYPE(end.get()), GST_MESSAGE_EOS);
  EXPECT_GE(Stat(pipeline.FindPad("r", "src_0").get(), "keyFramesSent"), 1U);
}

}  // namespace
}  // namespace sfu::test
