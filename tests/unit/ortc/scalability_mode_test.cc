// Layers of scalability modes.
#include "ortc/scalability_mode.h"

#include <gtest/gtest.h>

namespace sfu::ortc {
namespace {

TEST(ScalabilityModeTest, ModesOfTheW3c) {
  EXPECT_EQ(ParseScalabilityMode("L1T1"), (ScalabilityMode{1, 1, false}));
  EXPECT_EQ(ParseScalabilityMode("L1T3"), (ScalabilityMode{1, 3, false}));
  EXPECT_EQ(ParseScalabilityMode("L3T2h"), (ScalabilityMode{3, 2, false}));
  EXPECT_EQ(ParseScalabilityMode("S2T1"), (ScalabilityMode{2, 1, false}));
  EXPECT_EQ(ParseScalabilityMode("S3T3h"), (ScalabilityMode{3, 3, false}));
  EXPECT_EQ(ParseScalabilityMode("L3T3_KEY"), (ScalabilityMode{3, 3, true}));
  EXPECT_EQ(ParseScalabilityMode("L2T2_KEY_SHIFT"), (ScalabilityMode{2, 2, true}));
  EXPECT_EQ(ParseScalabilityMode("L8T8"), (ScalabilityMode{8, 8, false}));
}

TEST(ScalabilityModeTest, OtherTexts) {
  for (const char* text : {"", "L", "L1", "L1T", "T1L1", "L0T1", "L1T0", "L9T1", "L1T9", "L10T1",
                           "X1T1", "l1t1", "L1T1 ", " L1T1", "L1T1;", "L1T1_K3Y", "L-1T1"}) {
    EXPECT_EQ(ParseScalabilityMode(text), std::nullopt) << text;
  }
}

TEST(ScalabilityModeTest, WhatIsWrittenIsRead) {
  EXPECT_EQ(LayersText(3, 2), "L3T2");
  EXPECT_EQ(ParseScalabilityMode(LayersText(8, 1)), (ScalabilityMode{8, 1, false}));
}

}  // namespace
}  // namespace sfu::ortc
