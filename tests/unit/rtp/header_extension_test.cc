// Header extension blocks: the examples of RFC 8285, reserved ids, padding, overruns, writing.
#include "rtp/header_extension.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/random.h"

namespace sfu {
namespace {

using Elements = std::vector<std::pair<int, std::vector<uint8_t>>>;

Elements Read(uint16_t profile, const std::vector<uint8_t>& block) {
  Elements result;
  for (const HeaderExtension& e : HeaderExtensionView(profile, block)) {
    result.emplace_back(e.id, std::vector<uint8_t>(e.data.begin(), e.data.end()));
  }
  return result;
}

// Section 4.2, the figure: two elements, padding, a third.
TEST(HeaderExtensionView, ReadsTheOneByteForm) {
  const std::vector<uint8_t> block = {0x10, 0xA1, 0x21, 0xB1, 0xB2, 0x00, 0x00, 0x33, 1, 2, 3, 4};
  EXPECT_EQ(Read(0xBEDE, block), (Elements{{1, {0xA1}}, {2, {0xB1, 0xB2}}, {3, {1, 2, 3, 4}}}));
}

// Section 4.3, the figure: an empty element, one byte, padding, four bytes.
TEST(HeaderExtensionView, ReadsTheTwoByteForm) {
  const std::vector<uint8_t> block = {1, 0, 2, 1, 0xAA, 0, 3, 4, 1, 2, 3, 4};
  const Elements expected = {{1, {}}, {2, {0xAA}}, {3, {1, 2, 3, 4}}};
  EXPECT_EQ(Read(0x1000, block), expected);
  EXPECT_EQ(Read(0x100F, block), expected);  // the appbits do not matter
}

TEST(HeaderExtensionView, OtherProfilesAreEmpty) {
  EXPECT_EQ(Read(0x1234, {0x10, 0xA1}), Elements{});
  EXPECT_EQ(Read(0x1010, {1, 1, 0xA1}), Elements{});
  EXPECT_EQ(HeaderExtensionView().begin(), HeaderExtensionView().end());
}

TEST(HeaderExtensionView, Id15StopsOnlyTheOneByteForm) {
  EXPECT_EQ(Read(0xBEDE, {0x10, 0xA1, 0xF0, 0xBB, 0x20, 0xB1}), (Elements{{1, {0xA1}}}));
  EXPECT_EQ(Read(0x1000, {15, 1, 0xA1, 2, 1, 0xB1}), (Elements{{15, {0xA1}}, {2, {0xB1}}}));
}

TEST(HeaderExtensionView, Id0WithALengthStopsTheOneByteForm) {
  EXPECT_EQ(Read(0xBEDE, {0x10, 0xA1, 0x01, 0xBB, 0xBB, 0x20, 0xB1}), (Elements{{1, {0xA1}}}));
}

TEST(HeaderExtensionView, AnOverrunEndsTheWalk) {
  EXPECT_EQ(Read(0xBEDE, {0x10, 0xA1, 0x22, 1, 2}), (Elements{{1, {0xA1}}}));
  EXPECT_EQ(Read(0xBEDE, {0x10, 0xA1, 0x20}), (Elements{{1, {0xA1}}}));
  EXPECT_EQ(Read(0x1000, {1, 1, 0xA1, 2, 3, 1, 2}), (Elements{{1, {0xA1}}}));
  EXPECT_EQ(Read(0x1000, {1, 1, 0xA1, 2}), (Elements{{1, {0xA1}}}));
}

TEST(HeaderExtensionView, FindsTheFirstOfAnId) {
  const std::vector<uint8_t> block = {0x10, 0xA1, 0x20, 0xB1, 0x20, 0xB2};
  const HeaderExtensionView view(0xBEDE, block);
  ASSERT_TRUE(view.Find(2));
  EXPECT_EQ((*view.Find(2))[0], 0xB1);
  EXPECT_FALSE(view.Find(3));
  EXPECT_FALSE(view.Find(0));
}

TEST(HeaderExtensionView, EveryPrefixReadsAPrefixOfTheElements) {
  for (const uint16_t profile : {uint16_t{0xBEDE}, uint16_t{0x1000}}) {
    const std::vector<uint8_t> block = {0x10, 0x01, 0x21, 0xB1, 0xB2, 0x00, 0x02, 0x30, 4, 5};
    const Elements all = Read(profile, block);
    for (size_t size = 0; size <= block.size(); ++size) {
      const Elements some =
          Read(profile, {block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size)});
      ASSERT_LE(some.size(), all.size());
      EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
    }
  }
}

TEST(HeaderExtensionView, RandomBytesStayInsideTheBlock) {
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    std::vector<uint8_t> block(random.U16() % 64);
    for (uint8_t& b : block) b = static_cast<uint8_t>(random.U16() & 0x37);
    const HeaderExtensionView view(i % 2 != 0 ? 0xBEDE : 0x1000, block);
    for (const HeaderExtension& e : view) {
      EXPECT_NE(e.id, 0);
      ASSERT_GE(e.data.data(), block.data());
      ASSERT_LE(e.data.data() + e.data.size(), block.data() + block.size());
    }
  }
}

