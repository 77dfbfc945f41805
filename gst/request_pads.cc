// The lowest free number is found by walking from the last one given out, so ten thousand pads cost
// no more than one each.
#include "request_pads.h"

#include <charconv>
#include <string_view>

namespace sfu::gst {

std::optional<unsigned> PadNumbers::Take(const char* name) {
  if (name == nullptr || (prefix_ + "%u") == name) {
    while (taken_.contains(next_)) ++next_;
    taken_.insert(next_);
    return next_++;
  }
  const std::string_view text(name);
  if (!text.starts_with(prefix_)) return std::nullopt;
  const std::string_view digits = text.substr(prefix_.size());
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (!taken_.insert(number).second) return std::nullopt;
  return number;
}

}  // namespace sfu::gst
