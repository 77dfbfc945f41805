// SDES: chunks, items, end marks (RFC 3550, section 6.5).
#include "rtp/rtcp/sdes.h"

#include <gtest/gtest.h>

#include <string>

#include "rtcp_test_util.h"

namespace sfu::rtcp {
namespace {

// CNAME "ab" with two bytes of end; then TOOL "x", CNAME "abc", and end.
const char kGolden[] = "82ca0006 00000001 01026162 00000000 00000002 06017801 03616263";

TEST(Sdes, ReadsCnames) {
  // The second chunk needs an end mark: one word more.
  Bytes bytes = Hex(kGolden);
  bytes.insert(bytes.end(), 4, 0);
  bytes[3] = 7;
  const auto sdes = Parsed<Sdes>(bytes);
  ASSERT_TRUE(sdes);
  ASSERT_EQ(sdes->chunks.size(), 2u);
  EXPECT_EQ(sdes->chunks[0].ssrc, 1u);
  EXPECT_EQ(sdes->chunks[0].cname, "ab");
  EXPECT_EQ(sdes->chunks[1].ssrc, 2u);
  EXPECT_EQ(sdes->chunks[1].cname, "abc");
  ExpectRefusedBelow<Sdes>(bytes, 28);
  ExpectOtherTypesRefused<Sdes>(bytes);
}

TEST(Sdes, RefusesAChunkWithoutEnd) {
  EXPECT_FALSE(Parsed<Sdes>(Hex(kGolden)));
  EXPECT_FALSE(Parsed<Sdes>(Hex("81ca0002 00000001 01ff6162")));  // item longer than the packet
  EXPECT_FALSE(Parsed<Sdes>(Hex("9fca0002 00000001 00000000")));  // 31 chunks, one there
}

TEST(Sdes, WritesPaddedChunks) {
  Sdes sdes;
  sdes.chunks.Add({1, "ab"});
  sdes.chunks.Add({2, ""});
  sdes.chunks.Add({3, "a"});
  EXPECT_EQ(Written(sdes),
            Hex("83ca0007 00000001 01026162 00000000 00000002 00000000 00000003 01016100"));
}

TEST(Sdes, RoundTripsEverySize) {
  for (size_t size = 0; size <= 255; ++size) {
    const std::string name(size, 'n');
    Sdes sdes;
    sdes.chunks.Add({7, name});
    Bytes out(300);
    ByteWriter writer(out);
    ASSERT_TRUE(sdes.Write(writer));
    out.resize(writer.size());
    const auto again = Parsed<Sdes>(out);
    ASSERT_TRUE(again) << size;
    EXPECT_EQ(again->chunks[0].cname, name);
  }
}

TEST(Sdes, RefusesALongName) {
  const std::string name(256, 'n');
  Sdes sdes;
  sdes.chunks.Add({7, name});
  Bytes out(400);
  ByteWriter writer(out);
  EXPECT_FALSE(sdes.Write(writer));
  EXPECT_EQ(writer.size(), 0u);
}

}  // namespace
}  // namespace sfu::rtcp
