// Where the pictures of a composed recording stand. Knows no GStreamer.
#pragma once

#include <vector>

namespace room {

struct Cell {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  bool operator==(const Cell&) const = default;
};

// So many cells of one size, which fill a picture of that size; the last row is in the middle. All
// numbers are even, as encoders want them.
std::vector<Cell> Grid(int count, int width, int height);

}  // namespace room
