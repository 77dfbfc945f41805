// Which descriptions mean the same codec.
#include "ortc/codec_match.h"

#include <gtest/gtest.h>

namespace sfu::ortc {
namespace {

CodecDescription Video(const char* name, FormatParameters parameters = {}) {
  CodecDescription codec;
  codec.kind = MediaKind::kVideo;
  codec.name = name;
  codec.clock_rate = 90000;
  codec.parameters = std::move(parameters);
  return codec;
}

CodecDescription Audio(const char* name, uint32_t clock_rate, uint8_t channels) {
  CodecDescription codec;
  codec.kind = MediaKind::kAudio;
  codec.name = name;
  codec.clock_rate = clock_rate;
  codec.channels = channels;
  return codec;
}

// Both ways round: matching is symmetric.
bool Match(const CodecDescription& a, const CodecDescription& b, CodecMatch match) {
  const bool result = CodecsMatch(a, b, match);
  EXPECT_EQ(CodecsMatch(b, a, match), result);
  return result;
}

bool SameFormat(const CodecDescription& a, const CodecDescription& b) {
  EXPECT_TRUE(Match(a, b, CodecMatch::kCodec));
  return Match(a, b, CodecMatch::kFormat);
}

TEST(CodecMatchTest, NameInAnyCase) {
  EXPECT_TRUE(SameFormat(Video("VP8"), Video("vp8")));
  EXPECT_FALSE(Match(Video("VP8"), Video("VP9"), CodecMatch::kCodec));
}

TEST(CodecMatchTest, KindClockRateAndChannels) {
  const CodecDescription opus = Audio("opus", 48000, 2);
  EXPECT_TRUE(SameFormat(opus, Audio("OPUS", 48000, 2)));
  EXPECT_FALSE(Match(opus, Audio("opus", 48000, 1), CodecMatch::kCodec));
  EXPECT_FALSE(Match(opus, Audio("opus", 16000, 2), CodecMatch::kCodec));
  CodecDescription video = opus;
  video.kind = MediaKind::kVideo;
  EXPECT_FALSE(Match(opus, video, CodecMatch::kCodec));
}

TEST(CodecMatchTest, OpusParametersDoNotMatter) {
  CodecDescription stereo = Audio("opus", 48000, 2);
  stereo.parameters = {{"stereo", 1}, {"usedtx", 1}};
  EXPECT_TRUE(SameFormat(stereo, Audio("opus", 48000, 2)));
}

TEST(CodecMatchTest, MultiOpusStreams) {
  CodecDescription surround = Audio("multiopus", 48000, 6);
  surround.parameters = {{"num_streams", 4}, {"coupled_streams", 2}};
  CodecDescription other = surround;
  EXPECT_TRUE(SameFormat(surround, other));
  other.parameters.Set("coupled_streams", 1);
  EXPECT_FALSE(Match(surround, other, CodecMatch::kCodec));
  other.parameters = {{"num_streams", 5}, {"coupled_streams", 2}};
  EXPECT_FALSE(Match(surround, other, CodecMatch::kCodec));
}

TEST(CodecMatchTest, Vp9Profile) {
  EXPECT_TRUE(SameFormat(Video("VP9"), Video("VP9", {{"profile-id", 0}})));
  EXPECT_TRUE(SameFormat(Video("VP9", {{"profile-id", "2"}}), Video("VP9", {{"profile-id", 2}})));
  EXPECT_FALSE(SameFormat(Video("VP9"), Video("VP9", {{"profile-id", 2}})));
}

TEST(CodecMatchTest, H264Profile) {
  const FormatParameters baseline = {{"packetization-mode", 1}, {"profile-level-id", "42e01f"}};
  EXPECT_TRUE(SameFormat(Video("H264", baseline), Video("h264", {{"packetization-mode", 1},
                                                                 {"profile-level-id", "42c02a"}})));
  EXPECT_FALSE(
      SameFormat(Video("H264", baseline),
                 Video("H264", {{"packetization-mode", 1}, {"profile-level-id", "4d001f"}})));
  EXPECT_FALSE(
      SameFormat(Video("H264", baseline), Video("H264", {{"profile-level-id", "42e01f"}})));
}

TEST(CodecMatchTest, H265ProfileTierAndMode) {
  const CodecDescription main = Video("H265", {{"level-id", 93}});
  EXPECT_TRUE(SameFormat(
      main, Video("H265",
                  {{"profile-id", 1}, {"tier-flag", 0}, {"tx-mode", "srst"}, {"level-id", 186}})));
  EXPECT_FALSE(SameFormat(main, Video("H265", {{"profile-id", 2}})));
  EXPECT_FALSE(SameFormat(main, Video("H265", {{"tier-flag", 1}})));
  EXPECT_FALSE(SameFormat(main, Video("H265", {{"tx-mode", "MRST"}})));
}

TEST(CodecMatchTest, Av1Profile) {
  EXPECT_TRUE(SameFormat(Video("AV1"), Video("AV1", {{"profile", 0}, {"level-idx", 5}})));
  EXPECT_FALSE(SameFormat(Video("AV1"), Video("AV1", {{"profile", 1}})));
}

}  // namespace
}  // namespace sfu::ortc
