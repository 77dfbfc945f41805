// sfurouter: which consumer pad gets which Producer, and Routers shared by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.h"

namespace sfu::test {
namespace {

using testing::HasSubstr;

// A router with two video producers (VP8) and one of sound between them.
class Binding : public testing::Test {
 protected:
  Binding() {
    router_.Play();
    for (Feeder* feeder : {&video_, &sound_, &second_}) feeder->Start();
    Name("sink_0", "cam");
    Name("sink_1", "mic");
    Name("sink_2", "screen");
  }
  void Name(const char* pad, const char* id) { names_.emplace_back(pad, id); }
  // The name of the pad that feeds `reader`'s.
  std::string Source(const Reader& reader) {
    std::string id = GetString(reader.peer().get(), "producer");
    for (const char* pad : {"sink_0", "sink_1", "sink_2"}) {
      const PadRef sink = router_.Pad(pad);
      if (GetString(sink.get(), "producer-id") == id) return pad;
    }
    return id;
  }

  std::vector<std::pair<std::string, std::string>> names_;
  Stage router_{"sfurouter", "r"};
  Feeder video_{router_.get(), "sink_0", kVp8Caps};
  Feeder sound_{router_.get(), "sink_1", kOpusCaps};
  Feeder second_{router_.get(), "sink_2", kVp8Caps};
};

TEST_F(Binding, UnsetTakesTheLowestThatFits) {
  const Reader any(router_.get(), "src_0");
  const Reader opus(router_.get(), "src_1", "application/x-rtp,encoding-name=OPUS");
  const Reader video(router_.get(), "src_2", "application/x-rtp,media=video");
  router_.Play();
  EXPECT_EQ(Source(any), "sink_0");
  EXPECT_EQ(Source(opus), "sink_1");
  EXPECT_EQ(Source(video), "sink_0") << "another element may have it, too";
}

TEST_F(Binding, WhatNobodyGivesIsWaitedFor) {
  const Reader h264(router_.get(), "src_0", "application/x-rtp,encoding-name=H264");
  router_.Play();
  EXPECT_EQ(GetString(h264.peer().get(), "producer"), "");
  Feeder late(router_.get(), "sink_7", kH264Caps);
  late.Start();
  // The producer's coming is told to the router's pads on a thread of its own; the message follows.
  while (const MessageRef message = router_.WaitForMessage(GST_MESSAGE_ELEMENT)) {
    const GstStructure* s = gst_message_get_structure(message.get());
    if (g_strcmp0(gst_structure_get_string(s, "pad"), "sink_7") == 0) break;
  }
  Stat(h264.peer().get(), "packetsSent");
  EventRef caps = const_cast<Reader&>(h264).WaitFor(GST_EVENT_CAPS);
  ASSERT_TRUE(caps);
  EXPECT_EQ(GetString(h264.peer().get(), "producer"), GetString(late.peer().get(), "producer-id"));
}

TEST_F(Binding, NamedByPadElementAndId) {
  g_object_set(sound_.peer().get(), "producer-id", "too late", nullptr);
  const std::string id = GetString(second_.peer().get(), "producer-id");
  const Reader by_pad(router_.get(), "src_0");
  const Reader by_element(router_.get(), "src_1");
  const Reader by_id(router_.get(), "src_2");
  g_object_set(by_pad.peer().get(), "producer", "sink_2", nullptr);
  g_object_set(by_element.peer().get(), "producer", "r.sink_1", nullptr);
  g_object_set(by_id.peer().get(), "producer", id.c_str(), nullptr);
  // Linked to a router that runs already: each was bound with nothing set. READY lets go of it.
  router_.SetState(GST_STATE_READY);
  router_.Play();
  EXPECT_EQ(Source(by_pad), "sink_2");
  EXPECT_EQ(Source(by_element), "sink_1");
  EXPECT_EQ(Source(by_id), "sink_2");
}

TEST_F(Binding, UnknownNameIsTold) {
  const Reader reader(router_.get(), "src_0");
  router_.SetState(GST_STATE_READY);
  g_object_set(reader.peer().get(), "producer", "nobody", nullptr);
  router_.Play();
  const MessageRef warning = router_.WaitForMessage(GST_MESSAGE_WARNING);
  EXPECT_THAT(TextOf(warning), HasSubstr("producer"));
  EXPECT_THAT(TextOf(warning), HasSubstr("nobody"));
  EXPECT_THAT(TextOf(warning), HasSubstr("src_0"));
}

// Two pads that go to one element share the Producers out between them; the third finds none free
// and takes the lowest.
TEST(RouterBinding, NeighboursShareOut) {
  Pipeline pipeline(
      "sfurouter name=r  funnel name=f ! fakesink async=false "
      "appsrc is-live=true ! application/x-rtp,media=video,encoding-name=VP8,payload=96,"
      "clock-rate=90000 ! r.sink_0 "
      "appsrc is-live=true ! application/x-rtp,media=video,encoding-name=VP8,payload=97,"
      "clock-rate=90000 ! r.sink_1 "
      "r.src_0 ! f. r.src_1 ! f. r.src_2 ! f. r.src_3 ! fakesink async=false");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  pipeline.SetState(GST_STATE_PLAYING);
  const auto source = [&](const char* pad) {
    return GetString(pipeline.FindPad("r", pad).get(), "producer");
  };
  const auto id = [&](const char* pad) {
    return GetString(pipeline.FindPad("r", pad).get(), "producer-id");
  };
  EXPECT_EQ(source("src_0"), id("sink_0"));
  EXPECT_EQ(source("src_1"), id("sink_1"));
  EXPECT_EQ(source("src_2"), id("sink_0"));
  EXPECT_EQ(source("src_3"), id("sink_0"));
}

// No data has come: what the producers could give decides, by the peers' answer to a CAPS query.
TEST(RouterBinding, BindsBeforeDataByThePeersCaps) {
  Pipeline pipeline(
      "sfurouter name=r "
      "appsrc ! rtpopuspay ! r.sink_0  appsrc ! rtpvp8pay ! r.sink_1 "
      "r.src_0 ! rtpvp8depay ! fakesink async=false r.src_1 ! rtpopusdepay ! fakesink async=false");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  pipeline.SetState(GST_STATE_PLAYING);
  EXPECT_EQ(GetString(pipeline.FindPad("r", "src_0").get(), "producer"),
            GetString(pipeline.FindPad("r", "sink_1").get(), "producer-id"));
  EXPECT_EQ(GetString(pipeline.FindPad("r", "src_1").get(), "producer"),
            GetString(pipeline.FindPad("r", "sink_0").get(), "producer-id"));
}

TEST(RouterBinding, OneRouterSpansPipelines) {
  Stage studio("sfurouter", "studio");
  Stage archive("sfurouter", "archive");
  g_object_set(studio.get(), "router", "span", nullptr);
  g_object_set(archive.get(), "router", "span", nullptr);
  Feeder feeder(studio.get(), "sink_0", kVp8Caps);
  Reader near(studio.get(), "src_0");
  Reader far(archive.get(), "src_0");
  studio.Play();
  archive.Play();
  feeder.Start();
  const auto sent = feeder.PushFrame(true);
  ASSERT_EQ(near.PullPackets(sent.size()).back().payload.size(),
            far.PullPackets(sent.size()).back().payload.size());
  EXPECT_EQ(GetString(far.peer().get(), "producer"), GetString(feeder.peer().get(), "producer-id"));
  // The far one is stopped alone.
  archive.SetState(GST_STATE_NULL);
  const auto more = feeder.PushFrame();
  EXPECT_EQ(near.PullPackets(more.size()).size(), more.size());
}

TEST(RouterBinding, OtherNamesAreOtherRouters) {
  Stage one("sfurouter", "one");
  Stage two("sfurouter", "two");
  g_object_set(one.get(), "router", "a", nullptr);
  g_object_set(two.get(), "router", "b", nullptr);
  Feeder feeder(one.get(), "sink_0", kVp8Caps);
  Reader reader(two.get(), "src_0");
  one.Play();
  two.Play();
  feeder.Start();
  EXPECT_EQ(GetString(reader.peer().get(), "producer"), "");
}

TEST(RouterBinding, AnotherWorkerIsAnErrorThatNamesBoth) {
  Stage first("sfurouter");
  g_object_set(first.get(), "router", "moved", "worker", "east", nullptr);
  first.SetState(GST_STATE_READY);
  Stage second("sfurouter");
  g_object_set(second.get(), "router", "moved", "worker", "west", nullptr);
  EXPECT_EQ(second.SetState(GST_STATE_READY), GST_STATE_CHANGE_FAILURE);
  const std::string text = TextOf(second.PopMessage(GST_MESSAGE_ERROR));
  EXPECT_THAT(text, HasSubstr("worker"));
  EXPECT_THAT(text, HasSubstr("'east'"));
  EXPECT_THAT(text, HasSubstr("'west'"));
  // The name is free once nobody holds it.
  first.SetState(GST_STATE_NULL);
  EXPECT_EQ(second.SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
}

TEST(RouterBinding, RequestedPadsSayWhyThereIsNone) {
  Stage first("sfurouter");
  g_object_set(first.get(), "router", "moved2", "worker", "east", nullptr);
  first.SetState(GST_STATE_READY);
  Stage second("sfurouter");
  g_object_set(second.get(), "router", "moved2", nullptr);
  EXPECT_EQ(gst_element_request_pad_simple(second.get(), "sink_0"), nullptr);
  EXPECT_THAT(TextOf(second.PopMessage(GST_MESSAGE_ERROR)), HasSubstr("'east'"));
}

TEST(RouterBinding, WrongCapsWarnAndNameTheField) {
  Stage router("sfurouter");
  Feeder feeder(router.get(), "sink_0", "application/x-rtp,media=video,encoding-name=VP8");
  router.Play();
  gst_harness_set_src_caps_str(feeder.get(),
                               "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000");
  const std::string text = TextOf(router.PopMessage(GST_MESSAGE_WARNING));
  EXPECT_THAT(text, HasSubstr("payload"));
  EXPECT_THAT(text, HasSubstr("sink_0"));
}

}  // namespace
}  // namespace sfu::test
