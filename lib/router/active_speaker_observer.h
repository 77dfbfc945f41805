// Who speaks in a room? Finds the dominant speaker among Producers (mediasoup's
// ActiveSpeakerObserver; see router/speech_activity.h for the method). A cough does not make one,
// and a pause for breath does not end one: he stays dominant until another one speaks more.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "router/rtp_observer.h"
#include "router/speech_activity.h"

namespace sfu {

struct ActiveSpeakerOptions {
  static constexpr TimeDelta kMinInterval = TimeDelta::Millis(100);
  static constexpr TimeDelta kMaxInterval = TimeDelta::Seconds(5);
  TimeDelta interval = TimeDelta::Millis(300);  // how often it is decided; within these
};

class ActiveSpeakerObserver : public RtpObserver {
 public:
  // Another Producer is dominant; null: none is, for the one that was is watched no more and nobody
  // else has spoken.
  using Listener = std::function<void(Producer* dominant)>;

  // Made by Router::CreateActiveSpeakerObserver().
  ActiveSpeakerObserver(const ActiveSpeakerOptions& options, Listener listener,
                        const Wakeup& wakeup);
  ~ActiveSpeakerObserver() override;

  // Null until somebody has spoken. (mediasoup would name anybody.)
  Producer* dominant() const;
  size_t producer_count() const override { return speakers_.size(); }

 private:
  class Speaker;

  bool Watches(const Producer* producer) const override;
  void Watch(Producer* producer) override;
  void Unwatch(const Producer* producer) override;
  void Forget() override;
  bool HasNews() const override { return news_; }
  void Evaluate(Timestamp now) override;
  void Elect(Timestamp now);

  const Listener listener_;
  std::vector<std::unique_ptr<Speaker>> speakers_;
  Speaker* dominant_ = nullptr;
  bool news_ = false;  // it is another one than the listener knows
};

}  // namespace sfu
