// The send arena: that every combination of fast calls delivers the same bytes, how datagrams
// become messages, and what happens when the kernel says no.
#include "net/send_arena.h"

#include <gtest/gtest.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <map>

#include "base/random.h"
#include "net_test_util.h"

namespace sfu {
namespace {

std::vector<NetFeatures> AllCombinations() {
  std::vector<NetFeatures> all;
  for (int bits = 0; bits < 16; ++bits) {
    NetFeatures features;
    features.gso = (bits & 1) != 0;
    features.sendmmsg = (bits & 2) != 0;
    features.gro = (bits & 4) != 0;
    features.recvmmsg = (bits & 8) != 0;
    all.push_back(features);
  }
  return all;
}

TEST(SendArena, EveryFallbackDeliversTheSameBytes) {
  // Bursts of equal sizes, a shorter last one, all different, and single ones, to two peers in
  // turn.
  for (const NetFeatures& allowed : AllCombinations()) {
    auto worker = MakeWorker(allowed);
    EXPECT_EQ(worker->features().gso, allowed.gso);
    EXPECT_EQ(worker->features().gro, allowed.gro);
    EXPECT_EQ(worker->features().sendmmsg, allowed.sendmmsg);
    EXPECT_EQ(worker->features().recvmmsg, allowed.recvmmsg);
    RecordingReceiver received[2];
    auto sender = Bind(*worker, nullptr);
    UdpSocket::Ptr peers[2] = {Bind(*worker, &received[0]), Bind(*worker, &received[1])};
    std::vector<std::string> sent[2];
    Random random(3);
    for (int burst = 0; burst < 20; ++burst) {
      const size_t peer = random.U32() % 2;
      std::vector<std::string> datagrams =
          MakeDatagrams(1 + random.U32() % 12, 1 + random.U32() % 1400);
      if (burst % 3 == 0) datagrams.back().resize(1 + datagrams.back().size() / 2);
      if (burst % 5 == 0) datagrams.front().resize(datagrams.front().size() + 1, 'x');
      sent[peer].insert(sent[peer].end(), datagrams.begin(), datagrams.end());
      Send(*sender, peers[peer]->local_address(), datagrams);
      worker->RunOnce(TimeDelta::Zero());
    }
    for (const int i : {0, 1}) {
      RunUntilReceived(*worker, received[i], sent[i].size());
      EXPECT_EQ(received[i].Bytes(), sent[i]);
      for (const auto& datagram : received[i].datagrams) {
        EXPECT_EQ(datagram.from, sender->local_address());
        EXPECT_EQ(datagram.to, peers[i]->local_address());
      }
    }
    EXPECT_EQ(sender->send_counters().datagrams, sent[0].size() + sent[1].size());
    EXPECT_EQ(sender->send_counters().failed, 0u);
    EXPECT_EQ(sender->PrefersEqualSizes(), allowed.gso);
  }
}

TEST(SendArena, ABurstIsOneMessageAndOneCall) {
  auto worker = MakeWorker();
  RecordingReceiver received;
  auto sender = Bind(*worker, nullptr);
  auto peer = Bind(*worker, &received);
  // Two commits; the second continues the first, and its short datagram ends the message.
  Send(*sender, peer->local_address(), MakeDatagrams(5, 1000));
  std::vector<std::string> rest = MakeDatagrams(4, 1000);
  rest.push_back("short");
  Send(*sender, peer->local_address(), rest);
  worker->RunOnce(TimeDelta::Zero());
  EXPECT_EQ(sender->send_counters().system_calls, 1u);
  EXPECT_EQ(sender->send_counters().datagrams, 10u);
  RunUntilReceived(*worker, received, 10);
  // One message arrives as one batch; GRO or not, ten datagrams.
  ASSERT_EQ(received.datagrams.size(), 10u);
  EXPECT_EQ(received.datagrams[9].bytes, "short");
  EXPECT_EQ(received.batches.size(), 1u);
}

TEST(SendArena, MessagesOfOneSocketLeaveByOneCall) {
  auto worker = MakeWorker();
  std::vector<std::unique_ptr<RecordingReceiver>> received;
  std::vector<UdpSocket::Ptr> peers;
  UdpSocket::Ptr senders[2] = {Bind(*worker, nullptr), Bind(*worker, nullptr)};
  for (int i = 0; i < 20; ++i) {
    received.push_back(std::make_unique<RecordingReceiver>());
    peers.push_back(Bind(*worker, received.back().get()));
    for (auto& sender : senders) Send(*sender, peers.back()->local_address(), MakeDatagrams(3, 50));
  }
  worker->RunOnce(TimeDelta::Zero());
  EXPECT_EQ(senders[0]->send_counters().system_calls, 1u);
  EXPECT_EQ(senders[1]->send_counters().system_calls, 1u);
  for (auto& receiver : received) {
    RunUntilReceived(*worker, *receiver, 6);
    EXPECT_EQ(receiver->datagrams.size(), 6u);
  }
}

TEST(SendArena, LongBurstsRespectTheKernelsBounds) {
  auto worker = MakeWorker();
  RecordingReceiver received;
  auto sender = Bind(*worker, nullptr);
  UdpSocketOptions options;
  options.local = Address("127.0.0.1");
  options.recv_buffer_size = 4 << 20;
  auto peer = UdpSocket::Create(*worker, options, &received);
  ASSERT_TRUE(peer.ok());
  const auto many = MakeDatagrams(200, 20);    // over 64 segments
  const auto large = MakeDatagrams(43, 1500);  // 64,500 bytes, and then over 65,000 with the next
  Send(*sender, peer.value()->local_address(), many);
  Send(*sender, peer.value()->local_address(), large);
  Send(*sender, peer.value()->local_address(), large);
  worker->RunOnce(TimeDelta::Zero());
  RunUntilReceived(*worker, received, 286);
  ASSERT_EQ(received.datagrams.size(), 286u);
  std::vector<std::string> expected = many;
  expected.insert(expected.end(), large.begin(), large.end());
  expected.insert(expected.end(), large.begin(), large.end());
  EXPECT_EQ(received.Bytes(), expected);
  EXPECT_EQ(sender->send_counters().gso_refused, 0u);
}

TEST(SendArena, FlushesWhenFullOfBytesOrOfMessages) {
  NetFeatures allowed;
  allowed.gso = false;
  auto worker = MakeWorker(allowed);
  auto sender = Bind(*worker, nullptr);
  RecordingReceiver received;
  auto peer = Bind(*worker, &received);
  // More than the arena holds, without the loop going round.
  for (int i = 0; i < 6; ++i) Send(*sender, peer->local_address(), MakeDatagrams(40, 1400));
  EXPECT_GT(sender->send_counters().datagrams, 0u);
  worker->send_arena().Flush();
  EXPECT_EQ(sender->send_counters().datagrams, 240u);
  // More messages than the arena keeps, in one commit.
  Send(*sender, peer->local_address(), MakeDatagrams(3000, 3));
  worker->send_arena().Flush();
  EXPECT_EQ(sender->send_counters().datagrams, 3240u);
  EXPECT_EQ(sender->send_counters().failed, 0u);
}

TEST(SendArena, MisuseSendsNothingItWasNotGiven) {
  auto worker = MakeWorker();
  auto sender = Bind(*worker, nullptr);
  RecordingReceiver received;
  auto peer = Bind(*worker, &received);
  EXPECT_TRUE(sender->Reserve(DatagramSender::kMaxReserve + 1).empty());
  EXPECT_EQ(sender->Reserve(DatagramSender::kMaxReserve).size(), DatagramSender::kMaxReserve);
  sender->Commit(peer->local_address(), {});
  const MutableBytes space = sender->Reserve(10);
  std::fill(space.begin(), space.end(), uint8_t{'y'});
  const uint16_t sizes[] = {4, 7, 2};
  sender->Commit(peer->local_address(), sizes);
  sender->Commit(peer->local_address(), sizes);  // nothing is reserved any more
  RunUntilReceived(*worker, received, 1);
  worker->RunOnce(TimeDelta::Zero());
  EXPECT_EQ(received.Bytes(), std::vector<std::string>{"yyyy"});
  EXPECT_EQ(sender->drops()[DropReason::kSendFailed], 5u);
}

// Segments that do not fit the path are refused with EINVAL or EMSGSIZE, and the datagrams then go
// unsegmented (as IP fragments). Connected and not, over loopback with a segment size beyond its
// MTU.
TEST(SendArena, ARefusedMessageIsSentAgainUnsegmented) {
  for (const bool connected : {false, true}) {
    auto worker = MakeWorker();
    auto sender = Bind(*worker, nullptr);
    auto other = Bind(*worker, nullptr);
    RecordingReceiver received;
    auto peer = Bind(*worker, &received);
    if (connected) {
      ASSERT_TRUE(sender->Connect(peer->local_address()).ok());
    }
    // UDP_SEGMENT needs checksums; without them the kernel refuses with EINVAL or EIO.
    const int no_checksum = 1;
    ASSERT_EQ(setsockopt(sender->fd(), SOL_SOCKET, SO_NO_CHECK, &no_checksum, sizeof(no_checksum)),
              0);
    EXPECT_TRUE(sender->PrefersEqualSizes());
    const auto datagrams = MakeDatagrams(10, 1200);
    Send(*sender, peer->local_address(), datagrams);
    RunUntilReceived(*worker, received, 10);
    EXPECT_EQ(received.Bytes(), datagrams);
    EXPECT_EQ(sender->send_counters().gso_refused, 1u);
    EXPECT_EQ(sender->send_counters().failed, 0u);
    EXPECT_EQ(sender->PrefersEqualSizes(), !connected);
    // It is remembered: no second refusal.
    Send(*sender, peer->local_address(), datagrams);
    RunUntilReceived(*worker, received, 20);
    EXPECT_EQ(received.datagrams.size(), 20u);
    EXPECT_EQ(sender->send_counters().gso_refused, 1u);
    EXPECT_TRUE(other->PrefersEqualSizes());
  }
}

TEST(SendArena, ErrorsAreCountedAndDoNotStopTheRest) {
  for (const bool gso : {true, false}) {
    NetFeatures allowed;
    allowed.gso = gso;
    auto worker = MakeWorker(allowed);
    auto sender = Bind(*worker, nullptr);
    RecordingReceiver received;
    auto peer = Bind(*worker, &received);
    Send(*sender, Address("[2001:db8::1]:9"), MakeDatagrams(2, 10));  // wrong family
    Send(*sender, Address("127.0.0.1:0"), MakeDatagrams(3, 10));      // no such port
    Send(*sender, Address("255.255.255.255:9"),
         MakeDatagrams(4, 10));  // broadcast is not permitted
    Send(*sender, peer->local_address(), {"still here"});
    RunUntilReceived(*worker, received, 1);
    EXPECT_EQ(received.Bytes(), std::vector<std::string>{"still here"});
    EXPECT_EQ(sender->send_counters().failed, 9u);
    EXPECT_EQ(sender->send_counters().datagrams, 1u);
  }
}

// Loopback never fills a UDP socket's buffer, but a pair of local sockets has one that fills.
TEST(SendArena, AFullSocketBufferDropsAndDoesNotBlock) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), 0);
  const FileDescriptor ends[2] = {FileDescriptor(fds[0]), FileDescriptor(fds[1])};
  for (const bool sendmmsg : {true, false}) {
    NetFeatures features;
    features.gso = false;
    features.sendmmsg = sendmmsg;
    SendArena arena(SendArena::kDefaultCapacity, features);
    SendSocket socket;
    socket.fd = fds[0];
    socket.connected = true;
    ASSERT_EQ(arena.Reserve(60'000).size(), 60'000u);
    const std::vector<uint16_t> sizes(600, 100);
    arena.Commit(socket, {}, sizes, {});
    arena.Flush();
    EXPECT_EQ(socket.counters.datagrams + socket.counters.failed, 600u);
    EXPECT_GT(socket.counters.failed, 0u);
    // Nearly all of them without asking the kernel again.
    EXPECT_LT(socket.counters.system_calls, 600u - socket.counters.failed + 20u);
  }
}

}  // namespace
}  // namespace sfu
