// UdpSocket over real loopback sockets: binding, addresses, multicast, sizes, errors.
#include "net/udp_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <fstream>
#include <functional>
#include <string>

#include "net_test_util.h"

namespace sfu {
namespace {

UdpSocketOptions LocalOptions(std::string_view local = "127.0.0.1") {
  UdpSocketOptions options;
  options.local = Address(local);
  return options;
}

TEST(UdpSocket, CarriesDatagramsBothWays) {
  auto worker = MakeWorker();
  RecordingReceiver at_a;
  RecordingReceiver at_b;
  auto a = Bind(*worker, &at_a);
  auto b = Bind(*worker, &at_b);
  Send(*a, b->local_address(), {"hello", "", "world!"});
  RunUntilReceived(*worker, at_b, 3);
  EXPECT_EQ(at_b.Bytes(), (std::vector<std::string>{"hello", "", "world!"}));
  EXPECT_EQ(at_b.datagrams.at(0).from, a->local_address());
  EXPECT_EQ(at_b.datagrams.at(0).to, b->local_address());
  Send(*b, a->local_address(), {"answer"});
  RunUntilReceived(*worker, at_a, 1);
  EXPECT_EQ(at_a.Bytes(), std::vector<std::string>{"answer"});
  EXPECT_EQ(b->receive_counters().datagrams, 3u);
  EXPECT_EQ(b->receive_counters().bytes, 11u);
  EXPECT_EQ(a->send_counters().datagrams, 3u);
  EXPECT_EQ(a->send_counters().failed, 0u);
}

TEST(UdpSocket, IsSmall) { EXPECT_LT(sizeof(UdpSocket), 512u); }

TEST(UdpSocket, WildcardSocketsKnowAndChooseTheirAddress) {
  struct Case {
    const char* bind;
    const char* peer;
    const char* asked;
  };
  for (const Case& c : {Case{"0.0.0.0", "127.0.0.1", "127.0.0.5"}, Case{"::", "::1", "::1"},
                        Case{"::", "127.0.0.1", "127.0.0.6"}}) {
    for (const bool gso : {true, false}) {
      NetFeatures allowed;
      allowed.gso = gso;
      auto worker = MakeWorker(allowed);
      RecordingReceiver at_server;
      RecordingReceiver at_client;
      auto server = Bind(*worker, &at_server, c.bind);
      auto client = Bind(*worker, &at_client, c.peer);
      SocketAddress asked = Address(c.asked);
      asked.set_port(server->local_address().port());
      Send(*client, asked, {"ping"});
      RunUntilReceived(*worker, at_server, 1);
      ASSERT_EQ(at_server.datagrams.size(), 1u) << c.bind << " " << c.asked;
      EXPECT_EQ(at_server.datagrams[0].to, asked);
      EXPECT_EQ(at_server.datagrams[0].from, client->local_address());
      Send(*server, at_server.datagrams[0].from, MakeDatagrams(5, 100), at_server.datagrams[0].to);
      RunUntilReceived(*worker, at_client, 5);
      ASSERT_EQ(at_client.datagrams.size(), 5u);
      EXPECT_EQ(at_client.Bytes(), MakeDatagrams(5, 100));
      for (const auto& datagram : at_client.datagrams) EXPECT_EQ(datagram.from, asked);
    }
  }
}

TEST(UdpSocket, Ipv6OnlyLeavesIpv4Alone) {
  auto worker = MakeWorker();
  UdpSocketOptions options = LocalOptions("::");
  options.ipv6_only = true;
  auto v6 = UdpSocket::Create(*worker, options, nullptr);
  ASSERT_TRUE(v6.ok());
  UdpSocketOptions same_port = LocalOptions("0.0.0.0");
  same_port.local.set_port(v6.value()->local_address().port());
  EXPECT_TRUE(UdpSocket::Create(*worker, same_port, nullptr).ok());
}

TEST(UdpSocket, TakesTheFirstFreePortOfTheRange) {
  auto worker = MakeWorker();
  UdpSocketOptions options = LocalOptions("127.0.7.1");
  options.min_port = 41'000;
  options.max_port = 41'002;
  std::vector<UdpSocket::Ptr> sockets;
  for (const int port : {41'000, 41'001, 41'002}) {
    auto socket = UdpSocket::Create(*worker, options, nullptr);
    ASSERT_TRUE(socket.ok()) << socket.error().ToString();
    EXPECT_EQ(socket.value()->local_address().port(), port);
    sockets.push_back(std::move(socket).value());
  }
  auto full = UdpSocket::Create(*worker, options, nullptr);
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().field, "min_port");
  EXPECT_EQ(full.error().reason, "no port of the range is free");
  sockets.erase(sockets.begin() + 1);
  auto again = UdpSocket::Create(*worker, options, nullptr);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.value()->local_address().port(), 41'001);
}

TEST(UdpSocket, PairsTakeAnEvenPortAndTheNext) {
  auto worker = MakeWorker();
  UdpSocketOptions options = LocalOptions("127.0.7.2");
  options.min_port = 41'001;
  options.max_port = 41'006;
  UdpSocketOptions blocker = LocalOptions("127.0.7.2:41003");
  auto blocked = UdpSocket::Create(*worker, blocker, nullptr);
  ASSERT_TRUE(blocked.ok());
  auto pair = UdpSocket::CreatePair(*worker, options, nullptr, nullptr);
  ASSERT_TRUE(pair.ok()) << pair.error().ToString();
  EXPECT_EQ(pair.value().rtp->local_address().port(), 41'004);
  EXPECT_EQ(pair.value().rtcp->local_address().port(), 41'005);
  // 41006 is even and free, but 41007 is outside.
  EXPECT_FALSE(UdpSocket::CreatePair(*worker, options, nullptr, nullptr).ok());
  auto any = UdpSocket::CreatePair(*worker, LocalOptions(), nullptr, nullptr);
  ASSERT_TRUE(any.ok());
  EXPECT_EQ(any.value().rtp->local_address().port() % 2, 0);
  EXPECT_EQ(any.value().rtp->local_address().port() + 1, any.value().rtcp->local_address().port());
}

TEST(UdpSocket, AnotherSocketCanBeReadFirst) {
  auto worker = MakeWorker();
  RecordingReceiver both;
  auto pair = UdpSocket::CreatePair(*worker, LocalOptions(), &both, &both);
  ASSERT_TRUE(pair.ok());
  auto& [rtp, rtcp] = pair.value();
  rtp->SetReadFirst(rtcp.get());
  auto sender = Bind(*worker, nullptr);
  Send(*sender, rtp->local_address(), MakeDatagrams(1, 20));
  Send(*sender, rtcp->local_address(), MakeDatagrams(1, 10));
  for (int i = 0; i < 3; ++i) worker->RunOnce(TimeDelta::Zero());
  ASSERT_EQ(both.datagrams.size(), 2u);
  EXPECT_EQ(both.datagrams[0].bytes.size(), 10u);
  EXPECT_EQ(both.datagrams[1].bytes.size(), 20u);
}

TEST(UdpSocket, ErrorsNameTheOption) {
  auto worker = MakeWorker();
  const auto error_of = [&](const std::function<void(UdpSocketOptions&)>& change) {
    UdpSocketOptions options = LocalOptions();
    change(options);
    auto result = UdpSocket::Create(*worker, options, nullptr);
    return result.ok() ? std::string("none") : result.error().field;
  };
  using Options = UdpSocketOptions;
  EXPECT_EQ(error_of([](Options& o) { o.local = {}; }), "local");
  EXPECT_EQ(error_of([](Options& o) { o.local = Address("192.0.2.99:0"); }), "local");
  EXPECT_EQ(error_of([](Options& o) { o.min_port = 5000; }), "max_port");
  EXPECT_EQ(error_of([](Options& o) { o.max_port = 5000; }), "min_port");
  EXPECT_EQ(error_of([](Options& o) { o.min_port = 6000, o.max_port = 5000; }), "min_port");
  EXPECT_EQ(error_of([](Options& o) {
              o.local.set_port(5000);
              o.min_port = o.max_port = 5000;
            }),
            "local");
  EXPECT_EQ(error_of([](Options& o) { o.send_buffer_size = -1; }), "send_buffer_size");
  EXPECT_EQ(error_of([](Options& o) { o.recv_buffer_size = -1; }), "recv_buffer_size");
  EXPECT_EQ(error_of([](Options& o) { o.multicast_group = Address("10.0.0.1"); }),
            "multicast_group");
  EXPECT_EQ(error_of([](Options& o) { o.multicast_group = Address("ff02::1"); }),
            "multicast_group");
  EXPECT_EQ(error_of([](Options& o) {
              o.multicast_group = Address("239.1.1.1");
              o.multicast_interface = "nosuch0";
            }),
            "multicast_interface");
  auto taken = Bind(*worker, nullptr);
  EXPECT_EQ(error_of([&](Options& o) { o.local = taken->local_address(); }), "local");
  UdpSocketOptions odd = LocalOptions("127.0.0.1:5001");
  EXPECT_EQ(UdpSocket::CreatePair(*worker, odd, nullptr, nullptr).error().field, "local");
  EXPECT_EQ(taken->Connect({}).error().field, "remote");
  EXPECT_EQ(taken->Connect(Address("[::1]:5")).error().field, "remote");
}

TEST(UdpSocket, BufferSizesAndReusePortReachTheKernel) {
  auto worker = MakeWorker();
  UdpSocketOptions options = LocalOptions();
  options.recv_buffer_size = 1 << 20;
  options.send_buffer_size = 1 << 19;
  options.reuse_port = true;
  auto socket = UdpSocket::Create(*worker, options, nullptr);
  ASSERT_TRUE(socket.ok());
  int size = 0;
  socklen_t length = sizeof(size);
  getsockopt(socket.value()->fd(), SOL_SOCKET, SO_RCVBUF, &size, &length);
  EXPECT_EQ(size, 2 << 20);  // the kernel doubles what it is given
  getsockopt(socket.value()->fd(), SOL_SOCKET, SO_SNDBUF, &size, &length);
  EXPECT_EQ(size, 2 << 19);
  options.local = socket.value()->local_address();
  EXPECT_TRUE(UdpSocket::Create(*worker, options, nullptr).ok());
}

// True when an interface called `interface` is in the IPv6 group, as the kernel lists it.
bool IsMember(const std::string& interface, const SocketAddress& group) {
  std::string hex;
  for (const uint8_t byte : group.bytes()) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  std::ifstream list("/proc/net/igmp6");
  for (std::string line; std::getline(list, line);) {
    if (line.find(interface) != std::string::npos && line.find(hex) != std::string::npos)
      return true;
  }
  return false;
}

TEST(UdpSocket, ReceivesMulticastOnLoopback) {
  struct Case {
    const char* local;
    const char* group;
    const char* interface;
  };
  for (const Case& c :
       {Case{"0.0.0.0", "239.255.42.1", "lo"}, Case{"0.0.0.0", "239.255.42.2", "127.0.0.1"},
        Case{"127.0.0.1", "239.255.42.3", ""}, Case{"::", "ff15::42", "lo"},
        Case{"::", "ff02::4242", "::1"}}) {
    auto worker = MakeWorker();
    RecordingReceiver received;
    UdpSocketOptions options = LocalOptions(c.local);
    options.multicast_group = Address(c.group);
    options.multicast_interface = c.interface;
    auto member = UdpSocket::Create(*worker, options, &received);
    ASSERT_TRUE(member.ok()) << c.group << " " << member.error().ToString();
    EXPECT_EQ(member.value()->local_address().bytes(), options.multicast_group.bytes());
    SocketAddress group = options.multicast_group;
    group.set_port(member.value()->local_address().port());
    if (group.is_ipv6()) {
      EXPECT_TRUE(IsMember("lo", group)) << c.group;
    }
    // The member sends from the interface that it joined on.
    Send(*member.value(), group, {"to the group"});
    worker->RunOnce(TimeDelta::Zero());
    // Linux has no IPv6 multicast route over loopback unless somebody adds one.
    if (group.is_ipv4() || member.value()->send_counters().failed == 0) {
      RunUntilReceived(*worker, received, 1);
      ASSERT_EQ(received.datagrams.size(), 1u) << c.group;
      EXPECT_EQ(received.datagrams[0].bytes, "to the group");
      EXPECT_EQ(received.datagrams[0].to, member.value()->local_address());
    }
    // A second receiver of the same group and port.
    options.local.set_port(group.port());
    EXPECT_TRUE(UdpSocket::Create(*worker, options, nullptr).ok()) << c.group;
  }
}

TEST(UdpSocket, TooBigDatagramsAreDroppedAndCounted) {
  for (const bool gro : {true, false}) {
    NetFeatures allowed;
    allowed.gro = gro;
    auto worker = MakeWorker(allowed);
    RecordingReceiver received;
    auto a = Bind(*worker, nullptr);
    auto b = Bind(*worker, &received);
    for (const size_t size : {size_t{65'507}, size_t{1501}, size_t{1500}, size_t{9000}}) {
      Send(*a, b->local_address(), {std::string(size, 'x')});
    }
    Send(*a, b->local_address(), {"last"});
    RunUntilReceived(*worker, received, 2);
    ASSERT_EQ(received.datagrams.size(), 2u);
    EXPECT_EQ(received.datagrams[0].bytes, std::string(1500, 'x'));
    EXPECT_EQ(received.datagrams[1].bytes, "last");
    EXPECT_EQ(b->receive_counters().too_big, 3u);
    EXPECT_EQ(b->drops()[DropReason::kTooBig], 3u);
  }
}

TEST(UdpSocket, ConnectedSocketsSurviveAClosedPort) {
  auto worker = MakeWorker();
  RecordingReceiver at_sender;
  RecordingReceiver at_peer;
  auto sender = Bind(*worker, &at_sender);
  auto peer = Bind(*worker, &at_peer);
  const SocketAddress peer_address = peer->local_address();
  ASSERT_TRUE(sender->Connect(peer_address).ok());
  peer.reset();
  for (int i = 0; i < 5; ++i) {
    Send(*sender, peer_address, {"nobody hears this"});
    worker->RunOnce(TimeDelta::Zero());
    worker->RunOnce(TimeDelta::Zero());
  }
  // Each answer is an ICMP error; it is seen when sending or when receiving, and never stops us.
  EXPECT_GT(sender->send_counters().refused + sender->receive_counters().errors, 3u);
  EXPECT_EQ(sender->send_counters().failed, 0u);
  EXPECT_EQ(sender->send_counters().datagrams, 5u);
  UdpSocketOptions options;
  options.local = peer_address;
  auto reborn = UdpSocket::Create(*worker, options, &at_peer);
  ASSERT_TRUE(reborn.ok());
  Send(*sender, peer_address, {"heard"});
  Send(*reborn.value(), sender->local_address(), {"rtcp"});
  RunUntilReceived(*worker, at_peer, 1);
  RunUntilReceived(*worker, at_sender, 1);
  EXPECT_EQ(at_peer.Bytes(), std::vector<std::string>{"heard"});
  EXPECT_EQ(at_sender.Bytes(), std::vector<std::string>{"rtcp"});
}

TEST(UdpSocket, SendsWhatIsCommittedBeforeItCloses) {
  auto worker = MakeWorker();
  RecordingReceiver received;
  auto a = Bind(*worker, nullptr);
  auto b = Bind(*worker, &received);
  Send(*a, b->local_address(), {"bye"});
  a.reset();
  RunUntilReceived(*worker, received, 1);
  EXPECT_EQ(received.Bytes(), std::vector<std::string>{"bye"});
}

class ClosingReceiver : public DatagramReceiver {
 public:
  void OnDatagrams(std::span<ReceivedDatagram> batch, Timestamp) override {
    received += batch.size();
    socket.reset();
  }
  size_t received = 0;
  UdpSocket::Ptr socket;
};

TEST(UdpSocket, TheReceiverMayDestroyIt) {
  auto worker = MakeWorker();
  ClosingReceiver closing;
  closing.socket = Bind(*worker, &closing);
  auto a = Bind(*worker, nullptr);
  Send(*a, closing.socket->local_address(), MakeDatagrams(3, 10));
  for (int i = 0; i < 3; ++i) worker->RunOnce(TimeDelta::Zero());
  EXPECT_EQ(closing.received, 3u);
}

TEST(UdpSocket, AFloodedSocketDoesNotHoldTheLoop) {
  NetFeatures allowed;
  allowed.gro = false;
  auto worker = MakeWorker(allowed);
  RecordingReceiver flooded;
  UdpSocketOptions options = LocalOptions();
  options.recv_buffer_size = 4 << 20;
  auto socket = UdpSocket::Create(*worker, options, &flooded);
  ASSERT_TRUE(socket.ok());
  auto a = Bind(*worker, nullptr);
  for (int i = 0; i < 10; ++i) Send(*a, socket.value()->local_address(), MakeDatagrams(64, 20));
  worker->send_arena().Flush();
  worker->RunOnce(TimeDelta::Zero());
  EXPECT_EQ(flooded.datagrams.size(), 256u);
  RunUntilReceived(*worker, flooded, 640);
  EXPECT_EQ(flooded.datagrams.size(), 640u);
}

}  // namespace
}  // namespace sfu
