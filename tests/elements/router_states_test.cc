// sfurouter: states, reuse, and pads that come and go under load.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "harness.h"

namespace sfu::test {
namespace {

constexpr char kLiveLine[] =
    "appsrc name=in is-live=true format=time block=false ! "
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000 ! r.sink_0 "
    "sfurouter name=r r.src_0 ! appsink name=out sync=false async=false "
    "r.src_1 ! queue ! fakesink sync=false async=false";

void PushFrame(GstElement* appsrc, Vp8Source& source) {
  for (const BuiltPacket& packet : source.NextFrame(Timestamp())) {
    GstFlowReturn flow = GST_FLOW_OK;
    const BufferRef buffer = MakeBuffer(packet.bytes);
    g_signal_emit_by_name(appsrc, "push-buffer", buffer.get(), &flow);
  }
}

bool PullSample(GstElement* appsink) {
  GstSample* sample = nullptr;
  g_signal_emit_by_name(appsink, "try-pull-sample", kPatience, &sample);
  if (sample == nullptr) return false;
  gst_sample_unref(sample);
  return true;
}

TEST(RouterStates, CyclesBetweenNullAndPlaying) {
  Pipeline pipeline(kLiveLine);
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  const ElementRef in = pipeline.Find("in");
  const ElementRef out = pipeline.Find("out");
  for (int i = 0; i < 100; ++i) {
    ASSERT_NE(pipeline.SetState(GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    Vp8Source source;
    PushFrame(in.get(), source);
    // Some rounds end in the middle of the data.
    if (i % 4 == 0) {
      ASSERT_TRUE(PullSample(out.get())) << "round " << i;
    }
    ASSERT_EQ(pipeline.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  }
}

TEST(RouterStates, CyclesBetweenReadyAndPlaying) {
  Pipeline pipeline(kLiveLine);
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  const ElementRef in = pipeline.Find("in");
  const ElementRef out = pipeline.Find("out");
  for (int i = 0; i < 30; ++i) {
    ASSERT_NE(pipeline.SetState(GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    Vp8Source source;
    PushFrame(in.get(), source);
    ASSERT_TRUE(PullSample(out.get())) << "round " << i;
    ASSERT_EQ(pipeline.SetState(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  }
}

TEST(RouterStates, ReusedAfterItsEnd) {
  Pipeline pipeline(
      "videotestsrc num-buffers=3 ! video/x-raw,width=64,height=48 ! vp8enc deadline=1 ! "
      "rtpvp8pay ! r.sink_0 sfurouter name=r r.src_0 ! rtpvp8depay ! fakesink sync=false");
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  for (int i = 0; i < 3; ++i) {
    pipeline.SetState(GST_STATE_PLAYING);
    const MessageRef end =
        pipeline.WaitForMessage(static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
    ASSERT_TRUE(end) << "round " << i;
    ASSERT_EQ(GST_MESSAGE_TYPE(end.get()), GST_MESSAGE_EOS) << TextOf(end);
    pipeline.SetState(GST_STATE_READY);
  }
}

TEST(RouterStates, StoppedFromInsideAChainFunction) {
  for (int i = 0; i < 10; ++i) {
    Pipeline pipeline(kLiveLine);
    ASSERT_TRUE(pipeline.ok()) << pipeline.error();
    struct Stop {
      GstElement* router;
      std::atomic<bool> done{false};
    } stop{pipeline.Find("r").get(), {}};
    const PadRef pad = pipeline.FindPad("out", "sink");
    gst_pad_add_probe(
        pad.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        [](GstPad*, GstPadProbeInfo*, gpointer data) {
          auto* s = static_cast<Stop*>(data);
          if (!s->done) gst_element_set_state(s->router, GST_STATE_NULL);
          s->done = true;
          s->done.notify_all();
          return GST_PAD_PROBE_OK;
        },
        &stop, nullptr);
    pipeline.SetState(GST_STATE_PLAYING);
    Vp8Source source;
    PushFrame(pipeline.Find("in").get(), source);
    stop.done.wait(false);
    EXPECT_EQ(pipeline.SetState(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  }
}

// Pads come and go while packets flow and the pipeline changes states: nothing hangs, and the one
// that stays gets its stream in the end.
TEST(RouterStates, PadsComeAndGoUnderLoad) {
  Pipeline pipeline(kLiveLine);
  ASSERT_TRUE(pipeline.ok()) << pipeline.error();
  const ElementRef in = pipeline.Find("in");
  const ElementRef out = pipeline.Find("out");
  const ElementRef router = pipeline.Find("r");
  pipeline.SetState(GST_STATE_PLAYING);
  std::atomic<bool> stop{false};
  std::thread load([&] {
    Vp8Source source({.key_frame_interval = 5});
    while (!stop) {
      PushFrame(in.get(), source);
      std::this_thread::yield();
      // Not more than the router takes.
      while (!stop && Get<guint64>(in.get(), "current-level-buffers") > 50) {
        std::this_thread::yield();
      }
    }
  });
  std::thread states([&] {
    for (int i = 0; i < 20; ++i) {
      gst_element_set_state(pipeline.get(), i % 2 == 0 ? GST_STATE_READY : GST_STATE_PLAYING);
    }
  });
  for (int i = 0; i < 300; ++i) {
    const auto src = PadRef::Adopt(gst_element_request_pad_simple(router.get(), "src_%u"));
    const auto sink = PadRef::Adopt(gst_element_request_pad_simple(router.get(), "sink_%u"));
    ASSERT_TRUE(src && sink);
    if (i % 3 == 0) {
      const ElementRef fake = MakeElement("fakesink");
      g_object_set(fake.get(), "async", FALSE, "sync", FALSE, nullptr);
      gst_bin_add(GST_BIN(pipeline.get()), fake.get());
      const auto peer = PadRef::Adopt(gst_element_get_static_pad(fake.get(), "sink"));
      EXPECT_EQ(gst_pad_link(src.get(), peer.get()), GST_PAD_LINK_OK);
      gst_element_sync_state_with_parent(fake.get());
      gst_element_release_request_pad(router.get(), src.get());
      gst_element_set_locked_state(fake.get(), TRUE);
      gst_element_set_state(fake.get(), GST_STATE_NULL);
      gst_bin_remove(GST_BIN(pipeline.get()), fake.get());
    } else {
      gst_element_release_request_pad(router.get(), src.get());
    }
    gst_element_release_request_pad(router.get(), sink.get());
  }
  states.join();
  pipeline.SetState(GST_STATE_PLAYING);
  EXPECT_TRUE(PullSample(out.get()));
  stop = true;
  load.join();
}

// Reads every property that `object` has.
void LookAt(GObject* object) {
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(object), &count);
  for (guint i = 0; i < count; ++i) {
    if ((specs[i]->flags & G_PARAM_READABLE) == 0) continue;
    GValue value = G_VALUE_INIT;
    g_object_get_property(object, specs[i]->name, &value);
    g_value_unset(&value);
  }
  g_free(specs);
}

// A thread of the application watches all of it, while pads come, get names, and go again.
TEST(RouterStates, IsLookedAtWhileItChanges) {
  Stage router("sfurouter");
  router.Play();
  std::atomic<bool> stop{false};
  std::thread watcher([&] {
    const auto look = [](GstElement*, GstPad* pad, gpointer) -> gboolean {
      LookAt(G_OBJECT(pad));
      return TRUE;
    };
    while (!stop) {
      LookAt(G_OBJECT(router.get()));
      gst_element_foreach_pad(router.get(), look, nullptr);
    }
  });
  for (int i = 0; i < 50; ++i) {
    Feeder feeder(router.get(), "sink_0", kVp8Caps);
    Reader reader(router.get(), "src_0", "application/x-rtp");
    const std::string id = "camera " + std::to_string(i);
    g_object_set(feeder.peer().get(), "producer-id", id.c_str(), nullptr);
    EXPECT_EQ(GetString(reader.peer().get(), "producer"), id);
    feeder.Start();
    EXPECT_EQ(reader.PullPackets(feeder.PushFrame(true).size()).back().payload_type, 96);
  }
  stop = true;
  watcher.join();
}

TEST(RouterStates, ManyPadsStayQuick) {
  Stage router("sfurouter");
  std::vector<PadRef> pads;
  for (int i = 0; i < 600; ++i) {
    pads.push_back(PadRef::Adopt(gst_element_request_pad_simple(router.get(), "src_%u")));
  }
  router.Play();
  for (const PadRef& pad : pads) gst_element_release_request_pad(router.get(), pad.get());
  EXPECT_EQ(GST_ELEMENT(router.get())->numpads, 0);
}

// All is freed with the last reference: the element, its pads, and what they push.
TEST(RouterStates, NothingIsKept) {
  struct Count {
    std::mutex mutex;
    std::condition_variable changed;
    int freed = 0;
  } count;
  const auto tell = +[](gpointer data, GObject*) {
    auto* c = static_cast<Count*>(data);
    const std::lock_guard lock(c->mutex);
    ++c->freed;
    c->changed.notify_all();
  };
  {
    Stage stage("sfurouter");
    g_object_weak_ref(G_OBJECT(stage.get()), tell, &count);
    Feeder feeder(stage.get(), "sink_0", kVp8Caps);
    Reader reader(stage.get(), "src_0", "application/x-rtp");
    g_object_weak_ref(G_OBJECT(reader.peer().get()), tell, &count);
    stage.Play();
    feeder.Start();
    reader.PullPackets(feeder.PushFrame(true).size());
  }
  // What tells of the producer holds the element a little longer, on a thread of its own.
  std::unique_lock lock(count.mutex);
  EXPECT_TRUE(count.changed.wait_for(lock, std::chrono::nanoseconds(kPatience),
                                     [&] { return count.freed == 2; }));
}

}  // namespace
}  // namespace sfu::test
