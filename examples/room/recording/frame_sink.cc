#include "frame_sink.h"

#include <gst/app/gstappsink.h>

#include <utility>

namespace room {
namespace {

// How long a frame lasts that does not say it.
constexpr int64_t kPictureDuration = 33'333'333;  // ns
constexpr int64_t kSoundDuration = 20'000'000;

int64_t DurationOf(const GstBuffer* buffer, const GstCaps* caps) {
  if (GST_BUFFER_DURATION_IS_VALID(buffer)) return static_cast<int64_t>(buffer->duration);
  const char* type = gst_structure_get_name(gst_caps_get_structure(caps, 0));
  return g_str_has_prefix(type, "video/") != FALSE ? kPictureDuration : kSoundDuration;
}

}  // namespace

int64_t Now() { return g_get_monotonic_time() * 1000; }

FrameSink::FrameSink(GstElement* sink, int64_t shift, Callbacks callbacks)
    : sink_(GST_ELEMENT(gst_object_ref(sink))), shift_(shift), callbacks_(std::move(callbacks)) {
  GstAppSinkCallbacks called = {};
  called.eos = [](GstAppSink*, gpointer self) { static_cast<FrameSink*>(self)->callbacks_.end(); };
  called.new_sample = [](GstAppSink*, gpointer self) {
    static_cast<FrameSink*>(self)->Take();
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &called, this, nullptr);
}

void FrameSink::Take() const {
  const std::unique_ptr<GstSample, decltype(&gst_sample_unref)> sample(
      gst_app_sink_pull_sample(GST_APP_SINK(sink_.get())), &gst_sample_unref);
  if (sample == nullptr) return;
  GstBuffer* buffer = gst_sample_get_buffer(sample.get());
  GstCaps* caps = gst_sample_get_caps(sample.get());
  if (buffer == nullptr || caps == nullptr || !GST_BUFFER_PTS_IS_VALID(buffer)) return;
  Block block;
  const guint64 running = gst_segment_to_running_time(gst_sample_get_segment(sample.get()),
                                                      GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  block.time = static_cast<int64_t>(running + gst_element_get_base_time(sink_.get())) + shift_;
  block.duration = DurationOf(buffer, caps);
  block.key_frame = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  block.data.resize(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, block.data.data(), block.data.size());
  callbacks_.frame(std::move(block), caps);
}

}  // namespace room
