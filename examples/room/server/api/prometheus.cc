#include "prometheus.h"

#include <array>
#include <charconv>
#include <cmath>

namespace room {
namespace {

// As short as it can be, and yet this number.
std::string NumberText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

// In labels quotes are escaped, too.
std::string Escaped(std::string_view text, bool quotes) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

void PrometheusText::Begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += "# HELP " + name_ + " " + Escaped(help, false) + "\n";
  text_ += "# TYPE " + name_ + " " + std::string(type) + "\n";
}

void PrometheusText::Sample(double value, const Labels& labels) {
  text_ += name_;
  const char* separator = "{";
  for (const auto& [name, text] : labels) {
    text_ += separator + name + "=\"" + Escaped(text, true) + "\"";
    separator = ",";
  }
  text_ += (labels.empty() ? " " : "} ") + NumberText(value) + "\n";
}

void PrometheusText::Add(std::string_view name, std::string_view type, std::string_view help,
                         double value) {
  Begin(name, type, help);
  Sample(value);
}

}  // namespace room
