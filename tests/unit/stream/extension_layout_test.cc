// Blocks of header extensions as they are sent: what stands in them, in which form, and how long.
#include "stream/extension_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

using test::Bytes;

constexpr NtpTime kEpoch(uint64_t{1000} << 32);

class ExtensionLayoutTest : public testing::Test {
 protected:
  void Negotiate(ExtensionType type, uint8_t id) { ids_[static_cast<size_t>(type)] = id; }
  ExtensionLayout Layout(std::string_view mid = "", std::string_view rid = "") const {
    return {ids_, mid, rid, ntp_};
  }
  // The packet's sender has other ids: 20 and up in the order of the types, or 1 and up.
  RtpPacket& Packet(const Bytes& elements = {}, uint16_t profile = kOneByteExtensionProfile) {
    ExtensionIds theirs;
    const auto first = static_cast<uint8_t>(profile == kOneByteExtensionProfile ? 1 : 20);
    for (size_t i = 0; i < theirs.size(); ++i) theirs[i] = static_cast<uint8_t>(first + i);
    const Bytes bytes = test::BuildRtpPacket({.extension_profile = profile, .extension = elements});
    packet_ = test::PoolPacket(pool_, bytes, 0, now_);
    packet_->FindExtensions(theirs);
    return *packet_;
  }
  // One element of the packet in the one-byte form.
  static Bytes Theirs(ExtensionType type, const Bytes& data) {
    Bytes element(1 + data.size());
    element[0] = static_cast<uint8_t>((static_cast<size_t>(type) + 1) << 4 | (data.size() - 1));
    std::copy(data.begin(), data.end(), element.begin() + 1);
    return element;
  }
  Bytes Write(const ExtensionLayout& layout, const RtpPacket& packet) {
    Bytes block(layout.SizeFor(packet), 0xEE);
    layout.Write(packet, stamp_, block);
    EXPECT_EQ(block.size() % 4, 0U);
    if (!block.empty()) {
      EXPECT_EQ(LoadBe16(&block[2]) * 4U + 4, block.size());
    }
    return block;
  }
  // An element of a block that was written; nothing if it is not there.
  static std::optional<Bytes> Element(const Bytes& block, uint8_t id) {
    if (block.empty()) return std::nullopt;
    const HeaderExtensionView view(LoadBe16(block.data()), ByteView(block).subspan(4));
    const auto data = view.Find(id);
    return data ? std::optional(Bytes(data->begin(), data->end())) : std::nullopt;
  }
  static Bytes Text(std::string_view text) { return {text.begin(), text.end()}; }

  const Timestamp now_ = Timestamp::FromMillis(5000);
  const NtpClock ntp_{Timestamp(), kEpoch};
  const SendStamp stamp_{0x1234, {0x56789A}};
  RtpPacketPool pool_;
  RtpPacketRef packet_;
  ExtensionIds ids_{};
};

TEST_F(ExtensionLayoutTest, WithNothingNegotiatedThereIsNoBlock) {
  EXPECT_TRUE(Write(Layout("0", "r0"), Packet()).empty());
  const Bytes level = Theirs(ExtensionType::kAudioLevel, {5});
  EXPECT_TRUE(Write(Layout("0", "r0"), Packet(level)).empty());
}

TEST_F(ExtensionLayoutTest, OwnValuesStandInEveryPacket) {
  Negotiate(ExtensionType::kMid, 1);
  Negotiate(ExtensionType::kAbsSendTime, 4);
  Negotiate(ExtensionType::kTransportSequence, 5);
  const Bytes block = Write(Layout("0"), Packet());
  EXPECT_EQ(block, (Bytes{0xBE, 0xDE, 0, 3, 0x51, 0x12, 0x34, 0x42, 0x56, 0x78, 0x9A, 0x10, '0', 0,
                          0, 0}));
  // What the packet brings of that kind is of another hop.
  Bytes theirs = Theirs(ExtensionType::kMid, {'x'});
  const Bytes number = Theirs(ExtensionType::kTransportSequence, {9, 9});
  theirs.insert(theirs.end(), number.begin(), number.end());
  EXPECT_EQ(Write(Layout("0"), Packet(theirs)), block);
}

