// The typed header extensions: layouts, round trips, wrong sizes, values out of range.
#include "rtp/extension_values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace sfu {
namespace {

template <typename T>
std::vector<uint8_t> Bytes(const T& value, size_t size = T::kSize) {
  std::vector<uint8_t> out(size);
  EXPECT_TRUE(value.Write(out));
  // Any other size is refused.
  std::vector<uint8_t> wrong(size + 1, 0xEE);
  EXPECT_FALSE(value.Write(wrong));
  EXPECT_FALSE(value.Write(MutableBytes(wrong).first(size - 1)));
  EXPECT_EQ(wrong, std::vector<uint8_t>(size + 1, 0xEE));
  return out;
}

template <typename T>
void ExpectOnlySizes(std::initializer_list<size_t> sizes) {
  for (size_t size = 0; size <= 20; ++size) {
    const bool good = std::find(sizes.begin(), sizes.end(), size) != sizes.end();
    EXPECT_EQ(T::Parse(std::vector<uint8_t>(size)).has_value(), good) << size;
  }
}

using Vector = std::vector<uint8_t>;

TEST(AbsSendTime, IsSixBitsOfSecondsAnd18OfFraction) {
  EXPECT_EQ(Bytes(AbsSendTime::FromTimestamp(Timestamp::FromMillis(1500))),
            (Vector{0x06, 0x00, 0x00}));
  EXPECT_EQ(AbsSendTime::FromTimestamp(Timestamp::FromMillis(64'000)).value, 0u);
  EXPECT_EQ(AbsSendTime::FromTimestamp(Timestamp::FromMillis(-1'000)).value, 63u << 18);
  EXPECT_EQ(AbsSendTime::Parse(Vector{0x06, 0x00, 0x01})->value, 0x060001u);
  ExpectOnlySizes<AbsSendTime>({3});
}

TEST(AbsSendTime, SubtractsAcrossTheWrap) {
  const AbsSendTime before = AbsSendTime::FromTimestamp(Timestamp::FromMillis(63'500));
  const AbsSendTime after = AbsSendTime::FromTimestamp(Timestamp::FromMillis(64'250));
  EXPECT_EQ(after.Since(before).ms(), 750);
  EXPECT_EQ(before.Since(after).ms(), -750);
}

TEST(TransportSequence, IsTwoBytes) {
  EXPECT_EQ(Bytes(TransportSequence{0xABCD}), (Vector{0xAB, 0xCD}));
  EXPECT_EQ(TransportSequence::Parse(Vector{0xAB, 0xCD})->value, 0xABCD);
  ExpectOnlySizes<TransportSequence>({2});
}

TEST(AudioLevel, IsAVoiceBitAndALevel) {
  EXPECT_EQ(Bytes(AudioLevel{true, 42}), (Vector{0x80 | 42}));
  EXPECT_EQ(Bytes(AudioLevel{false, 200}), (Vector{127}));
  const auto level = AudioLevel::Parse(Vector{0xFF});
  ASSERT_TRUE(level);
  EXPECT_TRUE(level->voice);
  EXPECT_EQ(level->minus_dbov, 127);
  ExpectOnlySizes<AudioLevel>({1});
}

TEST(VideoOrientation, IsCameraFlipAndRotation) {
  EXPECT_EQ(Bytes(VideoOrientation{true, false, 270}), (Vector{0x0B}));
  const auto turned = VideoOrientation::Parse(Vector{0xF5});  // the high bits are ignored
  ASSERT_TRUE(turned);
  EXPECT_FALSE(turned->back_camera);
  EXPECT_TRUE(turned->flip);
  EXPECT_EQ(turned->rotation, 90);
  ExpectOnlySizes<VideoOrientation>({1});
}

TEST(TransmissionOffset, IsSigned) {
  EXPECT_EQ(Bytes(TransmissionOffset{-2}), (Vector{0xFF, 0xFF, 0xFE}));
  EXPECT_EQ(TransmissionOffset::Parse(Vector{0xFF, 0xFF, 0xFE})->ticks, -2);
  EXPECT_EQ(TransmissionOffset::Parse(Vector{0x7F, 0xFF, 0xFF})->ticks, 8'388'607);
  EXPECT_EQ(Bytes(TransmissionOffset{1 << 30}), (Vector{0x7F, 0xFF, 0xFF}));
  EXPECT_EQ(Bytes(TransmissionOffset{-(1 << 30)}), (Vector{0x80, 0x00, 0x00}));
  ExpectOnlySizes<TransmissionOffset>({3});
}

TEST(AbsCaptureTime, HasAnOptionalOffset) {
  AbsCaptureTime time{NtpTime(0x0102'0304'0506'0708), std::nullopt};
  EXPECT_EQ(Bytes(time, 8), (Vector{1, 2, 3, 4, 5, 6, 7, 8}));
  time.clock_offset = -1;
  const Vector bytes = Bytes(time, 16);
  EXPECT_EQ(bytes, (Vector{1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255, 255, 255, 255, 255}));
  const auto parsed = AbsCaptureTime::Parse(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->capture, time.capture);
  EXPECT_EQ(parsed->clock_offset, -1);
  EXPECT_FALSE(AbsCaptureTime::Parse(ByteView(bytes).first(8))->clock_offset);
  ExpectOnlySizes<AbsCaptureTime>({8, 16});
}

TEST(PlayoutDelay, IsTwiceTwelveBits) {
  EXPECT_EQ(Bytes(PlayoutDelay{0x123, 0x456}), (Vector{0x12, 0x34, 0x56}));
  EXPECT_EQ(Bytes(PlayoutDelay{0, 0xFFFF}), (Vector{0x00, 0x0F, 0xFF}));
  const auto delay = PlayoutDelay::Parse(Vector{0x00, 0xA0, 0x14});
  ASSERT_TRUE(delay);
  EXPECT_EQ(delay->min_delay().ms(), 100);
  EXPECT_EQ(delay->max_delay().ms(), 200);
  EXPECT_FALSE(PlayoutDelay::Parse(Vector{0x00, 0x20, 0x01}));  // min above max
  ExpectOnlySizes<PlayoutDelay>({3});
}

TEST(Text, MidAndRid) {
  EXPECT_EQ(ParseMid(TextBytes("audio-0.1")), "audio-0.1");
  EXPECT_EQ(ParseMid(Vector{'a', 0, 0}), "a");
  EXPECT_EQ(ParseRid(TextBytes("r0_hi")), "r0_hi");
  EXPECT_FALSE(ParseRid(TextBytes("r.0")));
  EXPECT_FALSE(ParseRid({}));
  EXPECT_FALSE(ParseMid(Vector{0}));
  EXPECT_FALSE(ParseMid(TextBytes("a b")));
  EXPECT_FALSE(ParseMid(Vector{'a', 0x07}));
  EXPECT_FALSE(ParseMid(Vector{0xFF, 0xFE}));
}

TEST(ExtensionTypes, AreFoundByUri) {
  EXPECT_EQ(ExtensionTypeFromUri("urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
            ExtensionType::kAudioLevel);
  EXPECT_EQ(ExtensionTypeFromUri("urn:ietf:params:rtp-hdrext:sdes:mid"), ExtensionType::kMid);
  EXPECT_EQ(ExtensionTypeFromUri("urn:ietf:params:rtp-hdrext:sdes:mi"), std::nullopt);
  EXPECT_EQ(ExtensionTypeFromUri(""), std::nullopt);
}

}  // namespace
}  // namespace sfu
