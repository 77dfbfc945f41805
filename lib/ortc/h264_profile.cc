// The tables of profile-level-id.
#include "ortc/h264_profile.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"

namespace sfu::ortc {
namespace {

// Set in the iop of level_idc 11, it makes level 1b of 1.1. Not in the high profiles.
constexpr uint8_t kConstraintSet3 = 0x10;
constexpr uint8_t kLevelIdc1_1 = 11;

struct ProfilePattern {
  uint8_t idc;
  uint8_t mask;   // the bits of iop that must have a value …
  uint8_t value;  // … and which
  H264Profile profile;
};

// RFC 6184, table 5. The lower four bits of iop are reserved, but for those of the high profiles.
constexpr std::array<ProfilePattern, 9> kPatterns = {{
    {0x42, 0b0100'1111, 0b0100'0000, H264Profile::kConstrainedBaseline},
    {0x4D, 0b1000'1111, 0b1000'0000, H264Profile::kConstrainedBaseline},
    {0x58, 0b1100'1111, 0b1100'0000, H264Profile::kConstrainedBaseline},
    {0x42, 0b0100'1111, 0b0000'0000, H264Profile::kBaseline},
    {0x58, 0b1100'1111, 0b1000'0000, H264Profile::kBaseline},
    {0x4D, 0b1010'1111, 0b0000'0000, H264Profile::kMain},
    {0x64, 0b1111'1111, 0b0000'0000, H264Profile::kHigh},
    {0x64, 0b1111'1111, 0b0000'1100, H264Profile::kConstrainedHigh},
    {0xF4, 0b1111'1111, 0b0000'0000, H264Profile::kPredictiveHigh444},
}};

// level_idc of each level, in the order of H264Level; 1b has that of 1.1.
constexpr std::array<uint8_t, 17> kLevelIdcs = {10, 11, 11, 12, 13, 20, 21, 22, 30,
                                                31, 32, 40, 41, 42, 50, 51, 52};

std::optional<H264Level> LevelFromIdc(uint8_t idc, uint8_t iop) {
  if (idc == kLevelIdc1_1) {
    return (iop & kConstraintSet3) != 0 ? H264Level::k1b : H264Level::k1_1;
  }
  const auto* const found = std::find(kLevelIdcs.begin(), kLevelIdcs.end(), idc);
  if (found == kLevelIdcs.end()) return std::nullopt;
  return static_cast<H264Level>(found - kLevelIdcs.begin());
}

// The usual idc and iop of a profile.
uint16_t ProfileBytes(H264Profile profile) {
  switch (profile) {
    case H264Profile::kConstrainedBaseline:
      return 0x42E0;
    case H264Profile::kBaseline:
      return 0x4200;
    case H264Profile::kMain:
      return 0x4D00;
    case H264Profile::kConstrainedHigh:
      return 0x640C;
    case H264Profile::kHigh:
      return 0x6400;
    case H264Profile::kPredictiveHigh444:
      return 0xF400;
  }
  return 0;
}

bool HasLevel1b(H264Profile profile) {
  return profile == H264Profile::kConstrainedBaseline || profile == H264Profile::kBaseline ||
         profile == H264Profile::kMain;
}

std::string SixDigits(uint32_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 20; shift >= 0; shift -= 4) text += kDigits[(value >> shift) & 0xF];
  return text;
}

bool AllowsAsymmetry(const FormatParameters& parameters) {
  return parameters.Integer("level-asymmetry-allowed") == 1;
}

}  // namespace

std::optional<H264ProfileLevel> H264ProfileLevel::Parse(std::string_view text) {
  if (text.size() != 6) return std::nullopt;
  uint32_t value = 0;
  for (const char c : text) {
    const int digit = HexDigit(c);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  const auto idc = static_cast<uint8_t>(value >> 16);
  const auto iop = static_cast<uint8_t>(value >> 8);
  const std::optional<H264Level> level = LevelFromIdc(static_cast<uint8_t>(value), iop);
  if (!level) return std::nullopt;
  for (const ProfilePattern& pattern : kPatterns) {
    if (pattern.idc == idc && (iop & pattern.mask) == pattern.value) {
      return H264ProfileLevel{pattern.profile, *level};
    }
  }
  return std::nullopt;
}

std::optional<H264ProfileLevel> H264ProfileLevel::FromParameters(
    const FormatParameters& parameters) {
  if (!parameters.Has("profile-level-id")) return H264ProfileLevel();
  const std::optional<std::string> text = parameters.Text("profile-level-id");
  return text ? Parse(*text) : std::nullopt;
}

std::optional<std::string> H264ProfileLevel::ToText() const {
  uint32_t bytes = ProfileBytes(profile);
  if (level == H264Level::k1b) {
    if (!HasLevel1b(profile)) return std::nullopt;
    bytes |= kConstraintSet3;
  }
  return SixDigits(bytes << 8 | kLevelIdcs[static_cast<size_t>(level)]);
}

bool SameH264Format(const FormatParameters& a, const FormatParameters& b) {
  if (a.Integer("packetization-mode").value_or(0) != b.Integer("packetization-mode").value_or(0)) {
    return false;
  }
  const std::optional<H264ProfileLevel> a_profile = H264ProfileLevel::FromParameters(a);
  const std::optional<H264ProfileLevel> b_profile = H264ProfileLevel::FromParameters(b);
  return a_profile && b_profile && a_profile->profile == b_profile->profile;
}

std::optional<std::string> AnswerH264ProfileLevel(const FormatParameters& local,
                                                  const FormatParameters& remote) {
  if (!local.Has("profile-level-id") && !remote.Has("profile-level-id")) return std::nullopt;
  std::optional<H264ProfileLevel> answer = H264ProfileLevel::FromParameters(local);
  const std::optional<H264ProfileLevel> other = H264ProfileLevel::FromParameters(remote);
  if (!answer || !other) return std::nullopt;
  if (!AllowsAsymmetry(local) || !AllowsAsymmetry(remote)) {
    answer->level = std::min(answer->level, other->level);
  }
  return answer->ToText();
}

}  // namespace sfu::ortc
