#include "composed_broadcaster.h"

#include <utility>

namespace room {
namespace {

constexpr int64_t kPatience = 2'000'000'000;  // ns

std::string SinkName(size_t rendition) { return "picture-sink-" + std::to_string(rendition); }

std::string Encoders(const std::vector<Rendition>& renditions) {
  std::string line = "queue name=picture ! tee name=pictures";
  for (size_t i = 0; i < renditions.size(); ++i) {
    const Rendition& rendition = renditions[i];
    line +=
        " pictures. ! queue ! videoscale ! video/x-raw,width=" + std::to_string(rendition.width) +
        ",height=" + std::to_string(rendition.height) + PictureEncoder(rendition.bitrate) +
        " ! appsink name=" + SinkName(i) + " sync=false async=false enable-last-sample=false";
  }
  return line + SoundEncoder();
}

// Tells all encoders behind a pad to make key frames of the same pictures: the first of each
// segment.
struct Pacer {
  guint64 segment = 0;  // its number; 0 begins with a key frame by itself
};

GstPadProbeReturn Pace(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  const GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  if (!GST_BUFFER_PTS_IS_VALID(buffer)) return GST_PAD_PROBE_OK;
  auto* pacer = static_cast<Pacer*>(data);
  const guint64 segment = GST_BUFFER_PTS(buffer) / ComposedBroadcaster::kSegment;
  if (segment == pacer->segment) return GST_PAD_PROBE_OK;
  pacer->segment = segment;
  gst_pad_send_event(
      pad,
      gst_event_new_custom(
          GST_EVENT_CUSTOM_DOWNSTREAM,
          gst_structure_new("GstForceKeyUnit", "timestamp", G_TYPE_UINT64, GST_BUFFER_PTS(buffer),
                            "stream-time", G_TYPE_UINT64, GST_CLOCK_TIME_NONE, "running-time",
                            G_TYPE_UINT64, GST_CLOCK_TIME_NONE, "all-headers", G_TYPE_BOOLEAN, TRUE,
                            "count", G_TYPE_UINT, static_cast<guint>(segment), nullptr)));
  return GST_PAD_PROBE_OK;
}

}  // namespace

LiveStream::Settings ComposedBroadcaster::StreamSettings() {
  LiveStream::Settings settings;
  settings.target = 1;
  settings.shortest = kSegment * 9 / 10;
  settings.patience = kPatience;
  return settings;
}

ComposedBroadcaster::ComposedBroadcaster(GstElement* room, const std::vector<Rendition>& renditions,
                                         const LiveStreams& streams)
    : mixer_(std::make_unique<Mixer>(room, Mixer::Settings{Encoders(renditions), kLatency})) {
  const GstPtr<GstPad> pictures(gst_element_get_static_pad(Find("pictures").get(), "sink"));
  gst_pad_add_probe(pictures.get(), GST_PAD_PROBE_TYPE_BUFFER, Pace,
                    std::make_unique<Pacer>().release(),
                    [](gpointer pacer) { delete static_cast<Pacer*>(pacer); });
  for (size_t i = 0; i < streams.size(); ++i) {
    sinks_.push_back(std::make_unique<LiveSink>(Find(SinkName(i)).get(), LiveStream::kPicture,
                                                Mixer::kPictureShift, LiveStreams{streams[i]}));
  }
  sinks_.push_back(std::make_unique<LiveSink>(Find("sound-sink").get(), LiveStream::kSound,
                                              Mixer::kAacShift, streams));
}

GstPtr<GstElement> ComposedBroadcaster::Find(const std::string& name) const {
  return GstPtr<GstElement>(gst_bin_get_by_name(GST_BIN(mixer_->pipeline()), name.c_str()));
}

}  // namespace room
