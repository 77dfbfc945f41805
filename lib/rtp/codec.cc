// The table of codec names that libsfu can look into.
#include "rtp/codec.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sfu {
namespace {

char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return AsciiUpper(x) == AsciiUpper(y); });
}

}  // namespace

CodecId CodecIdFromName(const std::string& encoding_name) {
  constexpr std::array<std::pair<std::string_view, CodecId>, 6> kNames = {{
      {"VP8", CodecId::kVp8},
      {"VP9", CodecId::kVp9},
      {"H264", CodecId::kH264},
      {"H265", CodecId::kH265},
      {"AV1", CodecId::kAv1},
      {"OPUS", CodecId::kOpus},
  }};
  for (const auto& [name, id] : kNames) {
    if (EqualsIgnoringCase(name, encoding_name)) return id;
  }
  return CodecId::kOther;
}

}  // namespace sfu
