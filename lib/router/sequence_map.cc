// Sequence numbers of one Consumer.
#include "router/sequence_map.h"

#include <algorithm>

namespace sfu {

void SequenceMap::StartAt(int64_t first) {
  // What came before the new start belongs to a span that is over.
  count_ = 0;
  if (!started_) highest_output_ = first - 1;
  started_ = true;
  highest_input_ = first - 1;
  Append({first, first - (highest_output_ + 1)});
}

std::optional<int64_t> SequenceMap::Map(int64_t input) {
  for (size_t i = count_; i-- > 0;) {
    const Piece& piece = pieces_[i];
    if (input < piece.first) continue;
    // A late packet at the very end of its piece may be one that was left out: the number after it
    // belongs to the next piece.
    const int64_t output = input - piece.shift;
    if (i + 1 < count_ && output >= pieces_[i + 1].first - pieces_[i + 1].shift) {
      return std::nullopt;
    }
    highest_input_ = std::max(highest_input_, input);
    highest_output_ = std::max(highest_output_, output);
    return output;
  }
  return std::nullopt;
}

void SequenceMap::Drop(int64_t input) {
  if (count_ == 0 || input <= highest_input_) return;
  highest_input_ = input;
  const int64_t shift = pieces_[count_ - 1].shift + 1;
  // The numbers between the highest input so far and this one may still come; they keep the old
  // shift, for the new piece begins behind the one left out.
  Append({input + 1, shift});
}

void SequenceMap::Append(Piece piece) {
  if (count_ > 0 && pieces_[count_ - 1].first == piece.first) {
    pieces_[count_ - 1] = piece;
    return;
  }
  if (count_ == kMaxPieces) {
    std::move(pieces_.begin() + 1, pieces_.end(), pieces_.begin());
    --count_;
  }
  pieces_[count_++] = piece;
}

}  // namespace sfu
