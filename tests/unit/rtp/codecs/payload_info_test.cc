// What all payload parsers have in common: dispatch by codec, and that no payload, however broken,
// is read past its end or gives a result that contradicts itself.
#include "rtp/codecs/payload_info.h"

#include <gtest/gtest.h>

#include "golden_payloads.h"
#include "payload_test_util.h"

namespace sfu {
namespace {

TEST(PayloadInfoTest, GoldenPayloadsParse) {
  for (const GoldenList& list : GoldenPayloads()) {
    for (const std::string_view text : list.payloads) {
      const std::vector<uint8_t> payload = FromHex(text);
      const PayloadInfo info = ParsePayload(list.codec, payload);
      EXPECT_TRUE(info.valid) << static_cast<int>(list.codec) << ": " << text;
      EXPECT_TRUE(IsConsistent(info, payload.size())) << text;
    }
  }
}

TEST(PayloadInfoTest, OtherCodecsDoNotParse) {
  EXPECT_FALSE(ParseHex(CodecId::kOther, "90e0ac8ced203013009d012a4001b400").valid);
}

TEST(PayloadInfoTest, EmptyPayloadsDoNotParse) {
  for (const GoldenList& list : GoldenPayloads()) {
    EXPECT_FALSE(ParsePayload(list.codec, {}).valid) << static_cast<int>(list.codec);
  }
}

TEST(PayloadInfoTest, EveryTruncationIsConsistent) {
  for (const GoldenList& list : GoldenPayloads()) {
    for (const std::string_view text : list.payloads) {
      ForEachTruncation(FromHex(text), [&](const std::vector<uint8_t>& payload) {
        EXPECT_TRUE(IsConsistent(ParsePayload(list.codec, payload), payload.size())) << text;
      });
    }
  }
}

TEST(PayloadInfoTest, RandomMutationsAreConsistent) {
  for (const GoldenList& list : GoldenPayloads()) {
    for (const std::string_view text : list.payloads) {
      ForEachMutation(FromHex(text), 2000, [&](const std::vector<uint8_t>& payload) {
        ASSERT_TRUE(IsConsistent(ParsePayload(list.codec, payload), payload.size())) << text;
      });
    }
  }
}

}  // namespace
}  // namespace sfu
