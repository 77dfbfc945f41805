#include "examples/room/hls/rendition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace room {
namespace {

TEST(Renditions, TakeWhatSuitsTheirHeight) {
  const auto renditions = ParseRenditions(
      Json::parse(R"([{"height":720},{"height":360},{"height":90,"bitrate":150}])"));
  ASSERT_EQ(renditions.size(), 3U);
  EXPECT_EQ(renditions[0].width, 1280);
  EXPECT_EQ(renditions[0].bitrate, 2500);
  EXPECT_EQ(renditions[1].width, 640);
  EXPECT_EQ(renditions[1].bitrate, 883);
  EXPECT_EQ(renditions[2].width, 160);
  EXPECT_EQ(renditions[2].bitrate, 150);
  EXPECT_GT(renditions[1].bandwidth(), 883'000 + kSoundBitrate);
}

TEST(Renditions, WidthsAreEven) {
  for (int height = kMinHeight; height <= kMaxHeight; height += 2) {
    const Json json = {{{"height", height}}};
    EXPECT_EQ(ParseRenditions(json)[0].width % 2, 0) << height;
  }
}

TEST(Renditions, RefuseWhatIsWrong) {
  for (const char* wrong :
       {"1", "[]", "{}", "[1]", "[{}]", R"([{"height":"720"}])", R"([{"height":721}])",
        R"([{"height":361}])", R"([{"height":88}])", R"([{"height":-2}])", R"([{"height":1e99}])",
        R"([{"height":360,"bitrate":1}])", R"([{"height":360},{"height":360}])",
        R"([{"height":90},{"height":180},{"height":270},{"height":360},{"height":450}])"}) {
    EXPECT_THROW(
        {
          try {
            ParseRenditions(Json::parse(wrong));
          } catch (const RequestError& error) {
            EXPECT_EQ(error.field(), "renditions");
            throw;
          }
        },
        RequestError)
        << wrong;
  }
}

TEST(MultivariantPlaylist, NamesAll) {
  Rendition small;
  small.width = 640;
  small.height = 360;
  small.bitrate = 800;
  EXPECT_EQ(MultivariantPlaylist({{small, "avc1.4d401e", "360p.m3u8"}}),
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=" +
                std::to_string(small.bandwidth()) +
                ",RESOLUTION=640x360,CODECS=\"avc1.4d401e,mp4a.40.2\"\n360p.m3u8\n");
}

}  // namespace
}  // namespace room
