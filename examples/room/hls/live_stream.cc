#include "live_stream.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace room {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kTick = 1'000'000;  // at least so far are two pictures apart
// EXTINF, rounded, is not above the target: so long behind it a segment ends at what comes next,
// and so much it has at most.
constexpr int64_t kPatience = 400'000'000;
constexpr int64_t kMost = 490'000'000;
// A request for a key frame may be lost.
constexpr int64_t kAskAgain = kSecond;
// What the last frame of a stream lasts.
constexpr int64_t kLastFrame = 20'000'000;
constexpr int kSequenceParameters = 7;  // a type of NAL units

// Black, 160x90, H.264 Main at level 1.0: what stands before the first picture.
constexpr unsigned char kBlack[] = {
    0x00, 0x00, 0x00, 0x01, 0x67, 0x4d, 0x40, 0x0a, 0xd9, 0x02, 0x8d, 0xf9, 0x30, 0x16,
    0xa0, 0xc0, 0xc0, 0xd4, 0xa0, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x03, 0x00,
    0x51, 0xe2, 0x44, 0xc9, 0x00, 0x00, 0x00, 0x01, 0x68, 0xeb, 0xc1, 0x12, 0xc8, 0x00,
    0x00, 0x00, 0x01, 0x65, 0x88, 0x84, 0x3f, 0xfe, 0xb5, 0xdf, 0x32, 0xc5, 0x44, 0xf2,
    0x83, 0x79, 0x85, 0x56, 0x58, 0x76, 0x4e, 0x18, 0xfd, 0xb4, 0x64, 0xde, 0xbf, 0x49,
    0xa1, 0x1c, 0x78, 0xdc, 0x00, 0xd7, 0x00, 0x40, 0xc4, 0xbd, 0x49};

std::string_view View(const std::vector<uint8_t>& data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace

LiveStream::LiveStream(Settings settings)
    : settings_(std::move(settings)),
      interleaver_(settings_.patience),
      window_(settings_.name, settings_.target),
      standing_(reinterpret_cast<const char*>(kBlack), sizeof(kBlack)) {}

bool LiveStream::Write(Block block, int64_t now) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  const bool wants = block.track == kPicture && WantsKeyFrame(block);
  interleaver_.Push(std::move(block));
  while (const auto next = interleaver_.Pop(now)) Process(*next);
  return wants;
}

// Told of what comes in, not of what goes out: that is later.
bool LiveStream::WantsKeyFrame(const Block& block) {
  if (settings_.ask_after == 0) return false;
  if (block.key_frame) newest_key_frame_ = block.time;
  const bool wants =
      block.time - newest_key_frame_ >= settings_.ask_after && block.time - asked_ >= kAskAgain;
  if (wants) asked_ = block.time;
  return wants;
}

void LiveStream::End() {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  while (const auto next = interleaver_.PopAny()) Process(*next);
  ended_ = true;
  if (first_) Cut(std::max(last_picture_, last_sound_) + kLastFrame, false);
  segment_.clear();
  window_.End();
}

void LiveStream::Process(const Block& block) {
  if (block.track == kPicture) {
    ProcessPicture(block.time, block.key_frame, View(block.data));
  } else {
    ProcessSound(block.time, View(block.data));
  }
}

void LiveStream::ProcessPicture(int64_t time, bool key_frame, std::string_view data) {
  if (!key_frame && needs_key_frame_) return;
  time = std::max(time, last_picture_ + kTick);
  bool changed = false;
  if (key_frame) {
    const std::string_view parameters = FindNalUnit(data, kSequenceParameters);
    // What can be decoded by who has seen those before is no place to begin at.
    if (parameters.empty()) return ProcessPicture(time, false, data);
    needs_key_frame_ = false;
    changed = !parameters_.empty() && parameters != parameters_;
    parameters_ = parameters;
    if (data.data() != standing_.data()) standing_ = data;
  }
  if (!first_) {
    first_ = time;
    Begin(time, false);
  } else if ((key_frame && (changed || time - segment_start_ >= settings_.shortest)) ||
             IsOver(time)) {
    Cut(time, changed);
  }
  last_picture_ = time;
  muxer_.WritePicture(time - *first_, key_frame, data, &segment_);
}

void LiveStream::ProcessSound(int64_t time, std::string_view data) {
  if (!first_sound_) first_sound_ = time;
  if (time - (first_ ? last_picture_ : *first_sound_) > kStandStill) StandStill(time);
  if (!first_ || time <= last_sound_) return;
  if (IsOver(time)) Cut(time, false);
  last_sound_ = time;
  muxer_.WriteSound(time - *first_, data, &segment_);
}

// What comes behind it and is no key frame refers to others.
void LiveStream::StandStill(int64_t time) {
  ProcessPicture(time, true, standing_);
  needs_key_frame_ = true;
}

void LiveStream::Begin(int64_t time, bool discontinuity) {
  segment_start_ = time;
  segment_discontinuity_ = discontinuity;
  segment_.clear();
  muxer_.WriteTables(&segment_);
}

bool LiveStream::IsOver(int64_t time) const {
  return time - segment_start_ >= settings_.target * kSecond + kPatience ||
         segment_.size() > kMaxSegmentBytes;
}

void LiveStream::Cut(int64_t time, bool discontinuity) {
  int64_t duration = time - segment_start_;
  const int64_t most = settings_.target * kSecond + kMost;
  if (duration > most) {
    // A machine that stood still: what is not there has no length, and time goes on behind it.
    duration = std::min(std::max(last_picture_, last_sound_) + kLastFrame - segment_start_, most);
    discontinuity = true;
  }
  window_.Add({duration, segment_start_ + settings_.wall_clock, segment_discontinuity_,
               std::make_shared<const std::string>(std::move(segment_))});
  Begin(time, discontinuity);
}

std::string LiveStream::Playlist() const {
  const std::lock_guard lock(mutex_);
  return window_.empty() ? std::string() : window_.Playlist();
}

SharedBytes LiveStream::Segment(std::string_view file) const {
  const std::lock_guard lock(mutex_);
  return window_.Find(file);
}

std::string LiveStream::codec() const {
  const std::lock_guard lock(mutex_);
  if (parameters_.size() < 4) return {};
  std::array<char, 16> text = {};
  const auto byte = [this](size_t i) { return static_cast<unsigned>(parameters_[i]) & 0xFF; };
  std::snprintf(text.data(), text.size(), "avc1.%02x%02x%02x", byte(1), byte(2), byte(3));
  return text.data();
}

}  // namespace room
