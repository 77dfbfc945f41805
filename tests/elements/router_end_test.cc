// A Router that is stopped leaves nothing behind that runs.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <memory>

#include "router_element.h"
#include "shared_worker.h"

namespace sfu::gst {
namespace {

// The Worker of a router that runs, which nobody else uses.
std::weak_ptr<SharedWorker> WorkerOf(GstElement* router) {
  gchar* name = nullptr;
  g_object_get(router, "worker", &name, nullptr);
  const std::unique_ptr<gchar, decltype(&g_free)> owned(name, &g_free);
  return AcquireWorker(name).value();
}

// Who has stopped his pipeline may call gst_deinit(), behind which no Worker may free a buffer.
TEST(RouterEndTest, TheWorkerHasEndedWhenTheLastRouterIsStopped) {
  constexpr int kRounds = 50;
  for (int i = 0; i < kRounds; ++i) {
    auto* router = GST_ELEMENT_CAST(gst_object_ref_sink(
        g_object_new(gst_sfu_router_get_type(), "worker", "router-end", nullptr)));
    ASSERT_NE(gst_element_set_state(router, GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
    const std::weak_ptr<SharedWorker> worker = WorkerOf(router);
    ASSERT_FALSE(worker.expired());
    gst_element_set_state(router, GST_STATE_NULL);
    EXPECT_TRUE(worker.expired()) << "round " << i;
    gst_object_unref(router);
  }
}

}  // namespace
}  // namespace sfu::gst
