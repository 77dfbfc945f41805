// Constants and formulas are those of the paper, section 3, with 13 steps of loudness in a slot.
#include "router/speech_activity.h"

#include <algorithm>
#include <cmath>

namespace sfu {
namespace {

constexpr int kLoudest = 127;
constexpr int kStep = 10;         // of loudness, in dB
constexpr int kSteps = 13;        // from silence to the loudest
constexpr int kLoudSlot = 7;      // a slot with more steps is loud
constexpr int kActiveMedium = 4;  // a medium with more loud slots is active
constexpr double kLeastScore = 1e-10;

double LogBinomial(int n, int k) {
  double sum = 0;
  for (int i = 1; i <= k; ++i) sum += std::log(static_cast<double>(n - k + i) / i);
  return sum;
}

// The log-likelihood ratio of "speech" to "noise" when `active` of `n` parts are active: noise
// makes each part active with probability 1/2, speech makes many so, with rate `lambda`. Scores
// below the least count as that, so a score's own logarithm exists.
double LogScore(int active, int n, double lambda) {
  const double score =
      LogBinomial(n, active) + n * std::log(0.5) - std::log(lambda) + lambda * active;
  return std::log(std::max(score, kLeastScore));
}

template <int n>
std::array<double, n + 1> LogScores(double lambda) {
  std::array<double, n + 1> scores{};
  for (int active = 0; active <= n; ++active) {
    scores[static_cast<size_t>(active)] = LogScore(active, n, lambda);
  }
  return scores;
}

// There are few different scores: each is computed once per process.
SpeechActivity::Scores ScoresOf(int immediate, int medium, int longer) {
  static const auto kImmediate = LogScores<kSteps>(0.78);
  static const auto kMedium = LogScores<static_cast<int>(SpeechActivity::kSlotsPerMedium)>(24);
  static const auto kLonger = LogScores<static_cast<int>(SpeechActivity::kMediums)>(47);
  return {kImmediate[static_cast<size_t>(immediate)], kMedium[static_cast<size_t>(medium)],
          kLonger[static_cast<size_t>(longer)]};
}

int64_t SlotAt(Timestamp time) { return time.ns() / SpeechActivity::kSlot.ns(); }

}  // namespace

void SpeechActivity::Clear() {
  levels_.fill(0);
  held_ = 0;
}

void SpeechActivity::AddLevel(uint8_t volume, Timestamp now) {
  volume = std::min<uint8_t>(volume, kLoudest);
  AdvanceTo(SlotAt(now));
  levels_[static_cast<size_t>(newest_) % kSlots] = volume;
  held_ = volume;
  heard_ = newest_;
  UpdateFloor(volume, now);
}

// Silence is what a muted microphone sends: it says nothing of the noise where it stands.
void SpeechActivity::UpdateFloor(uint8_t volume, Timestamp now) {
  if (volume == 0) return;
  if (window_began_ == Timestamp()) window_began_ = now;
  if (now - window_began_ >= kFloorWindow) {
    floor_before_ = floor_now_;
    floor_now_ = 0;
    window_began_ = now;
  }
  floor_now_ = floor_now_ == 0 ? volume : std::min(floor_now_, volume);
}

void SpeechActivity::AdvanceTo(int64_t slot) {
  if (slot <= newest_) return;
  constexpr int64_t kHeldSlots = kHold.ns() / kSlot.ns();
  const int64_t first = std::max(newest_ + 1, slot - static_cast<int64_t>(kSlots) + 1);
  for (int64_t s = first; s <= slot; ++s) {
    levels_[static_cast<size_t>(s) % kSlots] = s - heard_ < kHeldSlots ? held_ : 0;
  }
  newest_ = slot;
}

int SpeechActivity::Immediate(uint8_t volume) const {
  const int floor = std::min(floor_before_, floor_now_);
  return volume < floor + kStep ? 0 : volume / kStep;
}

SpeechActivity::Scores SpeechActivity::Evaluate(Timestamp now) {
  AdvanceTo(SlotAt(now));
  std::array<int, kMediums> loud{};
  for (size_t age = 0; age < kSlots && static_cast<int64_t>(age) <= newest_; ++age) {
    const uint8_t level = levels_[(static_cast<size_t>(newest_) - age) % kSlots];
    if (Immediate(level) > kLoudSlot) ++loud[age / kSlotsPerMedium];
  }
  const auto active =
      std::count_if(loud.begin(), loud.end(), [](int slots) { return slots > kActiveMedium; });
  return ScoresOf(Immediate(levels_[static_cast<size_t>(newest_) % kSlots]), loud[0],
                  static_cast<int>(active));
}

SpeechActivity::Scores SpeechActivity::Silence() { return ScoresOf(0, 0, 0); }

}  // namespace sfu
