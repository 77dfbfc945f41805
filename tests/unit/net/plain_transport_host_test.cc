// Plain transports on real sockets of the loopback interface.
#include "net/plain_transport_host.h"

#include <sched.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>

#include "net_test_util.h"
#include "stream/local_ingress.h"
#include "tests/support/media.h"
#include "tests/support/packet_builder.h"

namespace sfu {
namespace {

using test::CountingSink;
using test::Vp8Codec;

class PlainTransportHostTest : public testing::Test {
 protected:
  std::unique_ptr<PlainTransportHost> Make(PlainTransportHostOptions options = {}) {
    if (!options.rtp.local.is_set()) options.rtp.local = Address("127.0.0.1");
    auto host = PlainTransportHost::Create(*worker_, options, &pool_, ++seed_, ReadNtpClock());
    EXPECT_TRUE(host.ok()) << (host.ok() ? "" : host.error().ToString());
    return host.ok() ? std::move(host).value() : nullptr;
  }
  // Rounds of the loop until `done`, for at most 5 s.
  template <typename F>
  bool RunUntil(F done) {
    const Timestamp give_up = Worker::Now() + TimeDelta::Seconds(5);
    while (!done() && Worker::Now() < give_up) worker_->RunOnce(TimeDelta::Millis(20));
    return done();
  }
  void Push(LocalIngress* ingress, int frames = 1) {
    for (int i = 0; i < frames; ++i) {
      const Timestamp now = Worker::Now();
      for (const test::BuiltPacket& packet : source_.NextFrame(now)) {
        ingress->Push(packet.bytes, now, now);
      }
      ingress->Flush(now);
    }
  }

  static std::string Port(const PlainTransportHost& host) {
    return std::to_string(host.local_rtp().port());
  }

