// What a network may refuse to send: a firewall, a queue that is full, a path that is too narrow.
// Each test has a network namespace of its own, in which it may do as it likes.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "net_test_util.h"

namespace sfu {
namespace {

// Runs a command in the namespace of the calling thread.
bool Shell(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

class NetworkFaults : public testing::Test {
 protected:
  // Runs `body` on a thread in a network namespace that ends with it, after `commands` have made it
  // what it is to be. Skips, and says why, where that cannot be had.
  static void Within(const std::vector<std::string>& commands, const std::function<void()>& body) {
    std::string missing;
    std::thread thread([&] {
      if (unshare(CLONE_NEWNET) != 0) {
        missing = std::string("no network namespace: ") + std::strerror(errno);
        return;
      }
      for (const std::string& command : commands) {
        if (!Shell(command)) missing = "cannot be done here: " + command;
        if (!missing.empty()) return;
      }
      body();
    });
    thread.join();
    if (!missing.empty()) GTEST_SKIP() << missing;
  }

  static NetFeatures WithGso(bool gso) {
    NetFeatures allowed;
    allowed.gso = gso;
    return allowed;
  }
};

constexpr char kUp[] = "ip link set lo up";

// A firewall's no is EPERM, for a whole segmented message at once. It concerns that destination.
TEST_F(NetworkFaults, AFirewallsNoIsCountedAndConcernsNobodyElse) {
  Within({kUp, "iptables -A OUTPUT -p udp --dport 41999 -j DROP"}, [] {
    for (const bool gso : {true, false}) {
      auto worker = MakeWorker(WithGso(gso));
      auto sender = Bind(*worker, nullptr);
      RecordingReceiver received;
      auto peer = Bind(*worker, &received);
      Send(*sender, Address("127.0.0.1:41999"), MakeDatagrams(10, 1000));
      Send(*sender, peer->local_address(), MakeDatagrams(5, 500));
      Send(*sender, Address("127.0.0.1:41999"), MakeDatagrams(1, 1000));
      RunUntilReceived(*worker, received, 5);
      EXPECT_EQ(received.Bytes(), MakeDatagrams(5, 500));
      EXPECT_EQ(sender->send_counters().not_permitted, 11u);
      EXPECT_EQ(sender->send_counters().failed, 11u);
      EXPECT_EQ(sender->drops()[DropReason::kSendFailed], 11u);
      EXPECT_EQ(sender->send_counters().gso_refused, 0u)
          << "it is not segmentation that is refused";
    }
  });
}

// The firewall opens again: the same socket, connected too, goes on.
TEST_F(NetworkFaults, SendingGoesOnWhenTheFirewallLetsIt) {
  Within({kUp, "iptables -A OUTPUT -p udp -j DROP"}, [] {
    auto worker = MakeWorker();
    auto sender = Bind(*worker, nullptr);
    RecordingReceiver received;
    auto peer = Bind(*worker, &received);
    ASSERT_TRUE(sender->Connect(peer->local_address()).ok());
    Send(*sender, {}, MakeDatagrams(10, 1000));
    worker->RunOnce(TimeDelta::Zero());
    EXPECT_EQ(sender->send_counters().not_permitted, 10u);
    ASSERT_TRUE(Shell("iptables -F OUTPUT"));
    Send(*sender, {}, MakeDatagrams(10, 1000));
    RunUntilReceived(*worker, received, 10);
    EXPECT_EQ(received.datagrams.size(), 10u);
    EXPECT_TRUE(sender->PrefersEqualSizes());
  });
}

// A link that is slower than what is sent fills the socket's buffer: EAGAIN. What does not fit is
// dropped at once, and the loop is not held.
TEST_F(NetworkFaults, ASlowLinkDropsAndDoesNotHoldTheLoop) {
  Within({kUp, "tc qdisc add dev lo root tbf rate 64kbit burst 5kb limit 1mb"}, [] {
    for (const bool gso : {true, false}) {
      auto worker = MakeWorker(WithGso(gso));
      UdpSocketOptions options;
      options.local = Address("127.0.0.1");
      options.send_buffer_size = 8192;
      auto made = UdpSocket::Create(*worker, options, nullptr);
      ASSERT_TRUE(made.ok());
      auto sender = std::move(made).value();
      const Timestamp before = Worker::Now();
      for (int i = 0; i < 10; ++i)
        Send(*sender, Address("127.0.0.1:41998"), MakeDatagrams(40, 1000));
      worker->RunOnce(TimeDelta::Zero());
      EXPECT_LT(Worker::Now() - before, TimeDelta::Seconds(1)) << "the link would need 50 s";
      const SendCounters& counters = sender->send_counters();
      EXPECT_EQ(counters.datagrams + counters.failed, 400u);
      EXPECT_GT(counters.failed, 300u);
      EXPECT_EQ(counters.not_permitted + counters.refused, 0u);
    }
  });
}

// The queue of the link is full: ENOBUFS, which a socket only hears of if it asks for errors.
TEST_F(NetworkFaults, AFullQueueIsCountedMessageByMessage) {
  Within({kUp, "tc qdisc add dev lo root tbf rate 64kbit burst 2kb limit 4kb"}, [] {
    for (const bool ask : {true, false}) {
      auto worker = MakeWorker(WithGso(false));
      auto sender = Bind(*worker, nullptr);
      const int on = ask ? 1 : 0;
      ASSERT_EQ(setsockopt(sender->fd(), IPPROTO_IP, IP_RECVERR, &on, sizeof(on)), 0);
      Send(*sender, Address("127.0.0.1:41997"), MakeDatagrams(40, 1000));
      worker->RunOnce(TimeDelta::Zero());
      const SendCounters& counters = sender->send_counters();
      EXPECT_EQ(counters.datagrams + counters.failed, 40u);
      EXPECT_EQ(counters.failed > 30u, ask);
    }
  });
}

// Segments that are longer than the MTU are refused by the kernel. They go unsegmented, as IP
// fragments, to that destination, from then on.
TEST_F(NetworkFaults, ANarrowPathIsServedUnsegmented) {
  Within({kUp, "ip link set lo mtu 800"}, [] {
    for (const bool connected : {false, true}) {
      auto worker = MakeWorker();
      auto sender = Bind(*worker, nullptr);
      RecordingReceiver received;
      auto peer = Bind(*worker, &received);
      if (connected) {
        ASSERT_TRUE(sender->Connect(peer->local_address()).ok());
      }
      const auto datagrams = MakeDatagrams(10, 1200);
      for (size_t round = 1; round < 4; ++round) {
        Send(*sender, peer->local_address(), datagrams);
        RunUntilReceived(*worker, received, 10 * round);
        ASSERT_EQ(received.datagrams.size(), 10 * round);
      }
      EXPECT_EQ(sender->send_counters().gso_refused, 1u);
      EXPECT_EQ(sender->send_counters().failed, 0u);
    }
  });
}

// Where fragments are forbidden, what is too long is lost and counted; what fits arrives.
TEST_F(NetworkFaults, WhatFitsNoPathIsCounted) {
  Within({kUp, "ip link set lo mtu 800"}, [] {
    auto worker = MakeWorker();
    auto sender = Bind(*worker, nullptr);
    RecordingReceiver received;
    auto peer = Bind(*worker, &received);
    const int dont_fragment = IP_PMTUDISC_DO;
    ASSERT_EQ(setsockopt(sender->fd(), IPPROTO_IP, IP_MTU_DISCOVER, &dont_fragment,
                         sizeof(dont_fragment)),
              0);
    Send(*sender, peer->local_address(), MakeDatagrams(10, 1200));
    Send(*sender, peer->local_address(), MakeDatagrams(10, 700));
    RunUntilReceived(*worker, received, 10);
    EXPECT_EQ(received.Bytes(), MakeDatagrams(10, 700));
    EXPECT_EQ(sender->send_counters().failed, 10u);
  });
}

TEST_F(NetworkFaults, Ipv6MulticastArrives) {
  Within({kUp, "ip link add v0 type veth peer name v1", "ip link set v0 up", "ip link set v1 up",
          "ip -6 addr add fd00:5f::5/64 dev v0 nodad"},
         [] {
           for (const char* group_text : {"ff15::42", "ff02::4242"}) {
             auto worker = MakeWorker();
             RecordingReceiver received;
             UdpSocketOptions options;
             options.local = Address("::");
             options.multicast_group = Address(group_text);
             options.multicast_interface = "v0";
             auto member = UdpSocket::Create(*worker, options, &received);
             ASSERT_TRUE(member.ok()) << member.error().ToString();
             SocketAddress group = member.value()->local_address();
             Send(*member.value(), group, MakeDatagrams(20, 1000));
             RunUntilReceived(*worker, received, 20);
             EXPECT_EQ(received.Bytes(), MakeDatagrams(20, 1000)) << group_text;
             EXPECT_EQ(member.value()->send_counters().failed, 0u);
           }
         });
}

}  // namespace
}  // namespace sfu
