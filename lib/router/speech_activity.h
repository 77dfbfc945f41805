// How much somebody speaks, judged from audio levels alone: the measure of I. Volfin, I. Cohen,
// "Dominant speaker identification for multipoint videoconferencing", Computer Speech & Language
// 27 (2013). The last second is looked at in three lengths: this moment (20 ms), a word (100 ms),
// and all of it; for each there is a score of how likely it is speech rather than noise.
//
// Time is cut into slots, and a slot has one level however many packets said it: who sends more
// packets does not count for more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace sfu {

class SpeechActivity {
 public:
  static constexpr TimeDelta kSlot = TimeDelta::Millis(20);
  static constexpr size_t kSlotsPerMedium = 5;
  static constexpr size_t kMediums = 10;
  static constexpr size_t kSlots = kSlotsPerMedium * kMediums;
  // A level lasts until the next one, but no longer than the longest Opus packet does.
  static constexpr TimeDelta kHold = TimeDelta::Millis(120);
  // The least level of this long (to twice as long) is the noise in the room, not speech.
  static constexpr TimeDelta kFloorWindow = TimeDelta::Millis(7'500);

  // Natural logarithms: of two, the difference is what the paper compares.
  struct Scores {
    double immediate;
    double medium;
    double longer;
  };

  SpeechActivity() { Clear(); }

  // `volume`: 0 (silence) to 127 (loudest), what is larger counts as 127. A `now` before an earlier
  // one counts as that.
  void AddLevel(uint8_t volume, Timestamp now);
  // As if nothing had been heard in the last second.
  void Clear();
  Scores Evaluate(Timestamp now);
  // Of who says nothing.
  static Scores Silence();

 private:
  int Immediate(uint8_t volume) const;
  void AdvanceTo(int64_t slot);
  void UpdateFloor(uint8_t volume, Timestamp now);

  std::array<uint8_t, kSlots> levels_;  // of slot n at n % kSlots
  int64_t newest_ = 0;                  // slot
  uint8_t held_ = 0;                    // the last level heard, in slot `heard_`
  int64_t heard_ = 0;
  uint8_t floor_before_ = 0;  // of the window before this one
  uint8_t floor_now_ = 0;     // 0: nothing heard in this window yet
  Timestamp window_began_ = {};
};

}  // namespace sfu
