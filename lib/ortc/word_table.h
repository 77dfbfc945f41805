// Words that stand for values, in the texts of JSON and SDP.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace sfu::ortc {

template <typename T, size_t N>
using WordTable = std::array<std::pair<std::string_view, T>, N>;

// The word of a value; empty if it is not in the table.
template <typename T, size_t N>
std::string WordOf(const WordTable<T, N>& words, T value) {
  for (const auto& [word, candidate] : words) {
    if (candidate == value) return std::string(word);
  }
  return {};
}

// The value of a word in any case.
template <typename T, size_t N>
std::optional<T> ValueOfWord(const WordTable<T, N>& words, std::string_view text) {
  for (const auto& [word, value] : words) {
    if (EqualsIgnoringAsciiCase(word, text)) return value;
  }
  return std::nullopt;
}

}  // namespace sfu::ortc
