#include "media_file.h"

#include <glib.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace room {

MediaFile::MediaFile(std::string path, std::string title, int64_t patience)
    : path_(std::move(path)), title_(std::move(title)), interleaver_(patience) {}

// Does what may fail on a file that has not failed yet.
void MediaFile::Attempt(const auto& write) {
  if (!error_.empty()) return;
  try {
    write();
  } catch (const std::system_error& error) {
    error_ = error.code().message();
  }
}

std::optional<unsigned> MediaFile::Track(const MatroskaTrack& track) {
  const std::lock_guard lock(mutex_);
  const auto same = std::ranges::find_if(tracks_, [&](const MatroskaTrack& one) {
    return one.name == track.name && one.codec == track.codec;
  });
  if (same != tracks_.end()) return static_cast<unsigned>(same - tracks_.begin()) + 1;
  std::optional<unsigned> number;
  Attempt([&] {
    if (file_ == nullptr) {
      file_ = std::make_unique<MatroskaFile>(path_, title_, g_get_real_time() * 1000);
    }
    number = file_->AddTrack(track);
  });
  if (number) tracks_.push_back(track);
  return number;
}

void MediaFile::Write(Block block, int64_t now) {
  const std::lock_guard lock(mutex_);
  if (file_ == nullptr || !error_.empty()) return;
  if (block.time < end_) {
    interleaver_.Push(std::move(block));
  } else {
    past_end_.insert(block.track);
    interleaver_.Forget(block.track);
  }
  while (const auto next = interleaver_.Pop(now)) WriteOut(*next);
}

void MediaFile::WriteOut(const Block& block) {
  if (start_ == 0) start_ = block.time;
  Attempt([&] {
    file_->Write(block.track, block.time - start_, block.duration, block.key_frame, block.data);
  });
}

void MediaFile::Pause(unsigned track) {
  const std::lock_guard lock(mutex_);
  interleaver_.Forget(track);
}

void MediaFile::EndAt(int64_t time) {
  const std::lock_guard lock(mutex_);
  end_ = time;
}

bool MediaFile::reached_end() const {
  const std::lock_guard lock(mutex_);
  return !error_.empty() || (!tracks_.empty() && past_end_.size() == tracks_.size());
}

void MediaFile::Tick(int64_t now) {
  const std::lock_guard lock(mutex_);
  if (file_ == nullptr) return;
  while (const auto next = interleaver_.Pop(now)) WriteOut(*next);
  Attempt([this] { file_->Flush(); });
}

void MediaFile::Finish() {
  const std::lock_guard lock(mutex_);
  if (file_ == nullptr) return;
  while (const auto next = interleaver_.PopAny()) WriteOut(*next);
  // An index may find its place even where more media did not.
  try {
    file_->Finish();
  } catch (const std::system_error& error) {
    if (error_.empty()) error_ = error.code().message();
  }
}

MediaFile::Progress MediaFile::progress() const {
  const std::lock_guard lock(mutex_);
  Progress progress{start_, 0, 0, static_cast<unsigned>(tracks_.size()), error_};
  if (file_ != nullptr) {
    progress.duration = file_->duration();
    progress.bytes = file_->bytes();
  }
  return progress;
}

}  // namespace room
