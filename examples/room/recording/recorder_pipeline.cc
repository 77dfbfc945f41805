#include "recorder_pipeline.h"

#include <stdexcept>

namespace room {
namespace {

constexpr gint64 kEndPatience = 3 * G_USEC_PER_SEC;
constexpr gulong kEndPoll = 5'000;  // µs

}  // namespace

RecorderPipeline::RecorderPipeline(GstElement* room, Zero zero)
    : pipeline_(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr)))),
      router_(gst_element_factory_make("sfurouter", nullptr)) {
  if (router_ == nullptr) throw std::runtime_error("there is no sfurouter");
  gst_bin_add(GST_BIN(pipeline_.get()), router_);
  for (const char* property : {"router", "worker"}) {
    gchar* value = nullptr;
    g_object_get(room, property, &value, nullptr);
    g_object_set(router_, property, value, nullptr);
    g_free(value);
  }
  const GstPtr<GstClock> clock(gst_system_clock_obtain());
  gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
  if (zero == Zero::kClock) {
    gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
    gst_element_set_base_time(pipeline_.get(), 0);
  }
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    throw std::runtime_error("the recording's pipeline does not start");
  }
}

RecorderPipeline::~RecorderPipeline() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void RecorderPipeline::End(const std::function<bool()>& done) const {
  gst_element_send_event(router_, gst_event_new_eos());
  const gint64 end = g_get_monotonic_time() + kEndPatience;
  while (!done() && g_get_monotonic_time() < end) g_usleep(kEndPoll);
}

std::string RecorderPipeline::TakeError() const {
  const GstPtr<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  std::string text;
  while (GstMessage* message = gst_bus_pop(bus.get())) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      GError* error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      text = std::string(GST_MESSAGE_SRC_NAME(message)) + ": " + error->message;
      g_error_free(error);
    }
    gst_message_unref(message);
  }
  return text;
}

}  // namespace room
