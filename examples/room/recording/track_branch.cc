#include "track_branch.h"

#include <gst/app/gstappsink.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "track_codec.h"

namespace room {
namespace {

// What a disk that is busy may keep waiting.
constexpr uint64_t kMaxQueue = 5 * GST_SECOND;
// How long a frame lasts that does not say it.
constexpr int64_t kPictureDuration = 33'333'333;  // ns
constexpr int64_t kSoundDuration = 20'000'000;

GstPtr<GstElement> MakeBin(const std::string& mime_type) {
  const std::string line = DepayloaderFor(mime_type) +
                           " ! appsink name=sink sync=false async=false enable-last-sample=false";
  GError* error = nullptr;
  GstElement* bin = gst_parse_bin_from_description(line.c_str(), TRUE, &error);
  if (error != nullptr) {
    const std::string reason = error->message;
    g_error_free(error);
    if (bin != nullptr) gst_object_unref(bin);
    throw std::runtime_error(reason);
  }
  return GstPtr<GstElement>(GST_ELEMENT(gst_object_ref_sink(bin)));
}

int64_t DurationOf(const GstBuffer* buffer, const GstCaps* caps) {
  if (GST_BUFFER_DURATION_IS_VALID(buffer)) return static_cast<int64_t>(buffer->duration);
  const char* type = gst_structure_get_name(gst_caps_get_structure(caps, 0));
  return g_str_has_prefix(type, "video/") != FALSE ? kPictureDuration : kSoundDuration;
}

}  // namespace

int64_t Now() { return g_get_monotonic_time() * 1000; }

TrackBranch::TrackBranch(GstElement* router, const StreamInfo& stream,
                         std::shared_ptr<MediaFile> file, int latency)
    : router_(GST_ELEMENT(gst_object_ref(router))),
      name_(stream.source),
      file_(std::move(file)),
      bin_(MakeBin(stream.mime_type)) {
  const GstPtr<GstElement> sink(gst_bin_get_by_name(GST_BIN(bin_.get()), "sink"));
  GstAppSinkCallbacks callbacks = {};
  callbacks.eos = [](GstAppSink*, gpointer self) { static_cast<TrackBranch*>(self)->End(); };
  callbacks.new_sample = [](GstAppSink* from, gpointer self) {
    static_cast<TrackBranch*>(self)->Take(GST_ELEMENT(from));
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks, this, nullptr);
  const GstPtr<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(router)));
  gst_bin_add(GST_BIN(pipeline.get()), bin_.get());
  // It runs before it is linked, or its first packets, the key frame, are lost.
  gst_element_sync_state_with_parent(bin_.get());
  pad_.reset(gst_element_request_pad_simple(router, "src_%u"));
  g_object_set(pad_.get(), "producer", stream.producer.c_str(), "latency", latency,
               "max-queue-time", kMaxQueue, nullptr);
  const GstPtr<GstPad> input(gst_element_get_static_pad(bin_.get(), "sink"));
  gst_pad_link(pad_.get(), input.get());
}

TrackBranch::~TrackBranch() {
  gst_element_release_request_pad(router_.get(), pad_.get());
  const GstPtr<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(bin_.get())));
  gst_element_set_state(bin_.get(), GST_STATE_NULL);
  gst_bin_remove(GST_BIN(pipeline.get()), bin_.get());
  gst_caps_replace(&caps_, nullptr);
  if (track_) file_->Pause(*track_);
}

void TrackBranch::Take(GstElement* sink) {
  GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(sink));
  if (sample == nullptr) return;
  Write(sample);
  gst_sample_unref(sample);
}

void TrackBranch::Write(GstSample* sample) {
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
  block.time = static_cast<int64_t>(gst_segment_to_running_time(
      gst_sample_get_segment(sample), GST_FORMAT_TIME, GST_BUFFER_PTS(buffer)));
  block.duration = DurationOf(buffer, caps);
  block.key_frame = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  block.data.resize(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, block.data.data(), block.data.size());
  file_->Write(std::move(block), Now());
}

void TrackBranch::End() {
  if (track_) file_->Pause(*track_);
  ended_ = true;
}

uint64_t TrackBranch::dropped() const {
  GstStructure* stats = nullptr;
  g_object_get(pad_.get(), "stats", &stats, nullptr);
  guint64 dropped = 0;
  if (stats != nullptr) {
    gst_structure_get_uint64(stats, "packetsDropped", &dropped);
    gst_structure_free(stats);
  }
  return dropped;
}

}  // namespace room
