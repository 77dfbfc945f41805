// Maps a Producer's sequence numbers to those of one Consumer: continuous over pauses and over
// packets that are left out on purpose.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace sfu {

// Both sides are unwrapped. From each "piece" on, output = input - shift. A late packet is mapped
// by the piece that it falls into, so it gets the number that was left free for it.
class SequenceMap {
 public:
  // So many pieces are remembered. A packet older than the oldest of them is too old to be sent.
  static constexpr size_t kMaxPieces = 32;

  // The next output follows the highest output so far; it belongs to input `first`. What lies
  // before `first` is left out.
  void StartAt(int64_t first);
  // The output for `input`, or nothing if it is left out, or too old.
  std::optional<int64_t> Map(int64_t input);
  // Leaves out one input. Only what is newer than all inputs so far can be left out without a
  // trace; of older ones a gap stays.
  void Drop(int64_t input);

  int64_t highest_output() const { return highest_output_; }
  // The largest number that came, left out or not.
  int64_t highest_input() const { return highest_input_; }

 private:
  struct Piece {
    int64_t first;
    int64_t shift;
  };
  void Append(Piece piece);

  size_t count_ = 0;
  int64_t highest_input_ = 0;
  int64_t highest_output_ = 0;
  bool started_ = false;
  std::array<Piece, kMaxPieces> pieces_{};  // behind the rest: mostly only its beginning is used
};

}  // namespace sfu
