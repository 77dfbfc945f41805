// TCP connections that misbehave: silent, slow, too many, malformed.
#include "net/tcp_listener.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "ice/ice_lite_session.h"
#include "ice_test_peer.h"

namespace sfu {
namespace {

class TcpListenerTest : public ::testing::Test {
 protected:
  void Listen(const TcpLimits& limits = {}) {
    TcpListenOptions options;
    options.local = Address("127.0.0.1");
    options.send_buffer_size = 16 * 1024;
    auto listener = TcpListener::Create(*worker_, options, demux_, limits);
    ASSERT_TRUE(listener.ok()) << listener.error().ToString();
    listener_ = std::move(listener).value();
  }
  std::unique_ptr<TcpClient> Connect(const SocketAddress& from = {}) {
    return std::make_unique<TcpClient>(listener_->local_address(), from);
  }
  // A connection on which a valid check was answered.
  std::unique_ptr<TcpClient> ConnectValid() {
    auto client = Connect();
    EXPECT_TRUE(client->Send(CheckFor(*session_, ++transaction_)));
    EXPECT_TRUE(RunUntil(*worker_, [&] { return !client->Receive().empty(); }));
    return client;
  }
  static std::unique_ptr<IceLiteSession> MakeSession(IceDemux& demux, EchoObserver& observer) {
    IceLiteOptions options;
    options.credentials = {"abcd", "PasswordOf24Characters00"};
    auto session = IceLiteSession::Create(demux, options, observer).value();
    observer.session = session.get();
    return session;
  }

  std::unique_ptr<Worker> worker_ = MakeWorker();
  IceDemux demux_{SipKey{1, 2}};
  std::unique_ptr<TcpListener> listener_;
  EchoObserver observer_;
  std::unique_ptr<IceLiteSession> session_ = MakeSession(demux_, observer_);
  uint64_t transaction_ = 0;
};

TEST_F(TcpListenerTest, TakesAStreamInAnyPieces) {
  Listen();
  auto client = Connect();
  std::string stream;
  for (const std::string& datagram :
       {CheckFor(*session_, 1), std::string("\x80one"), std::string(2000, 'x'), std::string(),
        CheckFor(*session_, 2), std::string("\x80two")}) {
    stream += static_cast<char>(datagram.size() >> 8);
    stream += static_cast<char>(datagram.size() & 0xff);
    stream += datagram;
  }
  std::vector<std::string> got;
  for (const char byte : stream) {
    ASSERT_TRUE(client->SendRaw({&byte, 1}));
    worker_->RunOnce(TimeDelta::Zero());
  }
  EXPECT_TRUE(RunUntil(*worker_, [&] {
    for (std::string& datagram : client->Receive()) got.push_back(std::move(datagram));
    return got.size() == 4;
  }));
  EXPECT_EQ(std::ranges::count(got, "\x80one"), 1);
  EXPECT_EQ(std::ranges::count(got, "\x80two"), 1);
  EXPECT_EQ(listener_->drops()[DropReason::kTooBig], 1u);
  EXPECT_EQ(listener_->drops()[DropReason::kBadFrame], 1u);
}

TEST_F(TcpListenerTest, ClosesConnectionsThatProveNothing) {
  TcpLimits limits;
  limits.wait = TimeDelta::Millis(400);
  limits.sweep = TimeDelta::Millis(10);
  Listen(limits);
  auto valid = ConnectValid();
  auto silent = Connect();
  auto stalled = Connect();
  ASSERT_TRUE(
      stalled->SendRaw("\xff\xff"
                       "begun"));
  auto wrong = Connect();
  ASSERT_TRUE(wrong->Send("\x80rtp"));
  EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->connection_count() == 4; }));
  EXPECT_EQ(listener_->waiting_count(), 3u);
  EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->connection_count() == 1; }));
  EXPECT_TRUE(silent->IsClosed());
  EXPECT_TRUE(stalled->IsClosed());
  EXPECT_TRUE(wrong->IsClosed());
  EXPECT_FALSE(valid->IsClosed());
  EXPECT_EQ(listener_->counters().closed_waiting, 3u);
  EXPECT_EQ(demux_.drops()[DropReason::kUnknownSource], 1u);
  // The connections go with their session.
  session_.reset();
  EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->connection_count() == 0; }));
}

TEST_F(TcpListenerTest, KeepsSoManyUnprovenConnectionsAndDropsTheOldest) {
  TcpLimits limits;
  limits.waiting = 8;
  Listen(limits);
  auto valid = ConnectValid();
  std::vector<std::unique_ptr<TcpClient>> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(Connect());
  EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->counters().accepted == 31; }));
  EXPECT_EQ(listener_->waiting_count(), 8u);
  EXPECT_EQ(listener_->counters().closed_waiting, 22u);
  EXPECT_TRUE(clients[21]->IsClosed());
  EXPECT_FALSE(clients[22]->IsClosed());
  EXPECT_FALSE(valid->IsClosed());
}

