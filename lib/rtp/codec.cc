// The table of codec names that libsfu can look into.
#include "rtp/codec.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace sfu {

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
    if (EqualsIgnoringAsciiCase(name, encoding_name)) return id;
  }
  return CodecId::kOther;
}

}  // namespace sfu
