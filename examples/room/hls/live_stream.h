// Cuts a picture and a sound into the segments of a live stream. The sound never stops, so the
// stream does not either: while there is no picture the last one stands, or black. Times are
// nanoseconds of GStreamer's system clock. Knows no GStreamer. For any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "../recording/interleaver.h"
#include "segment_window.h"
#include "ts_muxer.h"

namespace room {

class LiveStream {
 public:
  // The tracks of blocks: H.264 as a byte stream, whose key frames have their parameter sets with
  // them, and AAC with ADTS headers.
  static constexpr unsigned kPicture = 1;
  static constexpr unsigned kSound = 2;
  // So long no picture comes before one that stands is put in.
  static constexpr int64_t kStandStill = 1'000'000'000;  // ns
  // A segment that has as much ends, though its time has not come.
  static constexpr size_t kMaxSegmentBytes = size_t{4} << 20;

  struct Settings {
    std::string name = "live";  // of its playlist and segments
    int target = 1;             // seconds that a segment takes at most, when rounded
    int64_t shortest = 0;       // ns: at the first key frame behind it a segment ends
    int64_t patience = 0;       // ns that a block waits for those of the other track
    int64_t ask_after = 0;      // ns after a key frame when another one is asked for; 0: never
    int64_t wall_clock = 0;     // ns since 1970 at the clock's zero
  };

  explicit LiveStream(Settings settings);

  const std::string& name() const { return settings_.name; }
  // Gives whether a key frame is to be asked for.
  bool Write(Block block, int64_t now);
  // What waits is written, the playlist ends, and nothing more comes in.
  void End();

  // Empty: there is no segment yet.
  std::string Playlist() const;
  // Null: there is no segment of that name.
  SharedBytes Segment(std::string_view file) const;
  // Of the picture, as players are told (RFC 6381): "avc1.4d401f"; empty: not known yet.
  std::string codec() const;

 private:
  bool WantsKeyFrame(const Block& block);
  void Process(const Block& block);
  void ProcessPicture(int64_t time, bool key_frame, std::string_view data);
  void ProcessSound(int64_t time, std::string_view data);
  // A picture that stands, at this time.
  void StandStill(int64_t time);
  void Begin(int64_t time, bool discontinuity);
  // A segment may not go on until then.
  bool IsOver(int64_t time) const;
  void Cut(int64_t time, bool discontinuity);

  const Settings settings_;
  mutable std::mutex mutex_;
  Interleaver interleaver_;
  TsMuxer muxer_;
  SegmentWindow window_;
  bool ended_ = false;
  std::optional<int64_t> first_;        // where the stream begins
  std::optional<int64_t> first_sound_;  // that came, if only before it
  int64_t segment_start_ = 0;
  bool segment_discontinuity_ = false;
  std::string segment_;
  int64_t last_picture_ = 0;
  int64_t last_sound_ = 0;
  bool needs_key_frame_ = true;   // what is not one cannot be decoded
  std::string standing_;          // the last key frame
  std::string parameters_;        // its sequence parameter set
  int64_t newest_key_frame_ = 0;  // that came in
  int64_t asked_ = 0;             // when one was asked for
};

}  // namespace room
