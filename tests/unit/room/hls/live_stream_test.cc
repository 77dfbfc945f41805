#include "examples/room/hls/live_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace room {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kMilli = 1'000'000;
constexpr int64_t kSecond = 1000 * kMilli;
constexpr int64_t kStart = 5000 * kSecond;
constexpr int64_t kFrame = 40 * kMilli;
constexpr int64_t kSoundFrame = 20 * kMilli;

LiveStream::Settings TestSettings() {
  LiveStream::Settings settings;
  settings.shortest = 900 * kMilli;
  settings.patience = kSecond;
  settings.ask_after = 800 * kMilli;
  return settings;
}

class LiveStreamTest : public testing::Test {
 protected:
  bool Push(unsigned track, int64_t time, bool key_frame, const std::string& data) {
    Block block;
    block.track = track;
    block.time = kStart + time;
    block.key_frame = key_frame;
    block.data.assign(data.begin(), data.end());
    return stream_.Write(std::move(block), kStart + time);
  }

  bool Picture(int64_t time, bool key_frame, const std::string& parameters = "\x67\x4D\x40\x1F") {
    const std::string code("\0\0\0\1", 4);
    return key_frame ? Push(LiveStream::kPicture, time, true, code + parameters + code + "\x65key")
                     : Push(LiveStream::kPicture, time, false, code + "\x41" + "delta");
  }
  void Sound(int64_t time) { Push(LiveStream::kSound, time, false, "sound"); }

  // Sounds, and pictures with a key frame every `interval`.
  void Run(int64_t begin, int64_t end, int64_t interval = kSecond, bool pictures = true) {
    for (int64_t time = begin; time < end; time += kSoundFrame) {
      if (pictures && (time - begin) % kFrame == 0) Picture(time, (time - begin) % interval == 0);
      Sound(time);
    }
  }

  std::vector<std::string> Durations() const {
    std::vector<std::string> durations;
    const std::string text = stream_.Playlist();
    constexpr std::string_view kTag = "#EXTINF:";
    for (size_t at = text.find(kTag); at != std::string::npos; at = text.find(kTag, at + 1)) {
      const size_t begin = at + kTag.size();
      durations.push_back(text.substr(begin, text.find(',', at) - begin));
    }
    return durations;
  }

  LiveStream stream_{TestSettings()};
};

TEST_F(LiveStreamTest, CutsAtKeyFrames) {
  Run(0, 500 * kMilli);
  EXPECT_EQ(stream_.Playlist(), "");
  EXPECT_EQ(stream_.Segment("live-0.ts"), nullptr);
  Run(500 * kMilli, 3700 * kMilli);
  // The first key frame within the shortest length does not count.
  EXPECT_THAT(Durations(), testing::ElementsAre("1.40000", "1.10000", "1.00000"));
  EXPECT_EQ(stream_.codec(), "avc1.4d401f");
  const std::string segment = *stream_.Segment("live-1.ts");
  EXPECT_EQ(segment.size() % 188, 0U);
  EXPECT_THAT(segment, HasSubstr("key"));
  EXPECT_THAT(segment, HasSubstr("sound"));
}

TEST_F(LiveStreamTest, AKeyFrameThatDoesNotComeIsNotWaitedFor) {
  Run(0, 3 * kSecond, 100 * kSecond);
  EXPECT_THAT(Durations(), testing::ElementsAre("1.40000", "1.40000"));
  EXPECT_THAT(stream_.Playlist(), HasSubstr("TARGETDURATION:1\n"));
}

TEST_F(LiveStreamTest, AnotherSizeBeginsASegment) {
  Run(0, 500 * kMilli);
  Picture(500 * kMilli, true, "\x67\x4D\x40\x0A");
  Run(520 * kMilli, 1200 * kMilli, kSecond, false);
  stream_.End();
  EXPECT_THAT(Durations(), testing::ElementsAre("0.50000", testing::_));
  EXPECT_THAT(stream_.Playlist(), HasSubstr("live-0.ts\n#EXT-X-DISCONTINUITY\n"));
}

