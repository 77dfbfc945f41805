// Where extensions lie in packets: both forms, broken blocks, ids that lie.
#include "rtp/extension_places.h"

#include <gtest/gtest.h>

#include "rtp/rtp_packet.h"
#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

using test::Bytes;

class ExtensionPlacesTest : public testing::Test {
 protected:
  void SetId(ExtensionType type, uint8_t id) { ids_[static_cast<size_t>(type)] = id; }
  void Parse(const Bytes& elements, uint16_t profile = kOneByteExtensionProfile) {
    packet_ = test::PoolPacket(
        pool_,
        test::BuildRtpPacket(
            {.csrcs = {1}, .extension_profile = profile, .extension = elements, .payload = {9, 9}}),
        0, Timestamp());
    packet_->FindExtensions(ids_);
  }
  // The bytes of an element; {0xFF} if it was not found.
  Bytes Found(ExtensionType type) const {
    const auto bytes = packet_->extension(type);
    return bytes ? Bytes(bytes->begin(), bytes->end()) : Bytes{0xFF};
  }

  const Bytes kNothing = {0xFF};
  RtpPacketPool pool_;
  RtpPacketRef packet_;
  ExtensionIds ids_{};
};

TEST_F(ExtensionPlacesTest, FindsElementsOfBothForms) {
  SetId(ExtensionType::kMid, 1);
  SetId(ExtensionType::kAbsSendTime, 3);
  SetId(ExtensionType::kVideoOrientation, 14);
  Parse({0x10, 'a', 0x32, 1, 2, 3, 0, 0xE0, 5, 0x70, 8});
  EXPECT_EQ(Found(ExtensionType::kMid), Bytes{'a'});
  EXPECT_EQ(Found(ExtensionType::kAbsSendTime), (Bytes{1, 2, 3}));
  EXPECT_EQ(Found(ExtensionType::kVideoOrientation), Bytes{5});
  EXPECT_EQ(Found(ExtensionType::kAudioLevel), kNothing);
  EXPECT_EQ(packet_->places.found(), SetOf(ExtensionType::kMid) |
                                         SetOf(ExtensionType::kAbsSendTime) |
                                         SetOf(ExtensionType::kVideoOrientation));
  SetId(ExtensionType::kVideoOrientation, 200);
  Parse({1, 0, 0, 3, 3, 1, 2, 3, 200, 1, 5}, kTwoByteExtensionProfile | 7);
  EXPECT_EQ(Found(ExtensionType::kMid), Bytes());
  EXPECT_EQ(Found(ExtensionType::kAbsSendTime), (Bytes{1, 2, 3}));
  EXPECT_EQ(Found(ExtensionType::kVideoOrientation), Bytes{5});
}

TEST_F(ExtensionPlacesTest, ABlankPacketHasNone) {
  SetId(ExtensionType::kMid, 1);
  Parse({});
  EXPECT_EQ(packet_->places.found(), 0);
  Parse({0x10, 'a'}, 0xABCD);
  EXPECT_EQ(packet_->places.found(), 0);
  // Of the pool, again: nothing stays of who had it before.
  Parse({0x10, 'a'});
  packet_ = RtpPacketRef();
  EXPECT_EQ(pool_.Allocate(100)->places.found(), 0);
}

TEST_F(ExtensionPlacesTest, TheFirstOfOneIdCounts) {
  SetId(ExtensionType::kMid, 1);
  Parse({0x10, 'a', 0x10, 'b'});
  EXPECT_EQ(Found(ExtensionType::kMid), Bytes{'a'});
}

TEST_F(ExtensionPlacesTest, OneIdMayNameTwo) {
  SetId(ExtensionType::kMid, 1);
  SetId(ExtensionType::kRid, 1);
  Parse({0x10, 'a'});
  EXPECT_EQ(Found(ExtensionType::kMid), Bytes{'a'});
  EXPECT_EQ(Found(ExtensionType::kRid), Bytes{'a'});
}

TEST_F(ExtensionPlacesTest, IdsThatTheFormDoesNotHaveFindNothing) {
  SetId(ExtensionType::kMid, 0);
  SetId(ExtensionType::kRid, 15);
  SetId(ExtensionType::kAudioLevel, 3);
  // Id 15 ends the walk (RFC 8285, section 4.2), id 0 is padding, or ends it too.
  Parse({0xF0, 'a', 0x30, 7});
  EXPECT_EQ(packet_->places.found(), 0);
  Parse({0x01, 'a', 0x30, 7});
  EXPECT_EQ(packet_->places.found(), 0);
}

TEST_F(ExtensionPlacesTest, WhatOverrunsTheBlockIsNotThere) {
  SetId(ExtensionType::kAbsSendTime, 3);
  SetId(ExtensionType::kAudioLevel, 4);
  Parse({0x40, 7, 0x3F, 1});
  EXPECT_EQ(packet_->places.found(), SetOf(ExtensionType::kAudioLevel));
  Parse({4, 0, 3, 200}, kTwoByteExtensionProfile);
  EXPECT_EQ(packet_->places.found(), SetOf(ExtensionType::kAudioLevel));
}

// Blocks may be longer than any offset of a byte.
TEST_F(ExtensionPlacesTest, FindsWhatLiesFarBack) {
  SetId(ExtensionType::kPlayoutDelay, 9);
  Bytes elements(1200, 0);
  elements[1000] = 0x92;
  elements[1003] = 77;
  Parse(elements);
  EXPECT_EQ(Found(ExtensionType::kPlayoutDelay), (Bytes{0, 0, 77}));
}

}  // namespace
}  // namespace sfu
