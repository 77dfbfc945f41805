// The log hook and the limit on lines about network input.
#include "base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sfu {
namespace {

TEST(Log, ReachesTheInstalledFunctionOnly) {
  std::vector<std::string> lines;
  EXPECT_FALSE(LogEnabled());
  Log(LogLevel::kInfo, "rtp", "nobody listens");
  SetLogFunction(
      [](LogLevel, std::string_view module, std::string_view message, void* context) {
        static_cast<std::vector<std::string>*>(context)->push_back(std::string(module) + " " +
                                                                   std::string(message));
      },
      &lines);
  Log(LogLevel::kInfo, "rtp", "hello");
  SetLogFunction(nullptr, nullptr);
  Log(LogLevel::kInfo, "rtp", "gone");
  EXPECT_EQ(lines, std::vector<std::string>{"rtp hello"});
}

TEST(RateLimitedLog, OneLinePerIntervalAndTheRestCounted) {
  RateLimitedLog limit(TimeDelta::Seconds(1));
  uint64_t suppressed = 99;
  EXPECT_TRUE(limit.Allow(Timestamp::FromMillis(10), &suppressed));
  EXPECT_EQ(suppressed, 0u);
  EXPECT_FALSE(limit.Allow(Timestamp::FromMillis(20), &suppressed));
  EXPECT_FALSE(limit.Allow(Timestamp::FromMillis(1009), &suppressed));
  EXPECT_TRUE(limit.Allow(Timestamp::FromMillis(1010), &suppressed));
  EXPECT_EQ(suppressed, 2u);
}

}  // namespace
}  // namespace sfu
