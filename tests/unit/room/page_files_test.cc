#include "examples/room/server/page_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace room {
namespace {

namespace fs = std::filesystem;

class PageFiles : public testing::Test {
 protected:
  PageFiles() {
    fs::create_directories(page() / "assets");
    Write(page() / "index.html");
    Write(page() / "assets/room.js");
    Write(page() / ".secret");
    Write(top_ / "outside.txt");
    fs::create_directories(top_ / "page-too");
    Write(top_ / "page-too/index.html");
  }
  ~PageFiles() override { fs::remove_all(top_); }

  fs::path page() const { return top_ / "page"; }
  static void Write(const fs::path& file) { std::ofstream(file) << "text"; }
  auto Find(std::string_view path) const { return FindPageFile(page().string(), path); }

  const fs::path top_ = fs::canonical(testing::TempDir()) / "room-page-files";
};

TEST_F(PageFiles, AreFound) {
  EXPECT_EQ(Find("/"), (page() / "index.html").string());
  EXPECT_EQ(Find("/index.html"), (page() / "index.html").string());
  EXPECT_EQ(Find("/assets/room.js"), (page() / "assets/room.js").string());
}

TEST_F(PageFiles, NothingOutsideOfTheFolder) {
  for (const char* path :
       {"", "index.html", "/../outside.txt", "/assets/../../outside.txt", "//etc/passwd",
        "/../page-too/index.html", "/./index.html", "/.secret", "/assets", "/none.html", "/assets/",
        "/..", "/%2e%2e/outside.txt", "/..\\outside.txt"}) {
    EXPECT_FALSE(Find(path)) << path;
  }
  EXPECT_FALSE(Find(std::string_view("/index.html\0.js", 15)));
  EXPECT_FALSE(Find("/" + std::string(100'000, 'x')));
}

TEST_F(PageFiles, NoLinkLeadsOut) {
  fs::create_symlink(top_ / "outside.txt", page() / "link.txt");
  fs::create_directory_symlink(top_, page() / "up");
  EXPECT_FALSE(Find("/link.txt"));
  EXPECT_FALSE(Find("/up/outside.txt"));
  EXPECT_TRUE(Find("/up/page/index.html"));
}

TEST_F(PageFiles, HugeOnesAreRefused) {
  fs::resize_file(page() / "index.html", kMaxFile + 1);
  EXPECT_FALSE(Find("/"));
}

TEST_F(PageFiles, AFolderThatIsNotThere) { EXPECT_FALSE(FindPageFile("/nonexistent", "/")); }

TEST(ContentType, GoesByTheExtension) {
  EXPECT_STREQ(ContentType("a/index.html"), "text/html; charset=utf-8");
  EXPECT_STREQ(ContentType("room.js"), "text/javascript; charset=utf-8");
  EXPECT_STREQ(ContentType("file"), "application/octet-stream");
}

}  // namespace
}  // namespace room
