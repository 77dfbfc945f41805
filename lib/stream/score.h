// A stream's score, 0 (nothing usable arrives) to 10 (perfect): what applications show as signal
// bars and simulcast uses to compare streams.
//
// Every reception interval (one RTCP report, about 1 s) gives a mark from loss and repair:
//     damage = (lost - repaired + repaired / 5) / expected,   mark = 10 * (1 - damage)^4
// Loss that was repaired costs a fifth, for it came late. 2 % unrepaired loss gives 9.2, 10 % gives
// 6.6, 20 % gives 4.1. The score is the rounded mean of the last 24 marks, weighted 1 (the oldest)
// to n (the latest), so that a bad second shows at once and is forgotten gradually.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sfu {

class Score {
 public:
  static constexpr size_t kHistory = 24;
  static constexpr uint8_t kBest = 10;

  // The packets of one interval: expected by sequence number, lost on the first way, and of those
  // repaired since. Values that contradict each other are clamped. An interval with nothing
  // expected says nothing and is left out. True if the score changed.
  bool AddInterval(uint32_t expected, uint32_t lost, uint32_t repaired);
  // The stream fell silent: 0 until the next interval, which starts a new history. True if the
  // score changed.
  bool SetInactive();
  // kBest before the first interval.
  uint8_t value() const { return value_; }

 private:
  bool Set(uint8_t value);

  std::array<uint8_t, kHistory> marks_{};  // in tenths
  uint8_t count_ = 0;
  uint8_t next_ = 0;
  uint8_t value_ = kBest;
};

}  // namespace sfu
