#include "file_sink.h"

#include <gst/app/gstappsink.h>

#include <utility>

#include "track_codec.h"

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

FileSink::FileSink(GstElement* sink, std::string name, std::shared_ptr<MediaFile> file,
                   int64_t shift)
    : name_(std::move(name)), file_(std::move(file)), shift_(shift) {
  GstAppSinkCallbacks callbacks = {};
  callbacks.eos = [](GstAppSink*, gpointer self) { static_cast<FileSink*>(self)->End(); };
  callbacks.new_sample = [](GstAppSink* from, gpointer self) {
    static_cast<FileSink*>(self)->Take(GST_ELEMENT(from));
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, this, nullptr);
}

FileSink::~FileSink() {
  gst_caps_replace(&caps_, nullptr);
  if (track_) file_->Pause(*track_);
}

void FileSink::Take(GstElement* sink) {
  GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(sink));
  if (sample == nullptr) return;
  Write(sink, sample);
  gst_sample_unref(sample);
}

void FileSink::Write(GstElement* sink, GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  GstCaps* caps = gst_sample_get_caps(sample);
  if (buffer == nullptr || caps == nullptr || !GST_BUFFER_PTS_IS_VALID(buffer)) return;
  if (caps != caps_) {
    gst_caps_replace(&caps_, caps);
    const auto track = TrackFor(caps, name_);
    track_ = track ? file_->Track(*track) : std::nullopt;
  }
  if (!track_) return;
  Block block;
  block.track = *track_;
  const guint64 running = gst_segment_to_running_time(gst_sample_get_segment(sample),
                                                      GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  block.time = static_cast<int64_t>(running + gst_element_get_base_time(sink)) + shift_;
  block.duration = DurationOf(buffer, caps);
  block.key_frame = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  block.data.resize(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, block.data.data(), block.data.size());
  file_->Write(std::move(block), Now());
}

void FileSink::End() {
  if (track_) file_->Pause(*track_);
  ended_ = true;
}

}  // namespace room
