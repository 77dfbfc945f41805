// Means of dBov, as mediasoup takes them.
#include "router/audio_level_observer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sfu {
namespace {

// A few packets between pauses (DTX) are no voice: there must be one per 100 ms, or 10 in all.
constexpr int64_t kMostPacketsNeeded = 10;
constexpr TimeDelta kPerPacketNeeded = TimeDelta::Millis(100);

}  // namespace

class AudioLevelObserver::Meter : public AudioLevelSink {
 public:
  Meter(const AudioLevelObserver& observer, Producer* producer)
      : observer_(observer), producer_(producer) {
    producer_->AddLevelSink(this);
  }
  ~Meter() override { producer_->RemoveLevelSink(this); }
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  void OnAudioLevel(AudioLevel level, Timestamp) override {
    if (observer_.paused()) return;
    sum_ += level.minus_dbov;
    ++packets_;
  }
  void OnAudioPaused() override { Reset(); }

  void Reset() { sum_ = packets_ = 0; }
  Producer* producer() const { return producer_; }
  uint64_t packets() const { return packets_; }
  // Only when there were packets.
  int Volume() const {
    return -static_cast<int>(
        std::lround(static_cast<double>(sum_) / static_cast<double>(packets_)));
  }

 private:
  const AudioLevelObserver& observer_;
  Producer* const producer_;
  uint64_t sum_ = 0;  // of -dBov
  uint64_t packets_ = 0;
};

AudioLevelObserver::AudioLevelObserver(const AudioLevelOptions& options, Listener listener,
                                       const Wakeup& wakeup)
    : RtpObserver(options.interval, wakeup),
      options_(options),
      packets_needed_(static_cast<uint32_t>(std::clamp<int64_t>(
          options.interval.ns() / kPerPacketNeeded.ns(), 1, kMostPacketsNeeded))),
      listener_(std::move(listener)) {}

AudioLevelObserver::~AudioLevelObserver() = default;

bool AudioLevelObserver::Watches(const Producer* producer) const {
  return std::any_of(meters_.begin(), meters_.end(),
                     [producer](const auto& m) { return m->producer() == producer; });
}

void AudioLevelObserver::Watch(Producer* producer) {
  meters_.push_back(std::make_unique<Meter>(*this, producer));
}

void AudioLevelObserver::Unwatch(const Producer* producer) {
  std::erase_if(meters_, [producer](const auto& m) { return m->producer() == producer; });
}

void AudioLevelObserver::Forget() {
  for (const auto& meter : meters_) meter->Reset();
}

void AudioLevelObserver::Evaluate(Timestamp) {
  volumes_.clear();
  for (const auto& meter : meters_) {
    if (meter->packets() < packets_needed_) continue;
    const int volume = meter->Volume();
    if (volume >= options_.threshold) volumes_.push_back({meter->producer(), volume});
  }
  Forget();
  const size_t reported = std::min(volumes_.size(), options_.max_entries);
  std::partial_sort(volumes_.begin(), volumes_.begin() + static_cast<std::ptrdiff_t>(reported),
                    volumes_.end(),
                    [](const auto& a, const auto& b) { return a.volume > b.volume; });
  volumes_.resize(reported);
  const bool was_silent = std::exchange(silent_, volumes_.empty());
  if (listener_ && !(silent_ && was_silent)) listener_(volumes_);
}

}  // namespace sfu