TEST_F(ExtensionLayoutTest, WhatTheSenderSaysIsTranslated) {
  Negotiate(ExtensionType::kTransportSequence, 5);
  Negotiate(ExtensionType::kAudioLevel, 14);
  Negotiate(ExtensionType::kPlayoutDelay, 2);
  Bytes theirs = Theirs(ExtensionType::kAudioLevel, {0x85});
  const Bytes delay = Theirs(ExtensionType::kPlayoutDelay, {1, 2, 3});
  theirs.insert(theirs.end(), delay.begin(), delay.end());
  const Bytes block = Write(Layout(), Packet(theirs));
  EXPECT_EQ(Element(block, 14), (Bytes{0x85}));
  EXPECT_EQ(Element(block, 2), (Bytes{1, 2, 3}));
  EXPECT_EQ(Element(block, 5), (Bytes{0x12, 0x34}));
  EXPECT_EQ(LoadBe16(block.data()), kOneByteExtensionProfile);
  // From the two-byte form too.
  const Bytes wide = Write(Layout(), Packet({25, 1, 0x77}, kTwoByteExtensionProfile));
  EXPECT_EQ(LoadBe16(wide.data()), kOneByteExtensionProfile);
  EXPECT_EQ(Element(wide, 14), (Bytes{0x77}));
}

TEST_F(ExtensionLayoutTest, WhatTheReceiverDoesNotKnowIsLeftOut) {
  Negotiate(ExtensionType::kTransportSequence, 5);
  const ExtensionLayout layout = Layout();
  const size_t plain = layout.SizeFor(Packet());
  EXPECT_EQ(layout.SizeFor(Packet(Theirs(ExtensionType::kVideoOrientation, {1}))), plain);
}

TEST_F(ExtensionLayoutTest, ElementsOfAWrongSizeAreLeftOut) {
  Negotiate(ExtensionType::kAudioLevel, 1);
  Negotiate(ExtensionType::kVideoOrientation, 2);
  Negotiate(ExtensionType::kTimeOffset, 3);
  Negotiate(ExtensionType::kPlayoutDelay, 4);
  Negotiate(ExtensionType::kAbsCaptureTime, 5);
  for (const auto type :
       {ExtensionType::kAudioLevel, ExtensionType::kVideoOrientation, ExtensionType::kTimeOffset,
        ExtensionType::kPlayoutDelay, ExtensionType::kAbsCaptureTime}) {
    EXPECT_TRUE(Write(Layout(), Packet(Theirs(type, Bytes(7, 1)))).empty());
  }
  // An empty descriptor says nothing either.
  Negotiate(ExtensionType::kDependencyDescriptor, 6);
  EXPECT_TRUE(Write(Layout(), Packet({26, 0}, kTwoByteExtensionProfile)).empty());
}

TEST_F(ExtensionLayoutTest, ALongDescriptorTakesTheTwoByteForm) {
  Negotiate(ExtensionType::kMid, 1);
  Negotiate(ExtensionType::kAbsSendTime, 4);
  Negotiate(ExtensionType::kTransportSequence, 5);
  Negotiate(ExtensionType::kDependencyDescriptor, 7);
  const ExtensionLayout layout = Layout("mid");
  Bytes theirs = {26, 200};
  theirs.resize(202, 0xD0);
  const Bytes block = Write(layout, Packet(theirs, kTwoByteExtensionProfile));
  EXPECT_EQ(LoadBe16(block.data()), kTwoByteExtensionProfile);
  EXPECT_EQ(Element(block, 1), Text("mid"));
  EXPECT_EQ(Element(block, 4), (Bytes{0x56, 0x78, 0x9A}));
  EXPECT_EQ(Element(block, 5), (Bytes{0x12, 0x34}));
  EXPECT_EQ(Element(block, 7), Bytes(200, 0xD0));
  const Bytes next = Write(layout, Packet(Theirs(ExtensionType::kDependencyDescriptor, {1, 2, 3})));
  EXPECT_EQ(LoadBe16(next.data()), kOneByteExtensionProfile);
  EXPECT_EQ(Element(next, 7), (Bytes{1, 2, 3}));
}

TEST_F(ExtensionLayoutTest, HighIdsAndLongNamesTakeTheTwoByteForm) {
  Negotiate(ExtensionType::kTransportSequence, 15);
  Negotiate(ExtensionType::kMid, 1);
  Bytes block = Write(Layout("0"), Packet());
  EXPECT_EQ(LoadBe16(block.data()), kTwoByteExtensionProfile);
  EXPECT_EQ(Element(block, 15), (Bytes{0x12, 0x34}));
  EXPECT_EQ(Element(block, 1), Text("0"));
  Negotiate(ExtensionType::kTransportSequence, 2);
  Negotiate(ExtensionType::kAudioLevel, 255);
  EXPECT_EQ(LoadBe16(Write(Layout("0"), Packet()).data()), kTwoByteExtensionProfile);
  Negotiate(ExtensionType::kAudioLevel, 0);
  EXPECT_EQ(LoadBe16(Write(Layout("0"), Packet()).data()), kOneByteExtensionProfile);
  const std::string longest(ExtensionLayout::kMaxText, 'm');
  Negotiate(ExtensionType::kRid, 3);
  block = Write(Layout(longest + "beyond", longest), Packet());
  EXPECT_EQ(LoadBe16(block.data()), kTwoByteExtensionProfile);
  EXPECT_EQ(Element(block, 1), Text(longest));
  EXPECT_EQ(Element(block, 3), Text(longest));
}

