// Candidates and credentials as peers must see them.
#include "ice/lite_candidates.h"

#include <gtest/gtest.h>

#include <array>

#include "ice/ice_credentials.h"

namespace sfu {
namespace {

const std::vector<IceListenAddress> kAddresses = {{IceProtocol::kTcp, "192.0.2.1", 4000},
                                                  {IceProtocol::kUdp, "192.0.2.1", 4000},
                                                  {IceProtocol::kUdp, "2001:db8::1", 4001},
                                                  {IceProtocol::kTcp, "sfu.example.org", 4002}};

TEST(LiteCandidates, UdpComesBeforeTcp) {
  const auto candidates = MakeLiteCandidates(kAddresses, false);
  ASSERT_EQ(candidates.size(), 4u);
  EXPECT_EQ(candidates[0].address, "192.0.2.1");
  EXPECT_EQ(candidates[0].protocol, IceProtocol::kUdp);
  EXPECT_EQ(candidates[0].tcp_type, IceTcpType::kNone);
  EXPECT_EQ(candidates[1].address, "2001:db8::1");
  EXPECT_EQ(candidates[1].port, 4001);
  EXPECT_EQ(candidates[2].protocol, IceProtocol::kTcp);
  EXPECT_EQ(candidates[2].tcp_type, IceTcpType::kPassive);
  EXPECT_EQ(candidates[3].address, "sfu.example.org");
  for (size_t i = 1; i < candidates.size(); ++i) {
    EXPECT_GT(candidates[i - 1].priority, candidates[i].priority);
    EXPECT_NE(candidates[i - 1].foundation, candidates[i].foundation);
  }
  EXPECT_EQ(candidates[0].priority >> 24, 126u);
}

TEST(LiteCandidates, OrAfterItOnRequest) {
  const auto candidates = MakeLiteCandidates(kAddresses, true);
  EXPECT_EQ(candidates[0].protocol, IceProtocol::kTcp);
  EXPECT_EQ(candidates[1].protocol, IceProtocol::kTcp);
  EXPECT_EQ(candidates[2].protocol, IceProtocol::kUdp);
}

TEST(LiteCandidates, AnnouncedAddressesAreChecked) {
  for (const char* good : {"192.0.2.1", "2001:db8::1", "sfu.example.org", "x-1.local"}) {
    EXPECT_TRUE(CheckAnnouncedAddress(good).ok()) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("0.0.0.0"), std::string("::"), std::string("a b"),
        std::string("a\r\nb"), std::string(256, 'a')}) {
    const Status status = CheckAnnouncedAddress(bad);
    ASSERT_FALSE(status.ok()) << bad;
    EXPECT_EQ(status.error().field, "announcedAddress");
  }
}

TEST(IceCredentials, AreMadeOfIceChars) {
  std::array<uint8_t, IceCredentials::kRandomBytes> random;
  for (size_t i = 0; i < random.size(); ++i) random[i] = static_cast<uint8_t>(i * 8 + 1);
  const IceCredentials credentials = IceCredentials::FromRandom(random);
  EXPECT_EQ(credentials.username_fragment.size(), 8u);
  EXPECT_EQ(credentials.password.size(), 24u);
  EXPECT_TRUE(credentials.Check().ok());
  random[0] ^= 1;
  EXPECT_NE(IceCredentials::FromRandom(random).username_fragment, credentials.username_fragment);
}

}  // namespace
}  // namespace sfu
