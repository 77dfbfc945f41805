// Records each participant into a file of his own, as he sends it: nothing is decoded. The file is
// open as long as the recording: who comes back goes on in it, behind a gap.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "recorder.h"
#include "recorder_pipeline.h"
#include "track_branch.h"

namespace room {

class PeerRecorder : public Recorder {
 public:
  // `room`: its router. `folder` is there.
  PeerRecorder(GstElement* room, std::string folder);

  void Add(const StreamInfo& stream) override;
  void Remove(const std::string& producer) override;
  void Tick() override;
  void Close() override;
  std::vector<RecordedFile> files() const override { return files_; }
  uint64_t dropped() const override;

 private:
  struct Closing {
    std::unique_ptr<TrackBranch> branch;
    int64_t until = 0;
  };

  std::shared_ptr<MediaFile> FileOf(const std::string& peer);
  void Retire(std::unique_ptr<TrackBranch> branch);

  const std::string folder_;
  std::vector<RecordedFile> files_;
  RecorderPipeline pipeline_;                                     // before the branches in it
  std::map<std::string, std::unique_ptr<TrackBranch>> branches_;  // by Producer
  std::list<Closing> closing_;                                    // whose Producers have gone
  uint64_t dropped_before_ = 0;                                   // by branches that are no more
};

}  // namespace room
