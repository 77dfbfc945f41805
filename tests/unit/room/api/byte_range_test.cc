#include "examples/room/server/api/byte_range.h"

#include <gtest/gtest.h>

#include <string>

namespace room {
namespace {

constexpr uint64_t kSize = 1000;

void ExpectRange(std::string_view header, unsigned status, uint64_t first, uint64_t length) {
  const ByteRange range = ReadByteRange(header, kSize);
  EXPECT_EQ(range.status, status) << header;
  EXPECT_EQ(range.first, first) << header;
  EXPECT_EQ(range.length, length) << header;
}

TEST(ByteRangeTest, APartOfTheFile) {
  ExpectRange("bytes=0-99", 206, 0, 100);
  ExpectRange("bytes=100-", 206, 100, 900);
  ExpectRange("bytes=-100", 206, 900, 100);
  ExpectRange("bytes=999-999", 206, 999, 1);
  ExpectRange("bytes=0-", 206, 0, kSize);
}

TEST(ByteRangeTest, WhatGoesBeyondTheEndEndsThere) {
  ExpectRange("bytes=900-5000", 206, 900, 100);
  ExpectRange("bytes=-5000", 206, 0, kSize);
  ExpectRange("bytes=900-99999999999999999999999", 206, 900, 100);
}

TEST(ByteRangeTest, NothingIsThere) {
  ExpectRange("bytes=1000-", 416, 0, 0);
  ExpectRange("bytes=5000-6000", 416, 0, 0);
  ExpectRange("bytes=-0", 416, 0, 0);
  ExpectRange("bytes=99999999999999999999999-", 416, 0, 0);
  EXPECT_EQ(ReadByteRange("bytes=0-", 0).status, 416U);
  EXPECT_EQ(ReadByteRange("bytes=-1", 0).status, 416U);
}

TEST(ByteRangeTest, WhatCannotBeUnderstoodIsIgnored) {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "lines=1-2",
                             "bytes=5-1", "bytes=1-2x", "bytes= 1-2", "bytes=+1-2", "bytes=--1"}) {
    ExpectRange(header, 200, 0, kSize);
  }
}

// Thousands of them would be a cheap way to make a server work.
TEST(ByteRangeTest, SeveralRangesAreIgnored) {
  ExpectRange("bytes=0-1,5-9", 200, 0, kSize);
  std::string many = "bytes=0-1";
  for (int i = 0; i < 10'000; ++i) many += ",0-";
  ExpectRange(many, 200, 0, kSize);
}

}  // namespace
}  // namespace room
