// A Router that is stopped leaves nothing behind that runs.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <utility>

#include "plain_transport_element.h"
#include "router_element.h"
#include "shared_worker.h"

namespace sfu::gst {
namespace {

class RouterEndTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};

// The Worker of an element that runs, which nobody else uses.
std::weak_ptr<SharedWorker> WorkerOf(GstElement* element) {
  gchar* name = nullptr;
  g_object_get(element, "worker", &name, nullptr);
  const std::unique_ptr<gchar, decltype(&g_free)> owned(name, &g_free);
  return AcquireWorker(name).value();
}

GstElement* New(GType type) {
  return GST_ELEMENT_CAST(gst_object_ref_sink(g_object_new(type, "worker", "router-end", nullptr)));
}

// Who has stopped his pipeline may call gst_deinit(), behind which no Worker may free a buffer.
constexpr int kRounds = 50;

TEST_F(RouterEndTest, TheWorkerHasEndedWhenTheLastRouterIsStopped) {
  for (int i = 0; i < kRounds; ++i) {
    GstElement* const router = New(gst_sfu_router_get_type());
    ASSERT_NE(gst_element_set_state(router, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    const std::weak_ptr<SharedWorker> worker = WorkerOf(router);
    ASSERT_FALSE(worker.expired());
    gst_element_set_state(router, GST_STATE_NULL);
    EXPECT_TRUE(worker.expired()) << "round " << i;
    gst_object_unref(router);
  }
}

// Pads keep it until they go, as those of gst-launch-1.0 do with the pipeline.
TEST_F(RouterEndTest, TheWorkerHasEndedWhenTheLastElementIsFreed) {
  for (const auto& [type, pad_name] : {std::pair(gst_sfu_router_get_type(), "sink_0"),
                                       std::pair(gst_sfu_plain_transport_get_type(), "src_0")}) {
    for (int i = 0; i < kRounds; ++i) {
      GstElement* const element = New(type);
      gst_object_unref(gst_element_request_pad_simple(element, pad_name));
      ASSERT_NE(gst_element_set_state(element, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
      const std::weak_ptr<SharedWorker> worker = WorkerOf(element);
      ASSERT_FALSE(worker.expired());
      gst_element_set_state(element, GST_STATE_NULL);
      gst_object_unref(element);
      EXPECT_TRUE(worker.expired()) << pad_name << ", round " << i;
    }
  }
}

// An application that is told of a Producer, and lets go of the pipeline meanwhile.
class SlowApplication {
 public:
  explicit SlowApplication(GstElement* pipeline) : pipeline_(pipeline) {
    const gpointer self = this;
    g_object_set_data_full(G_OBJECT(pipeline), "noted", self, [](gpointer data) {
      static_cast<SlowApplication*>(data)->pipeline_ended_ = true;
    });
    GstBus* const bus = gst_element_get_bus(pipeline);
    gst_bus_set_sync_handler(bus, &OnMessage, this, nullptr);
    gst_object_unref(bus);
  }
  SlowApplication(const SlowApplication&) = delete;
  SlowApplication& operator=(const SlowApplication&) = delete;

  // Whether the pipeline was there until the application had read what it was told.
  bool LetGoWhileTold() {
    told_.acquire();
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(pipeline_);
    let_go_.release();
    read_.acquire();
    return pipeline_there_;
  }
  bool pipeline_ended() const { return pipeline_ended_; }

 private:
  static GstBusSyncReply OnMessage(GstBus* /*bus*/, GstMessage* message, gpointer data) {
    auto* self = static_cast<SlowApplication*>(data);
    if (gst_message_has_name(message, "GstSfuEvent") && !self->was_told_.exchange(true)) {
      self->told_.release();
      self->let_go_.acquire();
      self->pipeline_there_ = !self->pipeline_ended_;
      self->read_.release();
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
  }

  GstElement* const pipeline_;
  std::binary_semaphore told_{0};
  std::binary_semaphore let_go_{0};
  std::binary_semaphore read_{0};
  std::atomic<bool> was_told_{false};
  std::atomic<bool> pipeline_ended_{false};
  bool pipeline_there_ = false;
};

TEST_F(RouterEndTest, ThePipelineStaysWhileItIsToldOfAProducer) {
  GstElement* const pipeline = gst_pipeline_new(nullptr);
  auto* router =
      GST_ELEMENT_CAST(g_object_new(gst_sfu_router_get_type(), "worker", "router-told", nullptr));
  gst_bin_add(GST_BIN(pipeline), router);
  GstPad* const pad = gst_element_request_pad_simple(router, "sink_0");
  SlowApplication application(pipeline);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  gst_pad_send_event(pad, gst_event_new_stream_start("stream"));
  GstCaps* const caps = gst_caps_from_string(
      "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000");
  EXPECT_TRUE(gst_pad_send_event(pad, gst_event_new_caps(caps)));
  gst_caps_unref(caps);
  gst_object_unref(pad);
  EXPECT_TRUE(application.LetGoWhileTold());
  // It goes with the call, which has all but returned.
  while (!application.pipeline_ended()) g_thread_yield();
}

}  // namespace
}  // namespace sfu::gst
