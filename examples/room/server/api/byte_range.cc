#include "byte_range.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace room {
namespace {

constexpr std::string_view kUnit = "bytes=";

// Digits and nothing else. What no number can hold is beyond each file.
std::optional<uint64_t> ReadNumber(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, digit)) return std::nullopt;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? number : UINT64_MAX;
}

}  // namespace

ByteRange ReadByteRange(std::string_view header, uint64_t size) {
  const ByteRange whole{200, 0, size};
  const ByteRange nothing{416, 0, 0};
  if (!header.starts_with(kUnit)) return whole;
  header.remove_prefix(kUnit.size());
  const size_t dash = header.find('-');
  if (dash == std::string_view::npos) return whole;
  const auto last = ReadNumber(header.substr(dash + 1));
  if (dash == 0) {  // the end of the file
    if (!last) return whole;
    const uint64_t length = std::min(*last, size);
    return length == 0 ? nothing : ByteRange{206, size - length, length};
  }
  const auto first = ReadNumber(header.substr(0, dash));
  const bool open = dash + 1 == header.size();
  if (!first || (!last && !open) || (last && *last < *first)) return whole;
  if (*first >= size) return nothing;
  const uint64_t end = open ? size - 1 : std::min(*last, size - 1);
  return {206, *first, end - *first + 1};
}

}  // namespace room
