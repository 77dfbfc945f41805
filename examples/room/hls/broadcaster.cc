#include "broadcaster.h"

#include <utility>

#include "rendition.h"

namespace room {
namespace {

void AskForKeyFrame(GstElement* sink) {
  const GstPtr<GstPad> pad(gst_element_get_static_pad(sink, "sink"));
  gst_pad_push_event(
      pad.get(),
      gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                           gst_structure_new("GstForceKeyUnit", "running-time", G_TYPE_UINT64,
                                             GST_CLOCK_TIME_NONE, "all-headers", G_TYPE_BOOLEAN,
                                             TRUE, "count", G_TYPE_UINT, 0U, nullptr)));
}

}  // namespace

std::string SoundEncoder() {
  return " queue name=sound ! audioconvert ! avenc_aac bitrate=" + std::to_string(kSoundBitrate) +
         " ! aacparse ! audio/mpeg,stream-format=adts"
         " ! appsink name=sound-sink sync=false async=false enable-last-sample=false";
}

std::string PictureEncoder(int bitrate) {
  // Key frames where they are asked for.
  return " ! x264enc tune=zerolatency speed-preset=superfast bitrate=" + std::to_string(bitrate) +
         " key-int-max=250 option-string=scenecut=0 ! video/x-h264,profile=main"
         " ! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au";
}

LiveSink::LiveSink(GstElement* sink, unsigned track, int64_t shift, LiveStreams streams)
    : track_(track),
      streams_(std::move(streams)),
      sink_(sink, shift, {[this](Block block, GstCaps*) { Write(std::move(block)); }}) {}

void LiveSink::Write(Block block) const {
  block.track = track_;
  bool wants_key_frame = false;
  for (const auto& stream : streams_) wants_key_frame |= stream->Write(block, Now());
  if (wants_key_frame) AskForKeyFrame(sink_.element());
}

}  // namespace room
