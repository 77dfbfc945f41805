#include "examples/room/recording/grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace room {

void PrintTo(const Cell& cell, std::ostream* out) {
  *out << cell.x << "," << cell.y << " " << cell.width << "x" << cell.height;
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Grid, FillsThePicture) {
  EXPECT_THAT(Grid(0, 1280, 720), IsEmpty());
  EXPECT_THAT(Grid(1, 1280, 720), ElementsAre(Cell{0, 0, 1280, 720}));
  EXPECT_THAT(Grid(2, 1280, 720), ElementsAre(Cell{0, 0, 640, 720}, Cell{640, 0, 640, 720}));
}

TEST(Grid, TheLastRowIsInTheMiddle) {
  EXPECT_THAT(Grid(3, 1280, 720),
              ElementsAre(Cell{0, 0, 640, 360}, Cell{640, 0, 640, 360}, Cell{320, 360, 640, 360}));
}

TEST(Grid, NothingIsOutsideOrOdd) {
  for (int count = 1; count <= 60; ++count) {
    const auto cells = Grid(count, 1280, 720);
    ASSERT_EQ(cells.size(), static_cast<size_t>(count));
    for (const Cell& cell : cells) {
      EXPECT_GE(cell.x, 0);
      EXPECT_LE(cell.x + cell.width, 1280);
      EXPECT_LE(cell.y + cell.height, 720);
      EXPECT_EQ((cell.x | cell.y | cell.width | cell.height) & 1, 0) << count;
      EXPECT_GT(cell.width * cell.height, 0);
    }
  }
}

}  // namespace
}  // namespace room
