// Records a room into one file: all pictures in one, all sounds in one, as H.264 and AAC.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "file_sink.h"
#include "mixer.h"
#include "recorder.h"

namespace room {

class ComposedRecorder : public Recorder {
 public:
  // `room`: its router. `folder` is there.
  ComposedRecorder(GstElement* room, const std::string& folder);

  void Add(const StreamInfo& stream) override { mixer_->Add(stream); }
  void Remove(const std::string& producer) override { mixer_->Remove(producer); }
  void Tick() override;
  void Close() override;
  std::vector<RecordedFile> files() const override { return {file_}; }
  uint64_t dropped() const override { return mixer_ == nullptr ? dropped_ : mixer_->dropped(); }

 private:
  std::unique_ptr<FileSink> Sink(const char* name, const char* track, int64_t shift) const;

  const RecordedFile file_;
  std::unique_ptr<FileSink> picture_;  // before the mixer, which streams into both
  std::unique_ptr<FileSink> sound_;
  std::unique_ptr<Mixer> mixer_;  // null: closed
  uint64_t dropped_ = 0;          // by then
};

}  // namespace room
