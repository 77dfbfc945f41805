// Base64: the vectors of RFC 4648, section 10, and what must be refused.
#include "base/base64.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

std::vector<uint8_t> Bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Base64, Rfc4648Vectors) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(Base64Encode(Bytes(plain)), text);
    EXPECT_EQ(Base64Decode(text), Bytes(plain));
  }
}

TEST(Base64, PaddingMayBeLeftOff) {
  EXPECT_EQ(Base64Decode("Zg"), Bytes("f"));
  EXPECT_EQ(Base64Decode("Zm8"), Bytes("fo"));
}

TEST(Base64, RefusesWhatNoEncoderProduces) {
  for (const std::string_view text :
       {"Z", "Zg=", "Z===", "====", "Zm9vY", "Zm 9v", "Zm9v\n", "Zm-_", "Zh==", "Zm9=", "=Zm9"}) {
    EXPECT_FALSE(Base64Decode(text)) << text;
  }
  EXPECT_FALSE(Base64Decode(std::string_view("Zm\0v", 4)));
}

TEST(Base64, AllByteValuesSurvive) {
  std::vector<uint8_t> all(256);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(Base64Decode(Base64Encode(all)), all);
}

}  // namespace
}  // namespace sfu
