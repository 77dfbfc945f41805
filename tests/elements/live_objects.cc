// The tracer's answer is a log.
#include "live_objects.h"

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <thread>

namespace sfu::test {
namespace {

constexpr auto kSettleTime = std::chrono::seconds(20);
constexpr auto kLookEvery = std::chrono::milliseconds(20);

GstTracer* LeaksTracer() {
  GList* tracers = gst_tracing_get_active_tracers();
  GstTracer* leaks = nullptr;
  for (GList* item = tracers; item != nullptr; item = item->next) {
    auto* tracer = GST_TRACER(item->data);
    if (std::string(G_OBJECT_TYPE_NAME(tracer)) == "GstLeaksTracer") leaks = tracer;
  }
  // GStreamer holds them until its end.
  g_list_free_full(tracers, gst_object_unref);
  return leaks;
}

}  // namespace

bool HasLeaksTracer() { return LeaksTracer() != nullptr; }

std::string LiveObjects() {
  gst_debug_set_threshold_for_name("GST_TRACER", GST_LEVEL_TRACE);
  testing::internal::CaptureStderr();
  g_signal_emit_by_name(LeaksTracer(), "log-live-objects");
  std::istringstream log(testing::internal::GetCapturedStderr());
  gst_debug_unset_threshold_for_name("GST_TRACER");
  std::string objects;
  for (std::string line; std::getline(log, line);) {
    const size_t begin = line.find("object-alive");
    if (begin != std::string::npos) objects += line.substr(begin) + "\n";
  }
  return objects;
}

void ExpectNothingLives() {
  const auto deadline = std::chrono::steady_clock::now() + kSettleTime;
  while (!LiveObjects().empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kLookEvery);
  }
  EXPECT_EQ(LiveObjects(), "");
}

}  // namespace sfu::test