TEST(HeaderExtensionWriter, WritesTheOneByteFormPadded) {
  std::array<uint8_t, 8> out = {};
  HeaderExtensionWriter writer(out, ExtensionForm::kOneByte);
  EXPECT_TRUE(writer.Add(1, std::array<uint8_t, 1>{0xA1}));
  EXPECT_TRUE(writer.Add(14, std::array<uint8_t, 2>{0xB1, 0xB2}));
  EXPECT_EQ(writer.Finish(), 8u);
  EXPECT_EQ(out, (std::array<uint8_t, 8>{0x10, 0xA1, 0xE1, 0xB1, 0xB2, 0, 0, 0}));
  EXPECT_EQ(writer.profile(), 0xBEDE);
}

TEST(HeaderExtensionWriter, WritesTheTwoByteFormPadded) {
  std::array<uint8_t, 8> out = {};
  HeaderExtensionWriter writer(out, ExtensionForm::kTwoByte);
  EXPECT_TRUE(writer.Add(15, {}));
  EXPECT_TRUE(writer.Add(200, std::array<uint8_t, 1>{0xB1}));
  EXPECT_EQ(writer.Finish(), 8u);
  EXPECT_EQ(out, (std::array<uint8_t, 8>{15, 0, 200, 1, 0xB1, 0, 0, 0}));
  EXPECT_EQ(writer.profile(), 0x1000);
}

TEST(HeaderExtensionWriter, RefusesWhatTheFormCannotCarry) {
  std::array<uint8_t, 512> out = {};
  HeaderExtensionWriter one(out, ExtensionForm::kOneByte);
  EXPECT_FALSE(one.Reserve(0, 1));
  EXPECT_FALSE(one.Reserve(15, 1));
  EXPECT_FALSE(one.Reserve(1, 0));
  EXPECT_FALSE(one.Reserve(1, 17));
  EXPECT_EQ(one.Finish(), 0u);
  HeaderExtensionWriter two(out, ExtensionForm::kTwoByte);
  EXPECT_FALSE(two.Reserve(0, 1));
  EXPECT_FALSE(two.Reserve(1, 256));
  EXPECT_TRUE(two.Reserve(1, 255));
  EXPECT_EQ(two.Finish(), 260u);
}

TEST(HeaderExtensionWriter, RefusesWhatDoesNotFitAndKeepsTheRest) {
  std::array<uint8_t, 7> out = {};  // only 4 bytes hold whole words
  HeaderExtensionWriter writer(out, ExtensionForm::kOneByte);
  EXPECT_TRUE(writer.Add(1, std::array<uint8_t, 1>{0xA1}));
  EXPECT_FALSE(writer.Add(2, std::array<uint8_t, 2>{1, 2}));
  EXPECT_TRUE(writer.Add(3, std::array<uint8_t, 1>{0xC1}));
  EXPECT_EQ(writer.Finish(), 4u);
  EXPECT_EQ(out, (std::array<uint8_t, 7>{0x10, 0xA1, 0x30, 0xC1, 0, 0, 0}));
}

TEST(FormFor, PicksTheSmallest) {
  EXPECT_EQ(FormFor(14, 16), ExtensionForm::kOneByte);
  EXPECT_EQ(FormFor(15, 1), ExtensionForm::kTwoByte);
  EXPECT_EQ(FormFor(1, 17), ExtensionForm::kTwoByte);
  EXPECT_EQ(FormFor(1, 0), ExtensionForm::kTwoByte);
}

}  // namespace
}  // namespace sfu
