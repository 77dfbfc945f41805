#include "judge.h"

#include <algorithm>
#include <numeric>

namespace load {

Judge::Judge() {
  for (auto& delays : delays_) delays.resize(kDelayBins);
}

Judge::Stream* Judge::Add(bool video) {
  const std::lock_guard lock(mutex_);
  return streams_.emplace_back(std::unique_ptr<Stream>(new Stream(this, video))).get();
}

void Judge::Stream::OnPayload(std::span<const uint8_t> payload, int64_t now) {
  const auto stamp = ReadStamp(payload);
  const std::lock_guard lock(judge_->mutex_);
  ++packets_;
  if (!stamp) return;
  if (stamp->number != assembled_) assembled_count_ = 0;
  assembled_ = stamp->number;
  if (++assembled_count_ != stamp->count) return;
  if (judge_->measuring_ && last_arrival_ != 0) {
    ++frames_;
    missing_ += stamp->number > last_ ? stamp->number - last_ - 1 : 1;
    const int64_t gap = now - last_arrival_;
    worst_gap_ = std::max(worst_gap_, gap);
    long_gaps_ += gap > kLongGap;
    const auto bin = static_cast<size_t>(std::max<int64_t>(now - stamp->sent, 0) / kDelayStep);
    ++judge_->delays_[video_ ? 1 : 0][std::min(bin, kDelayBins - 1)];
  }
  last_ = stamp->number;
  last_arrival_ = now;
}

size_t Judge::flowing() const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::ranges::count_if(
      streams_, [](const auto& stream) { return stream->last_arrival_ != 0; }));
}

void Judge::Begin() {
  const std::lock_guard lock(mutex_);
  measuring_ = true;
}

void Judge::End() {
  const std::lock_guard lock(mutex_);
  measuring_ = false;
}

nlohmann::json Judge::Report(bool video) const {
  const std::lock_guard lock(mutex_);
  uint64_t streams = 0;
  uint64_t packets = 0;
  uint64_t frames = 0;
  uint64_t missing = 0;
  uint64_t long_gaps = 0;
  int64_t worst_gap = 0;
  for (const auto& stream : streams_) {
    if (stream->video_ != video) continue;
    ++streams;
    packets += stream->packets_;
    frames += stream->frames_;
    missing += stream->missing_;
    long_gaps += stream->long_gaps_;
    worst_gap = std::max(worst_gap, stream->worst_gap_);
  }
  const auto& delays = delays_[video ? 1 : 0];
  const auto delay = [&](double part) {
    auto left = static_cast<int64_t>(static_cast<double>(frames) * part);
    size_t bin = 0;
    while (bin + 1 < kDelayBins && (left -= delays[bin]) > 0) ++bin;
    return static_cast<double>((static_cast<int64_t>(bin) + 1) * kDelayStep) / 1e6;
  };
  return {{"streams", streams},
          {"packets", packets},
          {"frames", frames},
          {"missing", missing},
          {"long_gaps", long_gaps},
          {"worst_gap_ms", static_cast<double>(worst_gap) / 1e6},
          {"delay_ms", {{"p50", delay(0.5)}, {"p99", delay(0.99)}, {"worst", delay(1)}}}};
}

}  // namespace load
