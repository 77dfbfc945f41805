// Text of protocols.
#include "base/ascii.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(AsciiTest, EqualInAnyCase) {
  EXPECT_TRUE(EqualsIgnoringAsciiCase("", ""));
  EXPECT_TRUE(EqualsIgnoringAsciiCase("video/VP8", "VIDEO/vp8"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("VP8", "VP80"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("VP80", "VP8"));
  // The neighbours of the letters, and what only a locale would call a letter.
  EXPECT_FALSE(EqualsIgnoringAsciiCase("@[", "`{"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("\xc4", "\xe4"));
}

TEST(AsciiTest, HexDigits) {
  EXPECT_EQ(HexDigit('0'), 0);
  EXPECT_EQ(HexDigit('9'), 9);
  EXPECT_EQ(HexDigit('a'), 10);
  EXPECT_EQ(HexDigit('F'), 15);
  for (const char c : {'g', 'G', '/', ':', '@', '`', ' ', '\xe4'}) EXPECT_EQ(HexDigit(c), -1);
}

}  // namespace
}  // namespace sfu
