// How loud are the loudest? Reports the mean levels of Producers, and when all have fallen silent
// (mediasoup's AudioLevelObserver).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "router/rtp_observer.h"

namespace sfu {

struct AudioLevelOptions {
  static constexpr TimeDelta kMinInterval = TimeDelta::Millis(250);
  static constexpr TimeDelta kMaxInterval = TimeDelta::Seconds(5);
  static constexpr int kMinThreshold = -127;
  size_t max_entries = 1;                         // of one report; 1 or more
  int threshold = -80;                            // dBov, kMinThreshold to 0: below it is silence
  TimeDelta interval = TimeDelta::Millis(1'000);  // of the reports; within those above
};

// How loud a Producer was in the last interval.
struct ProducerVolume {
  Producer* producer;
  int volume;  // dBov, -127 to 0: the mean of its packets'
};

class AudioLevelObserver : public RtpObserver {
 public:
  // Who is loudest, at each interval, the loudest first. Empty, once: everybody is silent now.
  using Listener = std::function<void(std::span<const ProducerVolume> volumes)>;

  // Made by Router::CreateAudioLevelObserver().
  AudioLevelObserver(const AudioLevelOptions& options, Listener listener, const Wakeup& wakeup);
  ~AudioLevelObserver() override;

  size_t producer_count() const override { return meters_.size(); }

 private:
  class Meter;

  bool Watches(const Producer* producer) const override;
  void Watch(Producer* producer) override;
  void Unwatch(const Producer* producer) override;
  void Forget() override;
  bool HasNews() const override { return !silent_ && (paused() || meters_.empty()); }
  void Evaluate(Timestamp now) override;

  const AudioLevelOptions options_;
  const uint32_t packets_needed_;  // in an interval, for its mean to be one
  const Listener listener_;
  std::vector<std::unique_ptr<Meter>> meters_;
  std::vector<ProducerVolume> volumes_;
  bool silent_ = true;
};

}  // namespace sfu
