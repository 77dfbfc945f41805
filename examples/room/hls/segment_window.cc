#include "segment_window.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace room {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMilli = 1'000'000;

std::string Date(int64_t wall_clock) {
  const auto seconds = static_cast<std::time_t>(wall_clock / kSecond);
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text = {};
  const size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> millis = {};
  std::snprintf(millis.data(), millis.size(), ".%03dZ",
                static_cast<int>(wall_clock % kSecond / kMilli));
  return std::string(text.data(), length) + millis.data();
}

std::string Seconds(int64_t duration) {
  std::array<char, 32> text = {};
  std::snprintf(text.data(), text.size(), "%.5f",
                static_cast<double>(duration) / static_cast<double>(kSecond));
  return text.data();
}

}  // namespace

void SegmentWindow::Add(Segment segment) {
  segments_.push_back(std::move(segment));
  if (segments_.size() <= kKept) return;
  discontinuities_ += segments_.front().discontinuity ? 1 : 0;
  segments_.pop_front();
  ++first_;
}

std::string SegmentWindow::FileName(uint64_t number) const {
  return name_ + "-" + std::to_string(number) + ".ts";
}

std::string SegmentWindow::Playlist() const {
  const size_t hidden = segments_.size() - std::min(segments_.size(), kListed);
  const auto begin = segments_.begin() + static_cast<std::ptrdiff_t>(hidden);
  const auto discontinuities =
      discontinuities_ +
      static_cast<uint64_t>(std::count_if(
          segments_.begin(), begin, [](const Segment& segment) { return segment.discontinuity; }));
  uint64_t number = first_ + hidden;
  std::string text = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:" + std::to_string(target_) +
                     "\n#EXT-X-MEDIA-SEQUENCE:" + std::to_string(number) + "\n";
  if (discontinuities > 0) {
    text += "#EXT-X-DISCONTINUITY-SEQUENCE:" + std::to_string(discontinuities) + "\n";
  }
  for (auto segment = begin; segment != segments_.end(); ++segment, ++number) {
    if (segment->discontinuity) text += "#EXT-X-DISCONTINUITY\n";
    text += "#EXT-X-PROGRAM-DATE-TIME:" + Date(segment->wall_clock) + "\n";
    text += "#EXTINF:" + Seconds(segment->duration) + ",\n" + FileName(number) + "\n";
  }
  if (ended_) text += "#EXT-X-ENDLIST\n";
  return text;
}

SharedBytes SegmentWindow::Find(std::string_view file) const {
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (FileName(first_ + i) == file) return segments_[i].bytes;
  }
  return nullptr;
}

}  // namespace room
