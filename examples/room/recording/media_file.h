// A file that streaming threads write into: blocks of any track, in any order, on GStreamer's
// system clock. The first error ends it: what is written by then stays, and can be played.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "interleaver.h"
#include "matroska_file.h"

namespace room {

class MediaFile {
 public:
  struct Progress {
    int64_t start = 0;     // ns of the clock at the file's time 0; 0: nothing is written yet
    int64_t duration = 0;  // ns
    uint64_t bytes = 0;
    unsigned tracks = 0;
    std::string error;  // empty: none
  };

  // Blocks wait for those of other tracks for `patience` ns. The file is made with its first track.
  MediaFile(std::string path, std::string title, int64_t patience);

  // The number of the track of that name and codec; who returns has the one he had. Nothing: there
  // is no place for it, or the file had an error.
  std::optional<unsigned> Track(const MatroskaTrack& track);
  // `now`: of the clock.
  void Write(Block block, int64_t now);
  // That track is silent from now on, or not for ever.
  void Pause(unsigned track);
  // What is of that time or later does not belong to it.
  void EndAt(int64_t time);
  // All that does has come, or there was an error.
  bool reached_end() const;
  // Once a second: what waits may have waited long enough.
  void Tick(int64_t now);
  // The file is complete. May take as long as the disk does.
  void Finish();

  Progress progress() const;

 private:
  void Attempt(const auto& write);
  void WriteOut(const Block& block);

  const std::string path_;
  const std::string title_;
  mutable std::mutex mutex_;
  Interleaver interleaver_;
  std::unique_ptr<MatroskaFile> file_;
  std::vector<MatroskaTrack> tracks_;
  int64_t start_ = 0;
  int64_t end_ = std::numeric_limits<int64_t>::max();
  std::set<unsigned> past_end_;  // tracks
  std::string error_;
};

}  // namespace room
