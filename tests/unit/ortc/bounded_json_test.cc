// The bounds of a JSON text, and what is no JSON. Nothing throws, whatever comes.
#include "ortc/bounded_json.h"

#include <gtest/gtest.h>

#include "ortc/limits.h"

namespace sfu::ortc {
namespace {

std::string ErrorOf(const std::string& text) {
  const Result<Json> json = ParseBoundedJson(text, "x");
  return json ? "none" : json.error().ToString();
}

std::string Repeated(const std::string& text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(BoundedJsonTest, Values) {
  for (const char* text : {"{}", "[]", "1", "\"a\"", "null", " {\"a\": [1, 2.5, true]} "}) {
    EXPECT_EQ(ErrorOf(text), "none") << text;
  }
}

TEST(BoundedJsonTest, NoJsonNamesThePlace) {
  EXPECT_EQ(ErrorOf(""), "x: is not JSON, see byte 1");
  EXPECT_EQ(ErrorOf("{\"a\": }"), "x: is not JSON, see byte 7");
  for (const std::string text :
       {"{", "{]", "{\"a\"}", "[1,]", "nul", "{'a': 1}", "{} {}", "\"\xff\"", "\"\xc3\"", "01",
        "1e999", "NaN", "\"\\ud800\"", "// c\n1"}) {
    EXPECT_TRUE(ErrorOf(text).starts_with("x: is not JSON")) << text << ": " << ErrorOf(text);
  }
  EXPECT_EQ(ErrorOf(std::string("{}\0", 3)), "x: is not JSON, see byte 3");
}

TEST(BoundedJsonTest, Size) {
  const std::string fill(kMaxJsonBytes - 2, ' ');
  EXPECT_EQ(ErrorOf("{}" + fill), "none");
  EXPECT_EQ(ErrorOf("{} " + fill), "x: is larger than 262144 bytes");
}

TEST(BoundedJsonTest, Depth) {
  EXPECT_EQ(ErrorOf(Repeated("[", kMaxJsonDepth) + Repeated("]", kMaxJsonDepth)), "none");
  EXPECT_EQ(ErrorOf(Repeated("[", kMaxJsonDepth + 1)), "x: is nested deeper than 16");
  EXPECT_EQ(ErrorOf(Repeated("{\"a\":", kMaxJsonBytes / 5)), "x: is nested deeper than 16");
  // One after the other is not deep.
  EXPECT_EQ(ErrorOf("[[]" + Repeated(",[]", 100) + "]"), "none");
}

TEST(BoundedJsonTest, NumberOfValues) {
  EXPECT_EQ(ErrorOf("[0" + Repeated(",0", kMaxJsonValues - 2) + "]"), "none");
  EXPECT_EQ(ErrorOf("[0" + Repeated(",0", kMaxJsonValues - 1) + "]"),
            "x: has more than 16384 values");
  EXPECT_EQ(ErrorOf("[[]" + Repeated(",[]", kMaxJsonValues) + "]"),
            "x: has more than 16384 values");
}

TEST(BoundedJsonTest, LastOfEqualNamesCounts) {
  const Result<Json> json = ParseBoundedJson(R"({"a": 1, "a": 2})", "x");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json.value().at("a"), 2);
}

TEST(BoundedJsonTest, WritesWhatIsNoUtf8) {
  EXPECT_EQ(JsonText(Json("a\xff")), "\"a\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace sfu::ortc
