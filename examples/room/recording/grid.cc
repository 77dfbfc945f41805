#include "grid.h"

#include <algorithm>

namespace room {
namespace {

constexpr int Even(int value) { return value / 2 * 2; }

}  // namespace

std::vector<Cell> Grid(int count, int width, int height) {
  int columns = 1;
  while (columns * columns < count) ++columns;
  const int rows = (count + columns - 1) / columns;
  std::vector<Cell> cells;
  for (int row = 0; row < rows; ++row) {
    const int in_row = std::min(columns, count - row * columns);
    const int cell_width = Even(width / columns);
    const int cell_height = Even(height / rows);
    const int left = Even((width - in_row * cell_width) / 2);
    for (int column = 0; column < in_row; ++column) {
      cells.push_back({left + column * cell_width, row * cell_height, cell_width, cell_height});
    }
  }
  return cells;
}

}  // namespace room
