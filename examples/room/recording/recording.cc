#include "recording.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "../server/log.h"

namespace room {
namespace {

constexpr int64_t kLookInterval = 1'000'000;  // µs
constexpr double kNanosPerSecond = 1e9;

double Seconds(int64_t nanos) { return static_cast<double>(nanos) / kNanosPerSecond; }

}  // namespace

Recording::Recording(Identity identity, Conference* conference, std::unique_ptr<Recorder> recorder)
    : identity_(std::move(identity)),
      conference_(conference),
      recorder_(std::move(recorder)),
      started_(Now()),
      began_(g_get_real_time() / 1000) {
  Log("recording-started", {{"room", identity_.room}, {"id", identity_.id}});
  conference_->AddListener(this);
  Save();
}

Recording::~Recording() {
  Stop();
  if (!closing_.valid()) return;
  closing_.wait();
  Tick();
}

void Recording::OnProducer(const Peer& peer, const std::string& id, const Producer& producer) {
  try {
    recorder_->Add({id, peer.name, producer.source, producer.codec});
  } catch (const std::exception& error) {
    if (skipped_.size() >= kMaxSkipped) return;
    skipped_.push_back(
        {{"peer", peer.name}, {"source", producer.source}, {"reason", error.what()}});
  }
}

void Recording::OnProducerClosed(const std::string& id) { recorder_->Remove(id); }

Json Recording::Output() const {
  return {{"type", "recording"}, {"id", identity_.id}, {"kind", identity_.kind}};
}

void Recording::Tick() {
  if (!running()) {
    const bool closed =
        closing_.valid() && closing_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (!closed) return;
    closing_.get();
    dropped_ = recorder_->dropped();
    recorder_.reset();
    CheckFiles();
    state_ = error_.empty() ? "done" : "failed";
    Log("recording-ended", {{"room", identity_.room}, {"id", identity_.id}, {"state", state_}});
    Save();
    return;
  }
  const int64_t now = g_get_monotonic_time();
  if (now < next_look_) return;
  next_look_ = now + kLookInterval;
  recorder_->Tick();
  files_ = recorder_->files();
  dropped_ = recorder_->dropped();
  if (files_.size() != saved_files_) Save();
  CheckFiles();
  if (conference_->size() > 0) {
    empty_since_ = 0;
  } else if (empty_since_ == 0) {
    empty_since_ = now;
  }
  const bool abandoned = empty_since_ != 0 && now - empty_since_ > kEmptyPatience;
  if (abandoned || !error_.empty()) Stop();
}

// The error of one file is that of the recording.
void Recording::CheckFiles() {
  for (const RecordedFile& file : files_) {
    const std::string error = file.media->progress().error;
    if (error_.empty() && !error.empty()) error_ = file.name + ": " + error;
  }
}

void Recording::Stop() {
  if (!running()) return;
  std::exchange(conference_, nullptr)->RemoveListener(this);
  files_ = recorder_->files();
  dropped_ = recorder_->dropped();
  state_ = "stopping";
  stopped_ = Now();
  closing_ = std::async(std::launch::async, [recorder = recorder_] { recorder->Close(); });
}

Json Recording::DescribeFile(const RecordedFile& file) const {
  const MediaFile::Progress progress = file.media->progress();
  const int64_t start = progress.start == 0 ? 0 : progress.start - started_;
  return {{"name", file.name},
          {"peer", file.peer},
          {"start", std::max(Seconds(start), 0.0)},
          {"duration", Seconds(progress.duration)},
          {"bytes", progress.bytes},
          {"tracks", progress.tracks}};
}

Json Recording::Describe() const {
  Json files = Json::array();
  uint64_t bytes = 0;
  for (const RecordedFile& file : files_) {
    files.push_back(DescribeFile(file));
    bytes += files.back().at("bytes").get<uint64_t>();
  }
  Json json = {{"id", identity_.id},
               {"room", identity_.room},
               {"kind", identity_.kind},
               {"state", state_},
               {"started", began_},
               {"duration", Seconds((stopped_ == 0 ? Now() : stopped_) - started_)},
               {"bytes", bytes},
               {"packetsDropped", dropped_},
               {"files", files},
               {"notRecorded", skipped_}};
  if (!error_.empty()) json["error"] = error_;
  return json;
}

void Recording::Save() {
  saved_files_ = files_.size();
  const std::string text = Describe().dump(1) + "\n";
  const std::string path = identity_.folder + "/recording.json";
  GError* error = nullptr;
  if (g_file_set_contents(path.c_str(), text.data(), static_cast<gssize>(text.size()), &error) !=
      FALSE) {
    return;
  }
  Log("recording", {{"id", identity_.id}, {"reason", error->message}});
  g_error_free(error);
}

}  // namespace room
