// Reading STUN strictly.
#include "ice/stun_request.h"

#include <gtest/gtest.h>

#include "tests/support/stun_builder.h"

namespace sfu::test {
namespace {

StunBuilder Begin() { return StunBuilder(42).Username("abcd:remote").Priority(7); }

TEST(StunRequest, ReadsACheck) {
  const std::vector<uint8_t> check =
      MakeCheck("abcd", "password", 42, {.use_candidate = true, .nomination = 9});
  const auto request = StunRequest::Parse(check);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->message_class, StunClass::kRequest);
  EXPECT_EQ(request->method, StunRequest::kBinding);
  EXPECT_EQ(request->transaction, 42u);
  EXPECT_EQ(request->username, "abcd:remote");
  EXPECT_EQ(request->local_fragment(), "abcd");
  EXPECT_EQ(request->priority, 0x6e0001ffu);
  EXPECT_EQ(request->nomination, 9u);
  EXPECT_TRUE(request->use_candidate);
  EXPECT_FALSE(request->controlled);
  EXPECT_TRUE(request->has_integrity);
  EXPECT_TRUE(request->has_fingerprint);
}

TEST(StunRequest, ReadsClassAndMethod) {
  EXPECT_EQ(StunRequest::Parse(StunBuilder(1, 0x0011).bytes())->message_class,
            StunClass::kIndication);
  EXPECT_EQ(StunRequest::Parse(StunBuilder(1, 0x0101).bytes())->message_class, StunClass::kSuccess);
  EXPECT_EQ(StunRequest::Parse(StunBuilder(1, 0x0111).bytes())->message_class, StunClass::kError);
  EXPECT_EQ(StunRequest::Parse(StunBuilder(1, 0x3eef).bytes())->method, 0xfff);
  EXPECT_FALSE(StunRequest::Parse(StunBuilder(1, 0x4001).bytes()));
}

TEST(StunRequest, DropsWhatDoesNotFit) {
  const std::vector<uint8_t> good = MakeCheck("abcd", "password", 42);
  ASSERT_TRUE(StunRequest::Parse(good));
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(StunRequest::Parse(ByteView(good).first(size))) << size;
  }
  std::vector<uint8_t> longer = good;
  longer.resize(good.size() + 4);
  EXPECT_FALSE(StunRequest::Parse(longer));
  std::vector<uint8_t> no_cookie = good;
  no_cookie[4] ^= 1;
  EXPECT_FALSE(StunRequest::Parse(no_cookie));
  std::vector<uint8_t> odd_length = good;
  odd_length[3] ^= 1;
  EXPECT_FALSE(StunRequest::Parse(odd_length));
  std::vector<uint8_t> overrun = good;
  overrun[22] = 0xff;  // of USERNAME's length
  EXPECT_FALSE(StunRequest::Parse(overrun));
}

TEST(StunRequest, DropsAttributesOfAWrongLength) {
  const std::vector<uint8_t> five(5);
  for (const uint16_t attribute :
       {0x0008, 0x0024, 0x0025, 0x0030, 0x8028, 0x8029, 0x802a, 0xc001}) {
    EXPECT_FALSE(StunRequest::Parse(StunBuilder(1).Add(attribute, five).bytes())) << attribute;
  }
  const std::vector<uint8_t> long_name(StunRequest::kMaxUsername + 1, 'x');
  EXPECT_FALSE(StunRequest::Parse(StunBuilder(1).Add(0x0006, long_name).bytes()));
  EXPECT_FALSE(StunRequest::Parse(StunBuilder(1).Username("").bytes()));
}

TEST(StunRequest, DropsRepeatedAttributes) {
  EXPECT_FALSE(StunRequest::Parse(Begin().Username("x:y").bytes()));
  EXPECT_FALSE(StunRequest::Parse(Begin().Priority(7).bytes()));
  EXPECT_FALSE(StunRequest::Parse(Begin().UseCandidate().UseCandidate().bytes()));
  EXPECT_FALSE(StunRequest::Parse(Begin().Controlling().Controlling().bytes()));
  EXPECT_FALSE(StunRequest::Parse(Begin().Integrity("p").Integrity("p").bytes()));
  EXPECT_FALSE(StunRequest::Parse(Begin().Nomination(1).Add32(0x0030, 2).bytes()));
  EXPECT_FALSE(StunRequest::Parse(Begin().Fingerprint().Fingerprint().bytes()));
}

TEST(StunRequest, ReadsNothingBehindMessageIntegrityOrFingerprint) {
  const auto unprotected =
      StunRequest::Parse(Begin().Integrity("p").UseCandidate().Nomination(3).Fingerprint().bytes());
  ASSERT_TRUE(unprotected);
  EXPECT_FALSE(unprotected->use_candidate);
  EXPECT_FALSE(unprotected->nomination);
  EXPECT_TRUE(unprotected->has_fingerprint);
  EXPECT_FALSE(StunRequest::Parse(Begin().Integrity("p").Fingerprint().UseCandidate().bytes()));
}

TEST(StunRequest, ReadsSoManyAttributesAndNoMore) {
  StunBuilder builder(1);
  for (size_t i = 0; i < StunRequest::kMaxAttributes; ++i) builder.Add(0x8099, {});
  EXPECT_TRUE(StunRequest::Parse(builder.bytes()));
  EXPECT_FALSE(StunRequest::Parse(builder.Add(0x8099, {}).bytes()));
}

}  // namespace
}  // namespace sfu::test
