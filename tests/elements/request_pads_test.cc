// Numbers of request pads.
#include "request_pads.h"

#include <gtest/gtest.h>

namespace sfu::gst {
namespace {

TEST(PadNumbersTest, GivesTheLowestFreeNumber) {
  PadNumbers numbers("src_");
  EXPECT_EQ(numbers.Take(nullptr), 0U);
  EXPECT_EQ(numbers.Take("src_1"), 1U);
  EXPECT_EQ(numbers.Take("src_%u"), 2U);
  numbers.GiveBack(1);
  EXPECT_EQ(numbers.Take(nullptr), 1U);
  EXPECT_EQ(numbers.NameOf(1), "src_1");
}

TEST(PadNumbersTest, RefusesWhatIsTakenOrMisspelt) {
  PadNumbers numbers("src_");
  numbers.Take("src_3");
  for (const char* name : {"src_3", "sink_0", "src_", "src_x", "src_1x", "src_99999999999", ""}) {
    EXPECT_FALSE(numbers.Take(name)) << name;
  }
}

}  // namespace
}  // namespace sfu::gst
