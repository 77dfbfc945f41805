#include "examples/room/server/process_usage.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace room {
namespace {

constexpr char kStat[] =
    "4711 (a ) b) S 1 4711 4711 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 12 0 9000 123456789 2000 "
    "18446744073709551615 1 1 0 0 0 0 0 4096 81923 0 0 0 17 1 0 0 0 0 0\n";

TEST(ParseProcessStat, ReadsWhatProcSays) {
  const auto usage = ParseProcessStat(kStat, 100, 4096);
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->cpu_seconds, 3);
  EXPECT_EQ(usage->threads, 12);
  EXPECT_EQ(usage->start_time_seconds, 90);
  EXPECT_EQ(usage->virtual_bytes, 123456789);
  EXPECT_EQ(usage->resident_bytes, 2000 * 4096);
}

TEST(ParseProcessStat, TakesNoPartOfIt) {
  const std::string stat = kStat;
  for (const std::string& wrong : {std::string(), std::string("4711 (name"), stat.substr(0, 60)}) {
    EXPECT_FALSE(ParseProcessStat(wrong, 100, 4096)) << wrong;
  }
}

TEST(ReadProcessUsage, IsOfThisProcess) {
  const ProcessUsage usage = ReadProcessUsage();
  EXPECT_GE(usage.threads, 1);
  EXPECT_GT(usage.resident_bytes, 100'000);
  EXPECT_GE(usage.virtual_bytes, usage.resident_bytes);
  EXPECT_GE(usage.open_files, 3);
  EXPECT_GT(usage.max_files, usage.open_files);
  EXPECT_NEAR(usage.start_time_seconds, static_cast<double>(std::time(nullptr)), 3600);
}

}  // namespace
}  // namespace room
