// ByteReader and ByteWriter: network order, and the sticky error after the first access past the
// end.
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace sfu {
namespace {

TEST(ByteReader, ReadsNetworkOrder) {
  const std::array<uint8_t, 15> bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  ByteReader reader{ByteView(bytes)};
  EXPECT_EQ(reader.U8(), 1u);
  EXPECT_EQ(reader.U16(), 0x0203u);
  EXPECT_EQ(reader.U24(), 0x040506u);
  EXPECT_EQ(reader.U32(), 0x0708090au);
  EXPECT_EQ(reader.Bytes(2).size(), 2u);
  EXPECT_EQ(reader.remaining(), 3u);
  reader.Skip(3);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(ByteReader, StaysFailedAfterReadingPastTheEnd) {
  const std::array<uint8_t, 3> bytes = {1, 2, 3};
  ByteReader reader{ByteView(bytes)};
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.U8(), 0u);
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_TRUE(reader.Bytes(1).empty());
}

TEST(ByteWriter, WritesNetworkOrderAndStopsAtTheEnd) {
  std::array<uint8_t, 12> out{};
  ByteWriter writer{MutableBytes(out)};
  writer.U64(0x0102030405060708);
  writer.U24(0x090a0b);
  EXPECT_EQ(writer.remaining(), 1u);
  writer.U16(0xffff);
  EXPECT_FALSE(writer.ok());
  writer.U8(0xff);
  const std::array<uint8_t, 12> expected = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0};
  EXPECT_EQ(out, expected);
}

}  // namespace
}  // namespace sfu
