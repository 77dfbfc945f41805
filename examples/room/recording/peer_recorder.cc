#include "peer_recorder.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "../server/log.h"
#include "../server/protocol.h"
#include "track_codec.h"

namespace room {
namespace {

constexpr int kLatency = 2000;  // ms for which lost packets are asked for again
// Blocks of one track may be later than those of another by that, and by what an encoder needs.
constexpr int64_t kFilePatience = int64_t{kLatency + 500} * 1'000'000;
// How long the end of a stream may take to come through.
constexpr int64_t kEndPatience = int64_t{kLatency + 1000} * 1'000'000;
constexpr size_t kMaxFiles = 1000;

}  // namespace

PeerRecorder::PeerRecorder(GstElement* room, std::string folder)
    : folder_(std::move(folder)), pipeline_(room, RecorderPipeline::Zero::kClock) {}

std::shared_ptr<MediaFile> PeerRecorder::FileOf(const std::string& peer) {
  const auto found =
      std::ranges::find_if(files_, [&](const RecordedFile& file) { return file.peer == peer; });
  if (found != files_.end()) return found->media;
  if (files_.size() >= kMaxFiles) throw std::runtime_error("the recording has too many files");
  const std::string name = "peer-" + std::to_string(files_.size() + 1) + ".mkv";
  auto media = std::make_shared<MediaFile>(folder_ + "/" + name, peer, kFilePatience);
  files_.push_back({name, peer, media});
  return media;
}

void PeerRecorder::Add(const StreamInfo& stream) {
  if (DepayloaderFor(stream.mime_type).empty()) {
    throw std::runtime_error(stream.mime_type + " cannot be recorded");
  }
  branches_[stream.producer] =
      std::make_unique<TrackBranch>(pipeline_.router(), stream, FileOf(stream.peer), kLatency);
}

void PeerRecorder::Remove(const std::string& producer) {
  auto node = branches_.extract(producer);
  // The router ends its stream, behind what is still under way.
  if (!node.empty()) closing_.push_back({std::move(node.mapped()), Now() + kEndPatience});
}

void PeerRecorder::Retire(std::unique_ptr<TrackBranch> branch) {
  dropped_before_ += branch->dropped();
}

void PeerRecorder::Tick() {
  const int64_t now = Now();
  for (auto& closing : closing_) {
    if (closing.branch->ended() || now > closing.until) Retire(std::move(closing.branch));
  }
  std::erase_if(closing_, [](const Closing& closing) { return closing.branch == nullptr; });
  for (const RecordedFile& file : files_) file.media->Tick(now);
  const std::string error = pipeline_.TakeError();
  if (!error.empty()) Log("recording-stream", {{"folder", folder_}, {"reason", error}});
}

void PeerRecorder::Close() {
  pipeline_.End([this] {
    return std::ranges::all_of(branches_, [](const auto& one) { return one.second->ended(); }) &&
           std::ranges::all_of(closing_, [](const auto& one) { return one.branch->ended(); });
  });
  for (auto& [producer, branch] : branches_) Retire(std::move(branch));
  branches_.clear();
  for (auto& closing : closing_) Retire(std::move(closing.branch));
  closing_.clear();
  for (const RecordedFile& file : files_) file.media->Finish();
}

uint64_t PeerRecorder::dropped() const {
  uint64_t sum = dropped_before_;
  for (const auto& [producer, branch] : branches_) sum += branch->dropped();
  for (const auto& closing : closing_) sum += closing.branch->dropped();
  return sum;
}

}  // namespace room
