// Tables of "this one change makes this error".
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sfu::ortc {

// "r", 1 -> "r1". (GCC 12 warns of "r" + std::to_string(1) where there is nothing to warn of.)
inline std::string Numbered(const char* prefix, uint64_t number) {
  std::string text = prefix;
  text.append(std::to_string(number));
  return text;
}

struct JsonErrorCase {
  std::string pointer;  // RFC 6901: what is replaced in a valid object
  nlohmann::json value;
  std::string error;
};

// `error_of(json)` says "none" for the valid object, and for each case its error.
template <typename ErrorOf>
void ExpectErrors(const nlohmann::json& valid, const std::vector<JsonErrorCase>& cases,
                  const ErrorOf& error_of) {
  EXPECT_EQ(error_of(valid), "none");
  for (const JsonErrorCase& wrong : cases) {
    nlohmann::json value = valid;
    value[nlohmann::json::json_pointer(wrong.pointer)] = wrong.value;
    EXPECT_EQ(error_of(value), wrong.error) << wrong.pointer;
  }
}

}  // namespace sfu::ortc
