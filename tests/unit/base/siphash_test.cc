// SipHash-2-4 against the vector of the paper's appendix A.
#include "base/siphash.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(SipHash, GivesThePublishedValue) {
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  // The bytes 0x00 to 0x0e, in little-endian words; fifteen of them.
  const std::array<uint64_t, 1> words = {0x0706050403020100};
  EXPECT_EQ((SipHash<2, 4>(key, words, 0x0f0e0d0c0b0a0908)), 0xa129ca6149be45e5u);
}

}  // namespace
}  // namespace sfu
