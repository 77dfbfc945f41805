// H264 profiles and levels as profile-level-id codes them (RFC 6184, section 8.1).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ortc/format_parameters.h"

namespace sfu::ortc {

enum class H264Profile : uint8_t {
  kConstrainedBaseline,
  kBaseline,
  kMain,
  kConstrainedHigh,
  kHigh,
  kPredictiveHigh444,
};

// In order of what they can do: level 1b lies between 1 and 1.1.
enum class H264Level : uint8_t {
  k1,
  k1b,
  k1_1,
  k1_2,
  k1_3,
  k2,
  k2_1,
  k2_2,
  k3,
  k3_1,
  k3_2,
  k4,
  k4_1,
  k4_2,
  k5,
  k5_1,
  k5_2,
};

struct H264ProfileLevel {
  // What WebRTC assumes when nothing is said. RFC 6184 says level 1 instead, which nobody means.
  H264Profile profile = H264Profile::kConstrainedBaseline;
  H264Level level = H264Level::k3_1;

  // Six hexadecimal digits: profile_idc, profile_iop, level_idc. Several patterns of constraint
  // bits mean one profile (RFC 6184, table 5). Nothing for others.
  static std::optional<H264ProfileLevel> Parse(std::string_view text);
  // The value of the parameter profile-level-id, the default if there is none. Nothing if it is
  // wrong.
  static std::optional<H264ProfileLevel> FromParameters(const FormatParameters& parameters);
  // The six digits. Nothing for level 1b of a high profile, for that cannot be written.
  std::optional<std::string> ToText() const;

  bool operator==(const H264ProfileLevel&) const = default;
};

// Whether both decode the same kind of stream: the same profile and packetization-mode. Levels do
// not matter, see AnswerH264Level(). False if a profile-level-id is wrong.
bool SameH264Format(const FormatParameters& a, const FormatParameters& b);

// The level that `local` may send or receive at, once `remote` is known (RFC 6184, section 8.2.2):
// its own, if both sides allow the levels to differ, else the lower one. Both have the same
// profile. Nothing if neither names a profile-level-id: then none is named.
std::optional<std::string> AnswerH264ProfileLevel(const FormatParameters& local,
                                                  const FormatParameters& remote);

}  // namespace sfu::ortc
