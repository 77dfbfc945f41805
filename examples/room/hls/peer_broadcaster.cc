#include "peer_broadcaster.h"

#include <glib.h>

#include <stdexcept>
#include <utility>

#include "../recording/track_codec.h"

namespace room {
namespace {

constexpr int64_t kMilli = 1'000'000;  // ns
constexpr int64_t kPatience = 2'000'000'000;
// Each key frame costs him bandwidth: segments are longer than those of a mixed picture.
constexpr int kTarget = 2;                    // seconds
constexpr int64_t kAskAfter = 1'800'000'000;  // ns
constexpr int64_t kShortest = 1'500'000'000;  // ns
constexpr int kBitrate = 1500;                // kbit/s, of a picture that is transcoded
constexpr int kRepairs = static_cast<int>((Broadcaster::kLatency - Mixer::kDecoding) / kMilli);

bool IsH264(const std::string& mime_type) {
  return g_ascii_strcasecmp(mime_type.c_str(), "video/h264") == 0;
}

std::string PictureLine(const std::string& mime_type) {
  const std::string line =
      IsH264(mime_type) ? DepayloaderFor(mime_type) +
                              " ! h264parse ! "
                              "video/x-h264,stream-format=byte-stream,alignment=au"
                        : DecoderFor(mime_type) + " ! videoconvert" + PictureEncoder(kBitrate);
  return line + " ! appsink name=sink sync=false async=false enable-last-sample=false";
}

}  // namespace

PeerBroadcaster::Picture::Picture(GstElement* router, const StreamInfo& stream,
                                  const std::shared_ptr<LiveStream>& live)
    : info(stream), branch(router, MakeBin(PictureLine(stream.mime_type)), kRepairs) {
  const GstPtr<GstElement> end(gst_bin_get_by_name(GST_BIN(branch.bin()), "sink"));
  sink = std::make_unique<LiveSink>(end.get(), LiveStream::kPicture, 0, LiveStreams{live});
  branch.Link(stream.producer);
}

PeerBroadcaster::PeerBroadcaster(GstElement* room, std::string peer,
                                 const std::shared_ptr<LiveStream>& stream)
    : peer_(std::move(peer)),
      stream_(stream),
      mixer_(std::make_unique<Mixer>(room, Mixer::Settings{SoundEncoder(), kLatency, false})) {
  const GstPtr<GstElement> sink(gst_bin_get_by_name(GST_BIN(mixer_->pipeline()), "sound-sink"));
  sound_ = std::make_unique<LiveSink>(sink.get(), LiveStream::kSound, Mixer::kAacShift,
                                      LiveStreams{stream});
}

LiveStream::Settings PeerBroadcaster::StreamSettings() {
  LiveStream::Settings settings;
  settings.target = kTarget;
  settings.shortest = kShortest;
  settings.patience = kPatience;
  settings.ask_after = kAskAfter;
  return settings;
}

void PeerBroadcaster::Add(const StreamInfo& stream) {
  if (stream.peer != peer_) return;
  if (!IsPicture(stream)) return mixer_->Add(stream);
  if (DecoderFor(stream.mime_type).empty()) {
    throw std::runtime_error(stream.mime_type + " cannot be broadcast");
  }
  waiting_.push_back(stream);
  ShowNext();
}

void PeerBroadcaster::Remove(const std::string& producer) {
  mixer_->Remove(producer);
  std::erase_if(waiting_, [&](const StreamInfo& one) { return one.producer == producer; });
  if (picture_ && picture_->info.producer == producer) picture_.reset();
  ShowNext();
}

void PeerBroadcaster::ShowNext() {
  if (picture_ || waiting_.empty()) return;
  const StreamInfo stream = waiting_.front();
  waiting_.erase(waiting_.begin());
  picture_.emplace(mixer_->router(), stream, stream_);
}

std::string PeerBroadcaster::picture() const {
  if (!picture_) return "none";
  return IsH264(picture_->info.mime_type) ? "passed-through" : "transcoded";
}

}  // namespace room
