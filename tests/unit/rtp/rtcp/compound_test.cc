// Walking compound and reduced-size datagrams; bad lengths and padding end the walk, and what came
// before stays valid.
#include "rtp/rtcp/compound.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "rtcp_test_util.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/rtcp_builder.h"

namespace sfu::rtcp {
namespace {

// RR without blocks, then PLI.
const char kCompound[] = "80c90001 00000001 81ce0002 00000001 00000002";

TEST(CompoundReader, WalksACompound) {
  const Bytes datagram = Hex(kCompound);
  CompoundReader reader(datagram);
  auto packet = reader.Next();
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->header.Is(PacketType::kReceiverReport));
  EXPECT_EQ(packet->header.count, 0);
  EXPECT_EQ(packet->body.size(), 4u);
  packet = reader.Next();
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->header.IsFeedback(PacketType::kPayloadFeedback, kFormatPli));
  EXPECT_EQ(packet->body.size(), 8u);
  EXPECT_FALSE(reader.Next());
  EXPECT_FALSE(reader.error());
}

TEST(CompoundReader, TakesReducedSizeAndUnknownTypes) {
  const Bytes datagram = Hex("81ce0002 00000001 00000002 80010000");
  CompoundReader reader(datagram);
  EXPECT_TRUE(reader.Next());
  const auto unknown = reader.Next();
  ASSERT_TRUE(unknown);
  EXPECT_EQ(static_cast<int>(unknown->header.type), 1);
  EXPECT_TRUE(unknown->body.empty());
  EXPECT_FALSE(reader.error());
}

TEST(CompoundReader, ABadLengthEndsTheWalk) {
  const Bytes datagram = Hex("80c90001 00000001 81ce0003 00000001 00000002");
  CompoundReader reader(datagram);
  EXPECT_TRUE(reader.Next());
  EXPECT_FALSE(reader.error());
  EXPECT_FALSE(reader.Next());
  EXPECT_EQ(reader.error(), DropReason::kBadRtcp);
  EXPECT_FALSE(reader.Next());
}

TEST(CompoundReader, EveryTruncationKeepsWhatIsWhole) {
  const Bytes whole = Hex(kCompound);
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CompoundReader reader(cut);
    int packets = 0;
    while (reader.Next()) ++packets;
    EXPECT_EQ(packets, size >= 8 ? 1 : 0) << size;
    EXPECT_EQ(reader.error().has_value(), size != 8) << size;
  }
}

TEST(CompoundReader, RefusesAnotherVersion) {
  const Bytes datagram = Hex("40c90001 00000001");
  CompoundReader reader(datagram);
  EXPECT_FALSE(reader.Next());
  EXPECT_EQ(reader.error(), DropReason::kBadRtcp);
}

TEST(CompoundReader, StripsPadding) {
  const Bytes datagram = Hex("a1ce0003 00000001 00000002 00000004");
  CompoundReader reader(datagram);
  const auto packet = reader.Next();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->body.size(), 8u);
  EXPECT_TRUE(Pli::Parse(packet->header, packet->body));
}

// As browsers end their transport-wide feedback.
TEST(CompoundReader, StripsPaddingOfPartOfAWord) {
  for (const char* text :
       {"a1ce0003 00000001 00000002 00000001", "a1ce0003 00000001 00000002 00000002",
        "a1ce0003 00000001 00000002 00000003"}) {
    const Bytes datagram = Hex(text);
    CompoundReader reader(datagram);
    const auto packet = reader.Next();
    ASSERT_TRUE(packet) << text;
    EXPECT_EQ(packet->body.size(), 12u - datagram.back()) << text;
  }
}

TEST(CompoundReader, RefusesPaddingThatDoesNotFit) {
  for (const char* text :
       {"a0c90001 00000000", "a0c90001 00000008", "a0c90001 000000ff", "a0c90000"}) {
    const Bytes datagram = Hex(text);
    CompoundReader reader(datagram);
    EXPECT_FALSE(reader.Next()) << text;
    EXPECT_EQ(reader.error(), DropReason::kBadRtcp) << text;
  }
}

TEST(CompoundReader, FailDropsTheRest) {
  const Bytes datagram = Hex(kCompound);
  CompoundReader reader(datagram);
  EXPECT_TRUE(reader.Next());
  reader.Fail();
  EXPECT_FALSE(reader.Next());
  EXPECT_EQ(reader.error(), DropReason::kBadRtcp);
}

TEST(CompoundReader, RandomBytesEnd) {
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    Bytes datagram(random.U16() % 100);
    for (uint8_t& b : datagram) b = static_cast<uint8_t>(random.U16() % 8);
    if (!datagram.empty()) datagram[0] = static_cast<uint8_t>(0x80 | (datagram[0] << 3));
    CompoundReader reader(datagram);
    size_t total = 0;
    while (const auto packet = reader.Next()) {
      total += kCommonHeaderSize + packet->body.size();
      ASSERT_GE(packet->body.data(), datagram.data());
      ASSERT_LE(packet->body.data() + packet->body.size(), datagram.data() + datagram.size());
    }
    EXPECT_LE(total, datagram.size());
  }
}

TEST(RtcpBuilder, BuildsACompound) {
  Bytes out(100);
  RtcpBuilder builder(out);
  EXPECT_TRUE(builder.empty());
  EXPECT_TRUE(builder.Add(ReceiverReport{1, {}}));
  EXPECT_TRUE(builder.Add(Pli{1, 2}));
  EXPECT_EQ(Bytes(builder.bytes().begin(), builder.bytes().end()), Hex(kCompound));
  EXPECT_EQ(builder.remaining(), 80u);
  builder.Clear();
  EXPECT_TRUE(builder.empty());
}

TEST(RtcpBuilder, KeepsWhatFits) {
  Bytes out(19);
  RtcpBuilder builder(out);
  EXPECT_TRUE(builder.Add(ReceiverReport{1, {}}));
  EXPECT_FALSE(builder.Add(Pli{1, 2}));
  EXPECT_EQ(builder.size(), 8u);
  EXPECT_TRUE(builder.Add(ReceiverReport{2, {}}));
  EXPECT_EQ(builder.size(), 16u);
}

}  // namespace
}  // namespace sfu::rtcp
