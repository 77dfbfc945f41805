// SocketAddress: its text forms, and what counts as one and the same address.
#include "base/socket_address.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace sfu {
namespace {

TEST(SocketAddress, ReadsAndWritesIpv4) {
  const auto address = SocketAddress::Parse("192.0.2.7:5004");
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->is_ipv4());
  EXPECT_EQ(address->port(), 5004);
  EXPECT_EQ(address->bytes()[0], 192);
  EXPECT_EQ(address->bytes()[3], 7);
  EXPECT_EQ(address->ToString(), "192.0.2.7:5004");
  EXPECT_EQ(address->IpString(), "192.0.2.7");
}

TEST(SocketAddress, ReadsAndWritesIpv6) {
  const auto address = SocketAddress::Parse("[::1]:5004");
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->is_ipv6());
  EXPECT_EQ(address->ToString(), "[::1]:5004");
  EXPECT_EQ(SocketAddress::Parse("2001:db8::1:2")->ToString(), "[2001:db8::1:2]:0");
  EXPECT_EQ(SocketAddress::Parse("[fe80::1%3]:9")->scope_id(), 3u);
  EXPECT_EQ(SocketAddress::Parse("[fe80::1%3]:9")->ToString(), "[fe80::1%3]:9");
}

TEST(SocketAddress, PortMayBeLeftOut) {
  EXPECT_EQ(SocketAddress::Parse("10.0.0.1")->port(), 0);
  EXPECT_EQ(SocketAddress::Parse("[::1]")->port(), 0);
  EXPECT_EQ(SocketAddress::ParseIp("10.0.0.1", 7)->ToString(), "10.0.0.1:7");
}

TEST(SocketAddress, RefusesWhatIsNoAddress) {
  for (const std::string_view text : {"",
                                      ":",
                                      "[",
                                      "[]",
                                      "[::1",
                                      "[::1]5",
                                      "[::1]:",
                                      "[1.2.3.4]:5",
                                      "1.2.3",
                                      "1.2.3.4:",
                                      "1.2.3.4:65536",
                                      "1.2.3.4:-1",
                                      "1.2.3.4: 5",
                                      "1.2.3.4:5x",
                                      "1.2.3.4%1",
                                      "256.1.1.1",
                                      "localhost",
                                      "localhost:5",
                                      "fe80::1%",
                                      "fe80::1%eth0",
                                      "1:2:3:4:5:6:7:8:9"}) {
    EXPECT_FALSE(SocketAddress::Parse(text)) << text;
  }
  EXPECT_FALSE(SocketAddress::Parse(std::string(10'000, ':')));
  EXPECT_FALSE(SocketAddress::ParseIp(std::string_view("1.2.3.4\0x", 9)));
}

TEST(SocketAddress, MappedIpv4IsIpv4) {
  EXPECT_EQ(SocketAddress::Parse("[::ffff:1.2.3.4]:5"), SocketAddress::Parse("1.2.3.4:5"));
}

TEST(SocketAddress, KnowsItsKind) {
  EXPECT_TRUE(SocketAddress::Parse("0.0.0.0:1")->is_wildcard());
  EXPECT_TRUE(SocketAddress::Parse("[::]:1")->is_wildcard());
  EXPECT_FALSE(SocketAddress().is_wildcard());
  EXPECT_FALSE(SocketAddress().is_set());
  EXPECT_EQ(SocketAddress().ToString(), "");
  EXPECT_FALSE(SocketAddress::Parse("[::1]:1")->is_wildcard());
  EXPECT_TRUE(SocketAddress::Parse("224.0.0.1")->is_multicast());
  EXPECT_TRUE(SocketAddress::Parse("239.255.255.255")->is_multicast());
  EXPECT_FALSE(SocketAddress::Parse("240.0.0.1")->is_multicast());
  EXPECT_TRUE(SocketAddress::Parse("ff02::1")->is_multicast());
  EXPECT_TRUE(SocketAddress::Parse("127.8.0.1")->is_loopback());
  EXPECT_TRUE(SocketAddress::Parse("::1")->is_loopback());
  EXPECT_FALSE(SocketAddress::Parse("::2")->is_loopback());
}

TEST(SocketAddress, ComparesAndHashes) {
  const auto a = *SocketAddress::Parse("1.2.3.4:5");
  const auto b = *SocketAddress::Parse("1.2.3.4:6");
  EXPECT_NE(a, b);
  EXPECT_TRUE(a.SameIp(b));
  EXPECT_FALSE(a.SameIp(*SocketAddress::Parse("1.2.3.5:5")));
  EXPECT_EQ(a, *SocketAddress::Parse("1.2.3.4:5"));
  std::unordered_set<size_t> hashes;
  for (int host = 0; host < 100; ++host) {
    for (int port = 0; port < 100; ++port) {
      hashes.insert(SocketAddress::Ipv4({10, 0, 0, static_cast<uint8_t>(host)},
                                        static_cast<uint16_t>(10'000 + port))
                        .Hash());
    }
  }
  EXPECT_EQ(hashes.size(), 10'000u);
}

}  // namespace
}  // namespace sfu
