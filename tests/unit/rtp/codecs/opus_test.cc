// Opus packets (RFC 7587, RFC 6716).
#include "rtp/codecs/opus.h"

#include <gtest/gtest.h>

#include "payload_test_util.h"

namespace sfu {
namespace {

PayloadInfo Parse(std::string_view text) { return ParseHex(CodecId::kOpus, text); }

TEST(OpusTest, Speech) {
  const PayloadInfo info = Parse("fcb50d6698c3398ebc70b61e6292368c");
  EXPECT_TRUE(info.valid && info.frame_start);
  EXPECT_FALSE(info.dtx);
  EXPECT_FALSE(info.key_frame);
}

TEST(OpusTest, Dtx) {
  EXPECT_TRUE(Parse("f8").dtx);  // libopus during silence
  EXPECT_TRUE(Parse("f800").dtx);
  EXPECT_FALSE(Parse("f8fffe").dtx);  // libopus: silence, but coded
  EXPECT_TRUE(Parse("f9").dtx);       // two empty frames
  EXPECT_TRUE(Parse("fa00").dtx);
  EXPECT_TRUE(Parse("fb03").dtx);  // three empty frames
  EXPECT_FALSE(Parse("fb03010203040506").dtx);
}

TEST(OpusTest, TwoFrames) {
  EXPECT_TRUE(Parse("f901020304").valid);
  EXPECT_FALSE(Parse("f9010203").valid);  // do not divide
  EXPECT_TRUE(Parse("fa02010203").valid);
  EXPECT_FALSE(Parse("fa").valid);
  EXPECT_FALSE(Parse("fa020 1").valid);  // the first is longer than the packet
  EXPECT_FALSE(Parse("fafc").valid);     // half a size
}

TEST(OpusTest, ManyFrames) {
  EXPECT_FALSE(Parse("fb").valid);
  EXPECT_FALSE(Parse("fb00").valid);                // no frames
  EXPECT_TRUE(Parse("fb06010203040506").valid);     // 120 ms
  EXPECT_FALSE(Parse("fb0701020304050607").valid);  // 140 ms
  EXPECT_TRUE(Parse("e330").valid);                 // 48 of 2.5 ms
  EXPECT_FALSE(Parse("e331").valid);                // 49 of 2.5 ms
  EXPECT_TRUE(Parse("1b02 0102").valid);            // two of 60 ms
  EXPECT_FALSE(Parse("1b03 010203").valid);         // three of 60 ms
  EXPECT_FALSE(Parse("fb0201").valid);              // do not divide
  EXPECT_TRUE(Parse("fb82020101 02").valid);        // variable: 2 and 2 bytes
  EXPECT_FALSE(Parse("fb82050101").valid);
}

TEST(OpusTest, Padding) {
  EXPECT_TRUE(Parse("fb4203 0102 000000").valid);
  EXPECT_FALSE(Parse("fb4203 0000").valid);
  EXPECT_FALSE(Parse("fb42ffffff").valid);
  EXPECT_TRUE(Parse("fbc1 02 aabb 0000").valid);
}

TEST(OpusTest, FramesOverTheLimitAreInvalid) {
  std::vector<uint8_t> payload(1276, 0);
  payload[0] = 0xf8;
  EXPECT_TRUE(ParseOpus(payload).valid);
  payload.push_back(0);
  EXPECT_FALSE(ParseOpus(payload).valid);
}

}  // namespace
}  // namespace sfu
