#include "composed_recorder.h"

#include "../server/log.h"
#include "../server/protocol.h"

namespace room {
namespace {

// A key frame every two seconds: there one can seek to.
constexpr char kEncoders[] =
    "queue name=picture ! x264enc tune=zerolatency speed-preset=superfast bitrate=2000"
    " key-int-max=50 ! h264parse config-interval=-1"
    " ! video/x-h264,stream-format=avc3,alignment=au ! appsink name=picture-sink"
    " queue name=sound ! audioconvert ! avenc_aac bitrate=128000 ! appsink name=sound-sink";
constexpr int64_t kFilePatience = 2'000'000'000;  // ns
// What encoders and a busy machine may need beyond the mixer's latency.
constexpr int64_t kClosePatience = Mixer::kLatency + 3'000'000'000;  // ns
constexpr gulong kPoll = 5'000;                                      // µs

void WaitUntil(int64_t end, const auto& done) {
  while (!done() && Now() < end) g_usleep(kPoll);
}

}  // namespace

ComposedRecorder::ComposedRecorder(GstElement* room, const std::string& folder)
    : file_{"room.mkv", "",
            std::make_shared<MediaFile>(folder + "/room.mkv", "sfu-room", kFilePatience)},
      mixer_(std::make_unique<Mixer>(room, Mixer::Settings{kEncoders})) {
  picture_ = Sink("picture-sink", "picture", Mixer::kPictureShift);
  sound_ = Sink("sound-sink", "sound", Mixer::kAacShift);
}

std::unique_ptr<FileSink> ComposedRecorder::Sink(const char* name, const char* track,
                                                 int64_t shift) const {
  const GstPtr<GstElement> sink(gst_bin_get_by_name(GST_BIN(mixer_->pipeline()), name));
  g_object_set(sink.get(), "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, nullptr);
  return std::make_unique<FileSink>(sink.get(), track, file_.media, shift);
}

void ComposedRecorder::Tick() {
  file_.media->Tick(Now());
  const std::string error = mixer_->TakeError();
  if (!error.empty()) Log("recording-stream", {{"reason", error}});
}

void ComposedRecorder::Close() {
  // What is captured by now comes out of the mixer later.
  const int64_t stopped = Now();
  file_.media->EndAt(stopped);
  WaitUntil(stopped + kClosePatience, [this] { return file_.media->reached_end(); });
  mixer_->End();
  WaitUntil(Now() + kClosePatience, [this] { return picture_->ended() && sound_->ended(); });
  dropped_ = mixer_->dropped();
  mixer_.reset();
  file_.media->Finish();
}

}  // namespace room
