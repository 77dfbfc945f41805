#include "examples/room/server/join_token.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace room {
namespace {

constexpr char kKey[] = "a key of some length";
constexpr int64_t kNow = 1'800'000'000;

TEST(JoinToken, OpensItsRoomUntilItExpires) {
  const std::string token = MakeToken(kKey, "blue", kNow + 60);
  EXPECT_EQ(RefuseToken(kKey, token, "blue", kNow), "");
  EXPECT_EQ(RefuseToken(kKey, token, "blue", kNow + 59), "");
  EXPECT_EQ(RefuseToken(kKey, token, "blue", kNow + 60), "the token has expired");
  EXPECT_LE(token.size(), kMaxToken);
}

TEST(JoinToken, OpensNoOtherRoom) {
  const std::string token = MakeToken(kKey, "blue", kNow + 60);
  EXPECT_EQ(RefuseToken(kKey, token, "green", kNow), "the token is for another room");
  EXPECT_NE(RefuseToken(kKey, token, "blue2", kNow), "");
  EXPECT_NE(RefuseToken(kKey, token, "", kNow), "");
}

TEST(JoinToken, NeedsTheKey) {
  const std::string token = MakeToken("another key, as long", "blue", kNow + 60);
  EXPECT_EQ(RefuseToken(kKey, token, "blue", kNow), "the token is not valid");
}

// RFC 4231 has no test of our form, so one that Python's hmac made.
TEST(JoinToken, IsWhatOtherProgramsMake) {
  const char token[] =
      "eyJleHBpcmVzIjoxODAwMDAwMDYwLCJyb29tIjoiYmx1ZSJ9"
      ".kpo_THMidZpFa0eTMU3V61hrqEVtJU_6UsZhwgCZc78";
  EXPECT_EQ(MakeToken(kKey, "blue", kNow + 60), token);
}

TEST(JoinToken, NoByteOfItMayChange) {
  const std::string token = MakeToken(kKey, "blue", kNow + 60);
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'B', '.', '=', '\0', '\xff'}) {
      std::string changed = token;
      changed[i] = other;
      if (changed == token) continue;
      // Only the unused bits of the last character may differ.
      if (i == token.size() - 1 && RefuseToken(kKey, changed, "blue", kNow).empty()) continue;
      EXPECT_EQ(RefuseToken(kKey, changed, "blue", kNow), "the token is not valid") << i << other;
    }
    EXPECT_NE(RefuseToken(kKey, token.substr(0, i), "blue", kNow), "");
  }
}

TEST(JoinToken, GarbageIsRefused) {
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("a."), std::string(".a"),
        std::string(1'000'000, '.'), std::string("\0.\0", 3)}) {
    EXPECT_EQ(RefuseToken(kKey, token, "blue", kNow), "the token is not valid");
  }
}

TEST(ReadKey, NeedsEnoughBytes) {
  const std::string file = testing::TempDir() + "room-key";
  const auto write = [&](const std::string& text) { std::ofstream(file) << text; };
  write("0123456789abcdef\n");
  EXPECT_EQ(ReadKey(file), "0123456789abcdef");
  write("0123456789abcde\n");
  EXPECT_THROW(ReadKey(file), std::runtime_error);
  write(std::string(kMaxKey + 1, 'k'));
  EXPECT_THROW(ReadKey(file), std::runtime_error);
  std::remove(file.c_str());
  EXPECT_THROW(ReadKey(file), std::runtime_error);
}

}  // namespace
}  // namespace room