TEST_F(ExtensionLayoutTest, ARepairSaysWhichRidItRepairs) {
  Negotiate(ExtensionType::kRid, 2);
  Bytes block = Write(ExtensionLayout::ForRtx(ids_, "", "r1", ntp_), Packet());
  EXPECT_TRUE(block.empty()) << "not negotiated";
  Negotiate(ExtensionType::kRepairedRid, 3);
  block = Write(ExtensionLayout::ForRtx(ids_, "", "r1", ntp_), Packet());
  EXPECT_EQ(Element(block, 3), Text("r1"));
  EXPECT_EQ(Element(block, 2), std::nullopt);
  block = Write(Layout("", "r1"), Packet());
  EXPECT_EQ(Element(block, 2), Text("r1"));
  EXPECT_EQ(Element(block, 3), std::nullopt);
}

// The capturer is 10 s ahead of its sender, who is 7 s behind us: 3 s ahead of us.
TEST_F(ExtensionLayoutTest, TheCaptureOffsetIsThatToOurClock) {
  Negotiate(ExtensionType::kAbsCaptureTime, 9);
  const AbsCaptureTime theirs{NtpTime(uint64_t{77} << 32), int64_t{10} << 32};
  Bytes data(AbsCaptureTime::kSize);
  ASSERT_TRUE(theirs.Write(data));
  RtpPacket& packet = Packet(Theirs(ExtensionType::kAbsCaptureTime, data));
  packet.ntp = ntp_.ToNtp(packet.capture) - TimeDelta::Seconds(7);
  auto element = Element(Write(Layout(), packet), 9);
  ASSERT_TRUE(element);
  auto ours = AbsCaptureTime::Parse(*element);
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->capture, theirs.capture);
  EXPECT_EQ(ours->clock_offset, int64_t{3} << 32);

  // Without a sender report nobody knows.
  packet.ntp = NtpTime();
  element = Element(Write(Layout(), packet), 9);
  ASSERT_TRUE(element);
  ours = AbsCaptureTime::Parse(*element);
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->capture, theirs.capture);
  EXPECT_FALSE(ours->clock_offset);

  // An offset that is not known stays so.
  data.resize(AbsCaptureTime::kShortSize);
  RtpPacket& brief = Packet(Theirs(ExtensionType::kAbsCaptureTime, data));
  brief.ntp = kEpoch;
  EXPECT_EQ(Element(Write(Layout(), brief), 9), data);
}

// Any ids, any mixture: the block is whole, and never longer than its bound.
TEST_F(ExtensionLayoutTest, EveryMixtureFits) {
  uint32_t random = 1;
  const auto next = [&] { return random = random * 1'664'525 + 1'013'904'223; };
  for (int round = 0; round < 2000; ++round) {
    for (uint8_t& id : ids_) id = static_cast<uint8_t>((next() >> 24) % 3 == 0 ? next() >> 24 : 0);
    Bytes theirs;
    for (uint8_t id = 20; id < 20 + static_cast<uint8_t>(ExtensionType::kCount); ++id) {
      static constexpr uint8_t kSizes[] = {1, 3, 8, 16, 0, 255};
      const uint8_t size = kSizes[(next() >> 24) % 6];
      theirs.push_back(id);
      theirs.push_back(size);
      theirs.resize(theirs.size() + size, 0x55);
      if (theirs.size() > 1000) break;
    }
    const std::string mid((next() >> 24) % 40, 'm');
    const Bytes block = Write(Layout(mid, mid), Packet(theirs, kTwoByteExtensionProfile));
    EXPECT_LE(block.size(), 400U);
    if (block.empty()) continue;
    size_t used = 4;
    const HeaderExtensionView view(LoadBe16(block.data()), ByteView(block).subspan(4));
    const size_t head = view.form() == ExtensionForm::kOneByte ? 1 : 2;
    for (const HeaderExtension& element : view) used += head + element.data.size();
    EXPECT_EQ((used + 3) / 4 * 4, block.size());
  }
}

}  // namespace
}  // namespace sfu