// Who comes first, and is slow to prove himself, stays.
TEST_F(TcpListenerTest, AFloodFromOneAddressKeepsNobodyElseOut) {
  TcpLimits limits;
  limits.waiting = 8;
  Listen(limits);
  auto honest = Connect();
  auto another = Connect(Address("127.0.0.3"));
  std::vector<std::unique_ptr<TcpClient>> flood;
  for (int i = 0; i < 30; ++i) flood.push_back(Connect(Address("127.0.0.2")));
  EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->counters().accepted == 32; }));
  EXPECT_EQ(listener_->waiting_count(), 8u);
  EXPECT_TRUE(flood[23]->IsClosed());
  EXPECT_FALSE(flood[24]->IsClosed());
  EXPECT_FALSE(another->IsClosed());
  ASSERT_TRUE(honest->Send(CheckFor(*session_, ++transaction_)));
  EXPECT_TRUE(RunUntil(*worker_, [&] { return !honest->Receive().empty(); }));
  // Its place among those who wait is free.
  EXPECT_EQ(listener_->waiting_count(), 7u);
  flood.push_back(Connect(Address("127.0.0.2")));
  EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->waiting_count() == 8; }));
  EXPECT_FALSE(flood[24]->IsClosed());
}

TEST_F(TcpListenerTest, RefusesConnectionsBeyondTheLimit) {
  TcpLimits limits;
  limits.connections = 2;
  Listen(limits);
  auto valid = ConnectValid();
  auto second = Connect();
  auto third = Connect();
  EXPECT_TRUE(RunUntil(*worker_, [&] { return third->IsClosed(); }));
  EXPECT_EQ(listener_->counters().refused, 1u);
  EXPECT_FALSE(second->IsClosed());
}

TEST_F(TcpListenerTest, ASlowReaderLosesPacketsAndIsGivenUp) {
  TcpLimits limits;
  limits.stall = TimeDelta::Millis(400);
  limits.sweep = TimeDelta::Millis(10);
  Listen(limits);
  auto client = ConnectValid();
  // It reads nothing. Whatever is sent, so much waits and no more.
  const std::string datagram(1200, 'x');
  for (int i = 0; i < 60; ++i) {
    Send(session_->sender(), {}, std::vector<std::string>(50, datagram));
    worker_->RunOnce(TimeDelta::Zero());
  }
  EXPECT_GT(listener_->drops()[DropReason::kQueueFull], 500u);
  EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->connection_count() == 0; }));
  EXPECT_EQ(listener_->counters().closed_stalled, 1u);
  EXPECT_EQ(session_->state(), IceState::kDisconnected);
  EXPECT_TRUE(session_->sender().Reserve(100).empty());
}

TEST_F(TcpListenerTest, WritesTheRestWhenTheReaderGoesOn) {
  Listen();
  auto client = ConnectValid();
  const auto datagrams = MakeDatagrams(150, 1200);
  Send(session_->sender(), {}, std::vector<std::string>(datagrams.begin(), datagrams.begin() + 50));
  Send(session_->sender(), {},
       std::vector<std::string>(datagrams.begin() + 50, datagrams.begin() + 100));
  worker_->RunOnce(TimeDelta::Zero());
  Send(session_->sender(), {}, std::vector<std::string>(datagrams.begin() + 100, datagrams.end()));
  std::vector<std::string> got;
  EXPECT_TRUE(RunUntil(*worker_, [&] {
    for (std::string& datagram : client->Receive()) got.push_back(std::move(datagram));
    return got.size() == datagrams.size();
  }));
  EXPECT_EQ(got, datagrams);
  EXPECT_EQ(listener_->drops().Total(), 0u);
}

// Lowers the number of descriptors that the process may have, for as long as it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = limit;
    setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(TcpListenerTest, WaitsWhenDescriptorsHaveRunOut) {
  Listen();
  auto client = Connect();
  {
    const DescriptorLimit none(0);
    EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->counters().refused == 1; }));
    // It is left alone for a while, and the loop rests.
    for (int i = 0; i < 5; ++i) worker_->RunOnce(TimeDelta::Millis(10));
    EXPECT_EQ(listener_->counters().refused, 1u);
  }
  EXPECT_TRUE(RunUntil(*worker_, [&] { return listener_->counters().accepted == 1; }));
}

TEST(TcpListen, ErrorsNameTheOption) {
  const auto error_of = [](const TcpListenOptions& options) {
    const auto fd = ListenTcp(options);
    return fd.ok() ? std::string("none") : fd.error().field;
  };
  TcpListenOptions good;
  good.local = Address("127.0.0.1");
  EXPECT_EQ(error_of(good), "none");
  EXPECT_EQ(error_of({}), "local");
  TcpListenOptions wrong = good;
  wrong.send_buffer_size = -1;
  EXPECT_EQ(error_of(wrong), "send_buffer_size");
  wrong = good;
  wrong.recv_buffer_size = -1;
  EXPECT_EQ(error_of(wrong), "recv_buffer_size");
  TcpListenOptions range = good;
  range.local = Address("127.0.9.1");
  range.min_port = 42'000;
  range.max_port = 42'001;
  const auto first = ListenTcp(range);
  const auto second = ListenTcp(range);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(error_of(range), "min_port");
  range.local.set_port(42'000);
  EXPECT_EQ(error_of(range), "local");
}

}  // namespace
}  // namespace sfu
