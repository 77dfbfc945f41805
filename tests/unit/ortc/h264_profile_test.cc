// profile-level-id: the patterns of RFC 6184, table 5, and the answer to an offer.
#include "ortc/h264_profile.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace sfu::ortc {
namespace {

using enum H264Profile;

FormatParameters Id(const char* id, int asymmetry = 1, int mode = 1) {
  return {{"profile-level-id", id},
          {"level-asymmetry-allowed", asymmetry},
          {"packetization-mode", mode}};
}

TEST(H264ProfileTest, Patterns) {
  const std::vector<std::pair<const char*, H264ProfileLevel>> cases = {
      {"42e01f", {kConstrainedBaseline, H264Level::k3_1}},
      {"42E01F", {kConstrainedBaseline, H264Level::k3_1}},
      {"42c02a", {kConstrainedBaseline, H264Level::k4_2}},
      {"424020", {kConstrainedBaseline, H264Level::k3_2}},
      {"4de01f", {kConstrainedBaseline, H264Level::k3_1}},
      {"4d801f", {kConstrainedBaseline, H264Level::k3_1}},
      {"58f01f", {kConstrainedBaseline, H264Level::k3_1}},
      {"42001f", {kBaseline, H264Level::k3_1}},
      {"42a01f", {kBaseline, H264Level::k3_1}},
      {"58a01f", {kBaseline, H264Level::k3_1}},
      {"4d401f", {kMain, H264Level::k3_1}},
      {"4d001f", {kMain, H264Level::k3_1}},
      {"64001f", {kHigh, H264Level::k3_1}},
      {"640c1f", {kConstrainedHigh, H264Level::k3_1}},
      {"f40034", {kPredictiveHigh444, H264Level::k5_2}},
      {"42f00b", {kConstrainedBaseline, H264Level::k1b}},
      {"42e00b", {kConstrainedBaseline, H264Level::k1_1}},
      {"42e00a", {kConstrainedBaseline, H264Level::k1}},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(H264ProfileLevel::Parse(text), expected) << text;
  }
}

TEST(H264ProfileTest, NoPatterns) {
  for (const char* text : {"", "42e01", "42e01f0", "42e01g", "000000", "42e000", "42e0ff", "6e001f",
                           "644c1f", "42e11f", "f4101f", " 2e01f"}) {
    EXPECT_EQ(H264ProfileLevel::Parse(text), std::nullopt) << text;
  }
}

TEST(H264ProfileTest, WhatIsWrittenIsRead) {
  for (const H264Profile profile :
       {kConstrainedBaseline, kBaseline, kMain, kConstrainedHigh, kHigh, kPredictiveHigh444}) {
    for (int level = 0; level <= static_cast<int>(H264Level::k5_2); ++level) {
      const H264ProfileLevel written{profile, static_cast<H264Level>(level)};
      const std::optional<std::string> text = written.ToText();
      if (!text) {
        EXPECT_EQ(written.level, H264Level::k1b);
        EXPECT_GE(profile, kConstrainedHigh);
        continue;
      }
      EXPECT_EQ(H264ProfileLevel::Parse(*text), written) << *text;
    }
  }
}

TEST(H264ProfileTest, DefaultWhenNotGiven) {
  EXPECT_EQ(H264ProfileLevel::FromParameters({}),
            (H264ProfileLevel{kConstrainedBaseline, H264Level::k3_1}));
  EXPECT_EQ(H264ProfileLevel::FromParameters(Id("nonsense")), std::nullopt);
  EXPECT_EQ(H264ProfileLevel::FromParameters({{"profile-level-id", 640028}}),
            (H264ProfileLevel{kHigh, H264Level::k4}));
}

TEST(H264ProfileTest, SameFormat) {
  EXPECT_TRUE(SameH264Format(Id("42e01f"), Id("42c033")));
  EXPECT_TRUE(SameH264Format(Id("42e01f"), Id("4d8028")));
  EXPECT_TRUE(SameH264Format({}, Id("42e01f", 1, 0)));
  EXPECT_TRUE(SameH264Format({{"packetization-mode", "1"}}, {{"packetization-mode", 1}}));
  EXPECT_FALSE(SameH264Format(Id("42e01f"), Id("42001f")));
  EXPECT_FALSE(SameH264Format(Id("42e01f", 1, 0), Id("42e01f", 1, 1)));
  EXPECT_FALSE(SameH264Format(Id("zz"), Id("zz")));
}

TEST(H264ProfileTest, AnswerTakesOwnLevelWhenAsymmetryIsAllowed) {
  EXPECT_EQ(AnswerH264ProfileLevel(Id("42e034"), Id("42e01f")), "42e034");
  EXPECT_EQ(AnswerH264ProfileLevel(Id("42e015"), Id("42e01f")), "42e015");
}

TEST(H264ProfileTest, AnswerTakesLowerLevelOtherwise) {
  EXPECT_EQ(AnswerH264ProfileLevel(Id("42e034", 0), Id("42e01f")), "42e01f");
  EXPECT_EQ(AnswerH264ProfileLevel(Id("42e034"), Id("42e01f", 0)), "42e01f");
  EXPECT_EQ(AnswerH264ProfileLevel(Id("42f00b", 0), Id("42e00b", 0)), "42f00b");
  EXPECT_EQ(AnswerH264ProfileLevel(Id("42e00a", 0), Id("42f00b", 0)), "42e00a");
}

TEST(H264ProfileTest, AnswerWithoutIds) {
  EXPECT_EQ(AnswerH264ProfileLevel({}, {}), std::nullopt);
  EXPECT_EQ(AnswerH264ProfileLevel({}, Id("42e00a")), "42e00a");
  EXPECT_EQ(AnswerH264ProfileLevel(Id("x"), Id("42e00a")), std::nullopt);
}

}  // namespace
}  // namespace sfu::ortc
