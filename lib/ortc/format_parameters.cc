// Reading "fmtp" parameters as what their users need.
#include "ortc/format_parameters.h"

#include <charconv>
#include <cmath>

namespace sfu::ortc {
namespace {

// Whole numbers up to here are exact in a double, and in JavaScript.
constexpr double kMaxExact = 9007199254740991.0;

std::optional<int64_t> WholeNumber(double value) {
  if (std::abs(value) > kMaxExact || std::trunc(value) != value) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<int64_t> WholeNumber(const std::string& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int64_t> FormatParameters::Integer(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  if (const auto* number = std::get_if<int64_t>(&found->second)) return *number;
  if (const auto* fraction = std::get_if<double>(&found->second)) return WholeNumber(*fraction);
  return WholeNumber(*std::get_if<std::string>(&found->second));
}

std::optional<std::string> FormatParameters::Text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&found->second)) return *text;
  const std::optional<int64_t> number = Integer(name);
  if (!number) return std::nullopt;
  return std::to_string(*number);
}

void FormatParameters::Set(std::string_view name, ParameterValue value) {
  values_.insert_or_assign(std::string(name), std::move(value));
}

void FormatParameters::Erase(std::string_view name) {
  const auto found = values_.find(name);
  if (found != values_.end()) values_.erase(found);
}

void FormatParameters::Merge(const FormatParameters& other) {
  for (const auto& [name, value] : other.values_) Set(name, value);
}

}  // namespace sfu::ortc
