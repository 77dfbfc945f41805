#include "file_sink.h"

#include <utility>

#include "track_codec.h"

namespace room {

FileSink::FileSink(GstElement* sink, std::string name, std::shared_ptr<MediaFile> file,
                   int64_t shift)
    : name_(std::move(name)),
      file_(std::move(file)),
      sink_(sink, shift,
            {[this](Block block, GstCaps* caps) { Write(std::move(block), caps); },
             [this] { End(); }}) {}

FileSink::~FileSink() {
  gst_caps_replace(&caps_, nullptr);
  if (track_) file_->Pause(*track_);
}

void FileSink::Write(Block block, GstCaps* caps) {
  if (caps != caps_) {
    gst_caps_replace(&caps_, caps);
    const auto track = TrackFor(caps, name_);
    track_ = track ? file_->Track(*track) : std::nullopt;
  }
  if (!track_) return;
  block.track = *track_;
  file_->Write(std::move(block), Now());
}

void FileSink::End() {
  if (track_) file_->Pause(*track_);
  ended_ = true;
}

}  // namespace room