// Its parameter sets came with another picture, long before.
TEST_F(LiveStreamTest, AKeyFrameWithoutParametersIsNone) {
  Push(LiveStream::kPicture, 0, true, std::string("\0\0\1\x65", 4));
  Run(kFrame, 1500 * kMilli);
  Push(LiveStream::kPicture, 1500 * kMilli, true, std::string("\0\0\1\x65", 4));
  Run(1520 * kMilli, 2500 * kMilli, kSecond, false);
  stream_.End();
  EXPECT_EQ(stream_.codec(), "avc1.4d401f");
  EXPECT_THAT(Durations(), testing::ElementsAre("1.00000", "1.40000", testing::_));
  EXPECT_THAT(stream_.Playlist(), Not(HasSubstr("DISCONTINUITY")));
}

TEST_F(LiveStreamTest, WithoutAPictureThereIsBlack) {
  Run(0, 4 * kSecond, kSecond, false);
  ASSERT_FALSE(Durations().empty());
  EXPECT_EQ(stream_.codec(), "avc1.4d400a");
  for (const std::string& duration : Durations()) EXPECT_LT(std::stod(duration), 1.5);
}

// It comes again each second, and what refers to others waits for a key frame.
TEST_F(LiveStreamTest, ThePictureStandsWhileThereIsNoOther) {
  Run(0, kSecond);
  Run(kSecond, 5 * kSecond, kSecond, false);
  const std::string last = "live-" + std::to_string(Durations().size() - 1) + ".ts";
  EXPECT_THAT(*stream_.Segment(last), HasSubstr("key"));
  Picture(5 * kSecond, false);
  Run(5 * kSecond, 6 * kSecond, kSecond, false);
  stream_.End();
  const std::string end = "live-" + std::to_string(Durations().size() - 2) + ".ts";
  EXPECT_THAT(*stream_.Segment(end), Not(HasSubstr("delta")));
}

TEST_F(LiveStreamTest, AsksForKeyFrames) {
  EXPECT_TRUE(Picture(0, false));  // nothing can be decoded yet
  EXPECT_FALSE(Picture(kFrame, false));
  EXPECT_FALSE(Picture(2 * kFrame, true));
  EXPECT_FALSE(Picture(500 * kMilli, false));
  EXPECT_FALSE(Picture(980 * kMilli, false));
  EXPECT_TRUE(Picture(1040 * kMilli, false));
  EXPECT_FALSE(Picture(1500 * kMilli, false));
  // The request was lost.
  EXPECT_TRUE(Picture(2040 * kMilli, false));
}

TEST_F(LiveStreamTest, AMachineThatStoodStillLeavesNoLongSegment) {
  Run(0, 1500 * kMilli);
  Run(8 * kSecond, 10 * kSecond);
  for (const std::string& duration : Durations()) EXPECT_LT(std::stod(duration), 1.5);
  EXPECT_THAT(stream_.Playlist(), HasSubstr("#EXT-X-DISCONTINUITY\n"));
}

TEST_F(LiveStreamTest, MuchDataIsCut) {
  Picture(0, true);
  for (int64_t time = kFrame; time < 10 * kFrame; time += kFrame) {
    Push(LiveStream::kPicture, time, false, std::string(LiveStream::kMaxSegmentBytes / 3, 'x'));
  }
  EXPECT_GE(Durations().size(), 2U);
  EXPECT_LT(stream_.Segment("live-0.ts")->size(), LiveStream::kMaxSegmentBytes * 3 / 2);
}

TEST_F(LiveStreamTest, Ends) {
  Run(0, 1300 * kMilli);
  stream_.End();
  EXPECT_THAT(stream_.Playlist(), EndsWith("#EXT-X-ENDLIST\n"));
  EXPECT_THAT(Durations(), testing::ElementsAre("1.00000", "0.30000"));
  Run(1300 * kMilli, 5 * kSecond);
  EXPECT_EQ(Durations().size(), 2U);
  // Who never began has no playlist, and none that ends.
  LiveStream other(TestSettings());
  other.End();
  EXPECT_EQ(other.Playlist(), "");
}

}  // namespace
}  // namespace room