  std::unique_ptr<Worker> worker_ = MakeWorker();
  RtpPacketPool pool_;
  uint64_t seed_ = 0;
  test::Vp8Source source_;
};

TEST_F(PlainTransportHostTest, CarriesAStreamWithReportsOverOnePort) {
  auto a = Make();
  auto b = Make();
  EXPECT_EQ(a->local_rtp(), a->local_rtcp());
  ASSERT_TRUE(a->Connect({.rtp = b->local_rtp()}));
  ASSERT_TRUE(b->Connect({.rtp = a->local_rtp()}));
  LocalIngress ingress(&pool_, Vp8Codec());
  RtpSender* sender = a->transport().AddSender({.codec = Vp8Codec()}).value();
  ingress.SetSink(sender);
  CountingSink sink;
  RtpReceiver* receiver = b->transport().AddReceiver({.codec = Vp8Codec()}).value();
  receiver->SetSink(&sink);
  Push(&ingress);
  EXPECT_TRUE(RunUntil([&] { return sink.packets == 3; }));
  // The first sender report follows by the timer alone.
  EXPECT_TRUE(RunUntil([&] { return receiver->feedback_destination() == a->local_rtp(); }));
  // A request wakes the timer too.
  receiver->RequestKeyFrame(Worker::Now());
  EXPECT_TRUE(RunUntil([&] { return sender->Stats(Worker::Now()).stream.pli_count == 1; }));
  EXPECT_EQ(a->socket_drops().Total() + b->socket_drops().Total(), 0u);
}

TEST_F(PlainTransportHostTest, SeparateRtcpPort) {
  PlainTransportHostOptions options;
  options.transport.rtcp_mux = false;
  auto a = Make(options);
  auto b = Make(options);
  EXPECT_EQ(a->local_rtp().port() % 2, 0);
  EXPECT_EQ(a->local_rtcp().port(), a->local_rtp().port() + 1);
  ASSERT_TRUE(a->Connect({.rtp = b->local_rtp()}));
  ASSERT_TRUE(b->Connect({.rtp = a->local_rtp(), .rtcp = a->local_rtcp()}));
  LocalIngress ingress(&pool_, Vp8Codec());
  ingress.SetSink(a->transport().AddSender({.codec = Vp8Codec()}).value());
  RtpReceiver* receiver = b->transport().AddReceiver({.codec = Vp8Codec()}).value();
  Push(&ingress);
  EXPECT_TRUE(RunUntil([&] { return receiver->feedback_destination() == a->local_rtcp(); }));
}

TEST_F(PlainTransportHostTest, GivenRtcpPortThatIsTakenIsNamed) {
  auto taken = Make();
  PlainTransportHostOptions options;
  options.transport.rtcp_mux = false;
  options.rtp.local = Address("127.0.0.1");
  options.rtcp_port = taken->local_rtp().port();
  const auto host = PlainTransportHost::Create(*worker_, options, &pool_, 1, ReadNtpClock());
  ASSERT_FALSE(host.ok());
  EXPECT_EQ(host.error().field, "rtcpPort");
}

TEST_F(PlainTransportHostTest, WrongFamilyIsRefusedAndChangesNothing) {
  for (const bool mux : {true, false}) {
    PlainTransportHostOptions options;
    options.transport.rtcp_mux = mux;
    auto host = Make(options);
    ASSERT_TRUE(host->Connect({.rtp = Address("127.0.0.1:9")}));
    const Status status = host->Connect({.rtp = Address("[::1]:5004")});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().field, "ip");
    EXPECT_EQ(host->transport().remote(), Address("127.0.0.1:9"));
  }
}

TEST_F(PlainTransportHostTest, ConnectTwiceMovesToTheOtherPeer) {
  auto a = Make();
  RecordingReceiver first;
  RecordingReceiver second;
  auto first_socket = Bind(*worker_, &first);
  auto second_socket = Bind(*worker_, &second);
  LocalIngress ingress(&pool_, Vp8Codec());
  ingress.SetSink(a->transport().AddSender({.codec = Vp8Codec()}).value());
  ASSERT_TRUE(a->Connect({.rtp = first_socket->local_address()}));
  Push(&ingress);
  EXPECT_TRUE(RunUntil([&] { return first.datagrams.size() >= 3; }));
  ASSERT_TRUE(a->Connect({.rtp = second_socket->local_address()}));
  const size_t before = first.datagrams.size();
  Push(&ingress);
  EXPECT_TRUE(RunUntil([&] { return second.datagrams.size() >= 3; }));
  EXPECT_EQ(first.datagrams.size(), before);
  // And from the second peer only.
  RtpReceiver* receiver = a->transport().AddReceiver({.codec = Vp8Codec()}).value();
  const test::Bytes packet = source_.NextFrame(Worker::Now())[0].bytes;
  const std::string bytes(packet.begin(), packet.end());
  Send(*first_socket, a->local_rtp(), {bytes});
  Send(*second_socket, a->local_rtp(), {bytes});
  EXPECT_TRUE(RunUntil([&] { return receiver->active(); }));
  EXPECT_EQ(receiver->source(), second_socket->local_address());
}

TEST_F(PlainTransportHostTest, AMulticastPeerEndsTheKernelsConnection) {
  auto a = Make();
  RecordingReceiver peer;
  auto socket = Bind(*worker_, &peer);
  RtpReceiver* receiver = a->transport().AddReceiver({.codec = Vp8Codec()}).value();
  ASSERT_TRUE(a->Connect({.rtp = Address("127.0.0.1:9")}));
  ASSERT_TRUE(a->Connect({.rtp = Address("239.1.2.3:5004")}));
  const test::Bytes packet = source_.NextFrame(Worker::Now())[0].bytes;
  Send(*socket, a->local_rtp(), {std::string(packet.begin(), packet.end())});
  EXPECT_TRUE(RunUntil([&] { return receiver->active(); }));
}

// Row 40 of the hostile inputs: nobody listens, and the kernel says so by ICMP. It is no reason to
// stop, and when somebody listens again, they get what is sent.
TEST_F(PlainTransportHostTest, RefusedSendsAreSurvived) {
  auto a = Make();
  RecordingReceiver peer;
  auto socket = Bind(*worker_, &peer);
  const SocketAddress address = socket->local_address();
  socket.reset();
  ASSERT_TRUE(a->Connect({.rtp = address}));
  LocalIngress ingress(&pool_, Vp8Codec());
  ingress.SetSink(a->transport().AddSender({.codec = Vp8Codec()}).value());
  for (int i = 0; i < 50; ++i) {
    Push(&ingress);
    worker_->RunOnce(TimeDelta::Zero());
  }
  UdpSocketOptions options;
  options.local = address;
  auto again = UdpSocket::Create(*worker_, options, &peer);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(RunUntil([&] {
    Push(&ingress);
    return peer.datagrams.size() >= 30;
  }));
}

TEST_F(PlainTransportHostTest, TimersDoNotSpin) {
  auto a = Make();
  auto b = Make();
  ASSERT_TRUE(a->Connect({.rtp = b->local_rtp()}));
  LocalIngress ingress(&pool_, Vp8Codec());
  ingress.SetSink(a->transport().AddSender({.codec = Vp8Codec()}).value());
  Push(&ingress);
  worker_->RunOnce(TimeDelta::Millis(30));
  for (int i = 0; i < 5; ++i) {
    worker_->RunOnce(TimeDelta::Millis(50));
    EXPECT_GT(a->transport().NextDeadline(), worker_->batch_time());
  }
}

// A network namespace with two addresses more on its loopback, for the sockets of this thread.
class TwoAddresses : public PlainTransportHostTest {
 protected:
  void Run(const std::function<void()>& test) {
    std::string problem;
    std::thread([&] {
      if (unshare(CLONE_NEWNET) != 0) {
        problem = std::string("no network namespace: ") + std::strerror(errno);
      } else if (std::system("ip link set lo up && ip address add 10.77.0.1/32 dev lo && "
                             "ip address add 10.77.0.2/32 dev lo") != 0) {
        problem = "the ip command failed";
      } else {
        worker_ = MakeWorker();
        test();
        worker_.reset();
      }
    }).join();
    if (!problem.empty()) GTEST_SKIP() << problem;
  }
};

TEST_F(TwoAddresses, APeerIsAnsweredFromTheAddressThatItAsked) {
  Run([this] {
    PlainTransportHostOptions options;
    options.rtp.local = Address("0.0.0.0");
    auto host = Make(options);
    RecordingReceiver peer;
    auto socket = Bind(*worker_, &peer, "10.77.0.1");
    ASSERT_TRUE(host->Connect({.rtp = socket->local_address()}));
    RtpReceiver* receiver = host->transport().AddReceiver({.codec = Vp8Codec()}).value();
    LocalIngress ingress(&pool_, Vp8Codec());
    ingress.SetSink(host->transport().AddSender({.codec = Vp8Codec()}).value());
    // Before it has asked, routing decides.
    Push(&ingress);
    EXPECT_TRUE(RunUntil([&] { return peer.datagrams.size() >= 3; }));
    EXPECT_EQ(peer.datagrams.back().from, Address("10.77.0.1:" + Port(*host)));
    for (const char* asked : {"10.77.0.2:", "10.77.0.1:", "127.0.0.1:"}) {
      const SocketAddress to = Address(asked + Port(*host));
      const uint64_t before = receiver->Stats(Worker::Now()).stream.packets;
      const test::Bytes packet = source_.NextFrame(Worker::Now())[0].bytes;
      Send(*socket, to, {std::string(packet.begin(), packet.end())});
      EXPECT_TRUE(RunUntil([&] { return receiver->Stats(Worker::Now()).stream.packets > before; }))
          << asked;
      peer.datagrams.clear();
      Push(&ingress);
      EXPECT_TRUE(RunUntil([&] { return peer.datagrams.size() >= 3; }));
      for (const auto& datagram : peer.datagrams) EXPECT_EQ(datagram.from, to);
    }
  });
}

}  // namespace
}  // namespace sfu
