#include "examples/room/hls/segment_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace room {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDate = 1'795'477'170'490'000'000;  // ns since 1970

class SegmentWindowTest : public testing::Test {
 protected:
  void Add(int64_t duration, bool discontinuity = false) {
    window_.Add({duration, kDate, discontinuity, std::make_shared<std::string>("bytes")});
  }

  SegmentWindow window_{"live", 2};
};

TEST_F(SegmentWindowTest, NamesWhatIsThere) {
  Add(kSecond);
  Add(1'234'560'000);
  EXPECT_EQ(window_.Playlist(),
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T23:39:30.490Z\n#EXTINF:1.00000,\nlive-0.ts\n"
            "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T23:39:30.490Z\n#EXTINF:1.23456,\nlive-1.ts\n");
  EXPECT_EQ(*window_.Find("live-1.ts"), "bytes");
  for (const char* wrong : {"live-2.ts", "live-.ts", "live-01.ts", "live-1.tsx", "-1.ts", ""}) {
    EXPECT_EQ(window_.Find(wrong), nullptr) << wrong;
  }
}

TEST_F(SegmentWindowTest, Slides) {
  for (size_t i = 0; i < SegmentWindow::kKept + 5; ++i) Add(kSecond);
  const size_t first = SegmentWindow::kKept + 5 - SegmentWindow::kListed;
  EXPECT_THAT(window_.Playlist(),
              HasSubstr("#EXT-X-MEDIA-SEQUENCE:" + std::to_string(first) + "\n"));
  const auto name = [](size_t number) { return "live-" + std::to_string(number) + ".ts"; };
  EXPECT_THAT(window_.Playlist(), HasSubstr(name(first)));
  EXPECT_THAT(window_.Playlist(), Not(HasSubstr(name(first - 1) + "\n")));
  // What has just left the playlist is still there.
  EXPECT_NE(window_.Find(name(first - 1)), nullptr);
  EXPECT_NE(window_.Find(name(5)), nullptr);
  EXPECT_EQ(window_.Find(name(4)), nullptr);
}

TEST_F(SegmentWindowTest, CountsDiscontinuitiesThatLeaveIt) {
  Add(kSecond);
  Add(kSecond, true);
  EXPECT_THAT(window_.Playlist(), HasSubstr("live-0.ts\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM"));
  EXPECT_THAT(window_.Playlist(), Not(HasSubstr("DISCONTINUITY-SEQUENCE")));
  for (size_t i = 0; i < SegmentWindow::kListed; ++i) Add(kSecond);
  EXPECT_THAT(window_.Playlist(), HasSubstr("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
  for (size_t i = 0; i < SegmentWindow::kKept; ++i) Add(kSecond);
  EXPECT_THAT(window_.Playlist(), HasSubstr("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
}

TEST_F(SegmentWindowTest, Ends) {
  Add(kSecond);
  EXPECT_THAT(window_.Playlist(), Not(HasSubstr("ENDLIST")));
  window_.End();
  EXPECT_THAT(window_.Playlist(), testing::EndsWith("\n#EXT-X-ENDLIST\n"));
}

}  // namespace
}  // namespace room
