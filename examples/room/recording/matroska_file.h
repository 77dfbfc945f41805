// Writes a Matroska file (RFC 9559) that can be played at any time of its making: each cluster is
// written at once, whole, and the length in the head is kept up to date. So a process that is
// killed loses a second, not the file. Unlike GStreamer's muxer it waits for no input: a track may
// be silent for as long as it likes, and new tracks may come later, for which the head has some
// place left.
//
// Knows no GStreamer. Not thread-safe. What the file system refuses is thrown as std::system_error.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ebml.h"

namespace room {

struct MatroskaTrack {
  enum class Kind { kVideo, kAudio };
  Kind kind = Kind::kVideo;
  std::string codec;  // Matroska's codec id: V_VP8
  std::string name;   // for people
  ebml::Bytes codec_private;
  int width = 0;  // pixels
  int height = 0;
  int sample_rate = 0;  // Hz
  int channels = 0;
};

class MatroskaFile {
 public:
  // How much a cluster holds at most: what is lost if the process is killed.
  static constexpr int64_t kClusterMillis = 1000;
  static constexpr size_t kClusterBytes = size_t{1} << 20;
  // What all tracks may take in the head.
  static constexpr size_t kTracksBytes = 8192;

  // Makes the file, which must not be there. `wall_clock`: nanoseconds since 1970 at time 0.
  MatroskaFile(const std::string& path, const std::string& title, int64_t wall_clock);
  ~MatroskaFile();
  MatroskaFile(const MatroskaFile&) = delete;
  MatroskaFile& operator=(const MatroskaFile&) = delete;

  // Gives its number, from 1 up; nothing if the head has no place left.
  std::optional<unsigned> AddTrack(const MatroskaTrack& track);
  // `time` and `duration` in nanoseconds since the beginning; times before it count as 0.
  void Write(unsigned track, int64_t time, int64_t duration, bool key_frame,
             std::span<const uint8_t> data);
  // Puts what is still in memory on the disk.
  void Flush();
  // The same, and completes the file with an index. Nothing can be written any more.
  void Finish();

  uint64_t bytes() const { return end_; }         // on the disk
  int64_t duration() const { return duration_; }  // nanoseconds

 private:
  struct Cue {
    uint64_t time = 0;  // ms
    unsigned track = 0;
    uint64_t position = 0;  // of the cluster, in the segment
  };

  void WriteAt(uint64_t position, std::span<const uint8_t> bytes) const;
  void Append(const ebml::Bytes& bytes);
  void WriteHead(const std::string& title, int64_t wall_clock);
  void WriteDuration() const;
  bool WriteTracks() const;
  void BeginCluster(int64_t millis);
  void WriteIndex();

  int file_ = -1;
  uint64_t end_ = 0;
  uint64_t segment_ = 0;  // where its content begins
  uint64_t info_ = 0;     // positions in the file
  uint64_t duration_at_ = 0;
  uint64_t tracks_at_ = 0;
  std::vector<MatroskaTrack> tracks_;
  std::vector<Cue> cues_;
  ebml::Bytes blocks_;  // of the cluster that is being made
  int64_t cluster_millis_ = 0;
  std::optional<Cue> cluster_cue_;
  int64_t duration_ = 0;
};

}  // namespace room
