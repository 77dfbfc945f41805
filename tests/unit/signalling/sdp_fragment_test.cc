// Fragments of PATCH requests.
#include "signalling/sdp_fragment.h"

#include <gtest/gtest.h>

#include "golden_sdp.h"

namespace sfu::signalling {
namespace {

std::string ErrorOf(const std::string& text) {
  const auto fragment = ParseSdpFragment(text);
  return fragment ? "none" : fragment.error().ToString();
}

// The one of RFC 9725, section 4.3.
constexpr char kTrickle[] =
    "a=group:BUNDLE 0 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "a=mid:0\r\n"
    "a=ice-ufrag:EsAw\r\n"
    "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
    "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw "
    "network-id 1\r\n"
    "a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw "
    "network-id 2\r\n"
    "a=end-of-candidates\r\n";

TEST(SdpFragment, TellsCandidates) {
  const auto fragment = ParseSdpFragment(kTrickle);
  ASSERT_TRUE(fragment.ok());
  EXPECT_EQ(fragment.value().ice.username_fragment, "EsAw");
  EXPECT_EQ(fragment.value().ice.password, "P2uYro0UCOQ4zxjKXaWCBui1");
  ASSERT_EQ(fragment.value().candidates.size(), 2U);
  EXPECT_EQ(fragment.value().candidates[1].port, 61765);
  EXPECT_TRUE(fragment.value().end_of_candidates);
}

TEST(SdpFragment, NeedsNoCredentials) {
  const auto fragment = ParseSdpFragment("a=mid:0\na=end-of-candidates\n");
  ASSERT_TRUE(fragment.ok());
  EXPECT_TRUE(fragment.value().ice.username_fragment.empty());
  EXPECT_TRUE(fragment.value().candidates.empty());
}

TEST(SdpFragment, ErrorsNameTheField) {
  EXPECT_EQ(ErrorOf(Replaced(kTrickle, "a=ice-ufrag:EsAw\r\n", "")), "sdp.ice-ufrag: is missing");
  EXPECT_EQ(ErrorOf(Replaced(kTrickle, "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n", "")),
            "sdp.ice-pwd: is missing");
  EXPECT_EQ(ErrorOf(Replaced(kTrickle, "61764", "616161")),
            "sdp.candidate: must have a port from 0 to 65535");
  EXPECT_EQ(ErrorOf("hello"), "sdp.line[1]: must be a letter, = and a value");
  EXPECT_EQ(ErrorOf(std::string(70000, 'a')), "sdp: is longer than 65536 bytes");
}

TEST(SdpFragment, WhatIsWrittenCanBeRead) {
  const SdpLocalTransport local = TestTransport();
  const std::string text = MakeSdpFragment({local.ice, local.candidates, true}, "0");
  EXPECT_NE(text.find("a=ice-lite\r\n"), std::string::npos);
  EXPECT_NE(text.find("a=mid:0\r\n"), std::string::npos);
  const auto read = ParseSdpFragment(text);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().ice.username_fragment, local.ice.username_fragment);
  EXPECT_EQ(read.value().candidates, local.candidates);
  EXPECT_TRUE(read.value().end_of_candidates);
}

}  // namespace
}  // namespace sfu::signalling
