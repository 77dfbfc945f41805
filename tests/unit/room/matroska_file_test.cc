#include "examples/room/recording/matroska_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace room {
namespace {

constexpr int64_t kMilli = 1'000'000;
constexpr std::array<uint8_t, 4> kFrame = {1, 2, 3, 4};
constexpr uint32_t kCluster = 0x1F43B675;
constexpr uint32_t kCues = 0x1C53BB6B;

// An element in a file.
struct Element {
  uint32_t id = 0;
  size_t begin = 0;  // of its content
  size_t size = 0;
};

class MatroskaFileTest : public testing::Test {
 protected:
  MatroskaFileTest() {
    std::string name = testing::TempDir() + "matroska-XXXXXX";
    folder_ = mkdtemp(name.data());
    path_ = folder_ + "/a.mkv";
  }
  ~MatroskaFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static uint64_t Number(const std::string& bytes, size_t at, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<uint8_t>(bytes.at(at + i));
    return value;
  }

  static size_t Length(const std::string& bytes, size_t at) {
    return static_cast<size_t>(std::countl_zero(static_cast<uint8_t>(bytes.at(at)))) + 1;
  }

  // The elements from `at` to `end`; everything must add up.
  static std::vector<Element> Elements(const std::string& bytes, size_t at, size_t end) {
    std::vector<Element> found;
    while (at < end) {
      Element element;
      const size_t id = Length(bytes, at);
      element.id = static_cast<uint32_t>(Number(bytes, at, id));
      const size_t length = Length(bytes, at + id);
      const uint64_t marker = uint64_t{1} << 7 * length;
      element.size = Number(bytes, at + id, length) & (marker - 1);
      element.begin = at + id + length;
      // Of unknown size: it goes on to the end.
      if (element.size == marker - 1) element.size = end - element.begin;
      at = element.begin + element.size;
      found.push_back(element);
    }
    EXPECT_EQ(at, end);
    return found;
  }

  // What stands in the segment.
  static std::vector<Element> Segment(const std::string& bytes) {
    const auto top = Elements(bytes, 0, bytes.size());
    return Elements(bytes, top.at(1).begin, top.at(1).begin + top.at(1).size);
  }

  static size_t Count(const std::string& bytes, uint32_t id) {
    const auto elements = Segment(bytes);
    return static_cast<size_t>(
        std::ranges::count(elements, id, [](const Element& element) { return element.id; }));
  }

  static MatroskaTrack Video() {
    return {MatroskaTrack::Kind::kVideo, "V_VP8", "cam", {}, 640, 360};
  }
  static MatroskaTrack Audio() {
    return {MatroskaTrack::Kind::kAudio, "A_OPUS", "mic", {1, 2}, 0, 0, 48'000, 2};
  }

  std::string folder_;
  std::string path_;
};

TEST_F(MatroskaFileTest, IsWholeAtEveryCluster) {
  MatroskaFile file(path_, "Ann", 0);
  const unsigned track = *file.AddTrack(Video());
  for (int64_t frame = 0; frame < 90; ++frame) {
    file.Write(track, frame * 33 * kMilli, 33 * kMilli, frame % 30 == 0, kFrame);
    // Whatever is on the disk adds up, always.
    ASSERT_NO_FATAL_FAILURE(Segment(Content()));
  }
  EXPECT_EQ(Count(Content(), kCluster), 2U);
  file.Flush();
  EXPECT_EQ(Count(Content(), kCluster), 3U);
  EXPECT_EQ(Count(Content(), kCues), 0U);
  EXPECT_EQ(file.bytes(), Content().size());
  file.Finish();
  EXPECT_EQ(Count(Content(), kCues), 1U);
  EXPECT_EQ(file.duration(), 90 * 33 * kMilli);
}

TEST_F(MatroskaFileTest, TracksMayComeLater) {
  MatroskaFile file(path_, "Ann", 0);
  EXPECT_EQ(file.AddTrack(Audio()), 1U);
  file.Write(1, 0, 20 * kMilli, true, kFrame);
  file.Flush();
  const size_t before = Content().size();
  EXPECT_EQ(file.AddTrack(Video()), 2U);
  EXPECT_EQ(Content().size(), before);
  file.Write(2, 100 * kMilli, 0, true, kFrame);
  file.Finish();
  EXPECT_THAT(Content(), testing::HasSubstr("V_VP8"));
  EXPECT_EQ(Count(Content(), kCluster), 2U);
}

TEST_F(MatroskaFileTest, ManyTracksAreRefusedAndChangeNothing) {
  MatroskaFile file(path_, "Ann", 0);
  unsigned last = 0;
  while (const auto track = file.AddTrack(Video())) {
    last = *track;
    ASSERT_LT(last, 1000U);
  }
  EXPECT_GT(last, 30U);
  const std::string content = Content();
  EXPECT_EQ(file.AddTrack(Video()), std::nullopt);
  EXPECT_EQ(Content(), content);
  file.Write(last, 0, 0, true, kFrame);
  file.Finish();
}

TEST_F(MatroskaFileTest, AFileThatIsThereIsLeftAlone) {
  std::ofstream(path_) << "mine";
  EXPECT_THROW(MatroskaFile(path_, "Ann", 0), std::system_error);
  EXPECT_EQ(Content(), "mine");
}

TEST_F(MatroskaFileTest, TimesBehindTheClusterAreKept) {
  MatroskaFile file(path_, "Ann", 0);
  file.AddTrack(Audio());
  file.Write(1, 500 * kMilli, 20 * kMilli, true, kFrame);
  file.Write(1, 480 * kMilli, 20 * kMilli, true, kFrame);
  file.Write(1, -5 * kMilli, 20 * kMilli, true, kFrame);
  file.Finish();
  EXPECT_EQ(file.duration(), 520 * kMilli);
  EXPECT_EQ(Count(Content(), kCluster), 1U);
}

}  // namespace
}  // namespace room
