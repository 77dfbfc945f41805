// The election: a challenger must be ahead of the dominant speaker in all three lengths of time.
#include "router/active_speaker_observer.h"

#include <algorithm>
#include <utility>

namespace sfu {
namespace {

// By how much, in the logarithm of the scores (C1 to C3 in the paper's section 4).
constexpr double kImmediateLead = 3;
constexpr double kMediumLead = 2;
constexpr double kLongerLead = 0;

}  // namespace

class ActiveSpeakerObserver::Speaker : public AudioLevelSink {
 public:
  Speaker(const ActiveSpeakerObserver& observer, Producer* producer)
      : observer_(observer), producer_(producer) {
    producer_->AddLevelSink(this);
  }
  ~Speaker() override { producer_->RemoveLevelSink(this); }
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;

  void OnAudioLevel(AudioLevel level, Timestamp now) override {
    if (!observer_.paused()) activity_.AddLevel(static_cast<uint8_t>(127 - level.minus_dbov), now);
  }
  void OnAudioPaused() override { activity_.Clear(); }

  Producer* producer() const { return producer_; }
  SpeechActivity& activity() { return activity_; }

 private:
  const ActiveSpeakerObserver& observer_;
  Producer* const producer_;
  SpeechActivity activity_;
};

ActiveSpeakerObserver::ActiveSpeakerObserver(const ActiveSpeakerOptions& options, Listener listener,
                                             const Wakeup& wakeup)
    : RtpObserver(options.interval, wakeup), listener_(std::move(listener)) {}

ActiveSpeakerObserver::~ActiveSpeakerObserver() = default;

Producer* ActiveSpeakerObserver::dominant() const {
  return dominant_ == nullptr ? nullptr : dominant_->producer();
}

bool ActiveSpeakerObserver::Watches(const Producer* producer) const {
  return std::any_of(speakers_.begin(), speakers_.end(),
                     [producer](const auto& s) { return s->producer() == producer; });
}

void ActiveSpeakerObserver::Watch(Producer* producer) {
  speakers_.push_back(std::make_unique<Speaker>(*this, producer));
}

void ActiveSpeakerObserver::Unwatch(const Producer* producer) {
  if (dominant() == producer) {
    dominant_ = nullptr;
    news_ = true;
  }
  std::erase_if(speakers_, [producer](const auto& s) { return s->producer() == producer; });
}

void ActiveSpeakerObserver::Forget() {
  for (const auto& speaker : speakers_) speaker->activity().Clear();
}

void ActiveSpeakerObserver::Evaluate(Timestamp now) {
  if (!paused()) Elect(now);
  if (std::exchange(news_, false) && listener_) listener_(dominant());
}

void ActiveSpeakerObserver::Elect(Timestamp now) {
  const SpeechActivity::Scores to_beat =
      dominant_ == nullptr ? SpeechActivity::Silence() : dominant_->activity().Evaluate(now);
  Speaker* elected = nullptr;
  double best_lead = kMediumLead;
  for (const auto& speaker : speakers_) {
    if (speaker.get() == dominant_) continue;
    const SpeechActivity::Scores scores = speaker->activity().Evaluate(now);
    if (scores.immediate - to_beat.immediate <= kImmediateLead) continue;
    if (scores.longer - to_beat.longer <= kLongerLead) continue;
    const double lead = scores.medium - to_beat.medium;
    if (lead <= best_lead) continue;
    best_lead = lead;
    elected = speaker.get();
  }
  if (elected == nullptr) return;
  dominant_ = elected;
  news_ = true;
}

}  // namespace sfu
