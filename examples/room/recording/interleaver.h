// Puts the blocks of several tracks in the order of their times, so that a player that reads a file
// once from the front has what belongs together together. It waits for a track that is behind, but
// not for longer than it is told to: a silent one stops nobody. Times are nanoseconds of any one
// clock. Knows no GStreamer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace room {

struct Block {
  unsigned track = 0;
  int64_t time = 0;
  int64_t duration = 0;
  bool key_frame = false;
  std::vector<uint8_t> data;
};

class Interleaver {
 public:
  // What may wait in all.
  static constexpr size_t kMaxBytes = size_t{32} << 20;

  // `patience`: how long a block waits for those of other tracks.
  explicit Interleaver(int64_t patience) : patience_(patience) {}

  void Push(Block block);
  // The next one; nothing while there may come an earlier one. `now`: of the blocks' clock.
  std::optional<Block> Pop(int64_t now);
  // The next one, whatever may come.
  std::optional<Block> PopAny();
  // There will be no more of it, or not for long.
  void Forget(unsigned track) { newest_.erase(track); }

 private:
  const int64_t patience_;
  std::multimap<int64_t, Block> waiting_;  // by time
  std::map<unsigned, int64_t> newest_;     // of each track: the last time that came
  size_t bytes_ = 0;
};

}  // namespace room
