// The newest segments of a live stream, in memory, and the playlist that names them (RFC 8216).
// Knows no GStreamer. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace room {

using SharedBytes = std::shared_ptr<const std::string>;

class SegmentWindow {
 public:
  // How many segments the playlist names; those before them stay for who is still reading them, as
  // section 6.2.2 asks.
  static constexpr size_t kListed = 6;
  static constexpr size_t kKept = 2 * kListed + 1;

  struct Segment {
    int64_t duration = 0;        // ns; when rounded to seconds not above the target
    int64_t wall_clock = 0;      // ns since 1970 at its beginning
    bool discontinuity = false;  // another size of the picture: decoders begin anew
    SharedBytes bytes;
  };

  // `name`: that of its segments begins with it. `target`: the longest they get, in seconds.
  SegmentWindow(std::string name, int target) : name_(std::move(name)), target_(target) {}

  void Add(Segment segment);
  // There will be no more.
  void End() { ended_ = true; }

  bool empty() const { return segments_.empty(); }
  std::string Playlist() const;
  // Null: there is none of that name, or not any more.
  SharedBytes Find(std::string_view file) const;

 private:
  std::string FileName(uint64_t number) const;

  const std::string name_;
  const int target_;
  std::deque<Segment> segments_;
  uint64_t first_ = 0;            // the number of the first that is kept
  uint64_t discontinuities_ = 0;  // before it
  bool ended_ = false;
};

}  // namespace room
