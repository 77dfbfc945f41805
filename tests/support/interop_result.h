// What an interop test saw of its peer, for the table in docs/interop.md. The form is that of
// interop_result.py, which says what the facts are.
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sfu::test {

// Made at the beginning of a test, it is written at its end, with whether the test has failed.
// Facts that are learnt on the way may be set until then.
struct InteropResult {
  InteropResult(std::string test, std::string name_and_version)
      : name(std::move(test)), peer(std::move(name_and_version)) {}
  InteropResult(const InteropResult&) = delete;
  InteropResult& operator=(const InteropResult&) = delete;
  ~InteropResult() {
    const char* build = std::getenv("SFU_BUILD");
    if (build == nullptr) return;
    const bool failed = ::testing::Test::HasFailure() || std::uncaught_exceptions() > 0;
    const auto folder = std::filesystem::path(build) / "interop-results";
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    std::ofstream(folder / FileName())
        << nlohmann::json{{"peer", peer},           {"through", through},
                          {"direction", direction}, {"codecs", codecs},
                          {"transport", "udp"},     {"cipher", cipher},
                          {"note", note},           {"result", failed ? "fails" : "passes"}}
        << '\n';
  }

  const std::string name;  // unique among all tests
  const std::string peer;
  std::string through;
  std::string direction = "both ways";
  std::vector<std::string> codecs;
  std::string cipher;
  std::string note;

 private:
  std::string FileName() const {
    std::string file;
    for (const char c : name) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) != 0 || c == '.') {
        file += static_cast<char>(std::tolower(byte));
      } else if (!file.empty() && file.back() != '-') {
        file += '-';
      }
    }
    return file + ".json";
  }
};

}  // namespace sfu::test
