// BYE: sources and an optional reason (RFC 3550, section 6.6).
#include "rtp/rtcp/bye.h"

#include <gtest/gtest.h>

#include <string>

#include "rtcp_test_util.h"

namespace sfu::rtcp {
namespace {

const char kGolden[] = "82cb0004 00000001 00000002 05686170 70790000";  // "happy"

TEST(Bye, ReadsSourcesAndReason) {
  const Bytes bytes = Hex(kGolden);
  const auto bye = Parsed<Bye>(bytes);
  ASSERT_TRUE(bye);
  ASSERT_EQ(bye->ssrcs.size(), 2u);
  EXPECT_EQ(bye->ssrcs[1], 2u);
  EXPECT_EQ(bye->reason, "happy");
  EXPECT_EQ(Written(*bye), bytes);
  ExpectOtherTypesRefused<Bye>(bytes);
}

TEST(Bye, MayHaveNoReasonAndNoSource) {
  const Bytes one = Hex("81cb0001 00000001");
  EXPECT_EQ(Written(*Parsed<Bye>(one)), one);
  const Bytes none = Hex("80cb0000");
  EXPECT_EQ(Written(*Parsed<Bye>(none)), none);
}

TEST(Bye, RefusesSourcesAndReasonsThatRunOver) {
  EXPECT_FALSE(Parsed<Bye>(Hex("9fcb0001 00000001")));
  EXPECT_FALSE(Parsed<Bye>(Hex("81cb0002 00000001 04686170")));
  EXPECT_FALSE(Parsed<Bye>(Hex("81cb0002 00000001 ff686170")));
  ExpectRefusedBelow<Bye>(Hex("82cb0002 00000001 00000002"), 8);
}

TEST(Bye, RefusesALongReason) {
  const std::string reason(256, 'r');
  Bye bye;
  bye.reason = reason;
  Bytes out(400);
  ByteWriter writer(out);
  EXPECT_FALSE(bye.Write(writer));
  EXPECT_EQ(writer.size(), 0u);
}

}  // namespace
}  // namespace sfu::rtcp
