// What the kernel may answer to a send, given by hand: the calls of this program stand in front of
// libc's. Which errors a real network gives, network_faults_test.cc shows; here, that each of them
// at any message costs that message only, and no call more than it must.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "net_test_util.h"

namespace {

// Errors of the next calls that send, one each; 0 lets a call through. Each test is one thread.
thread_local std::vector<int>* scripted = nullptr;
thread_local int calls = 0;

// The error of this call, or 0.
int NextError() {
  if (scripted == nullptr) return 0;
  const auto call = static_cast<size_t>(calls++);
  return call < scripted->size() ? (*scripted)[call] : 0;
}

}  // namespace

extern "C" int sendmmsg(int fd, mmsghdr* messages, unsigned int count, int flags) {
  if (const int error = NextError(); error != 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_sendmmsg, fd, messages, count, flags));
}

extern "C" ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (const int error = NextError(); error != 0) {
    errno = error;
    return -1;
  }
  return syscall(SYS_sendmsg, fd, message, flags);
}

namespace sfu {
namespace {

class SendErrors : public testing::TestWithParam<bool> {
 protected:
  SendErrors() {
    NetFeatures allowed;
    allowed.sendmmsg = GetParam();
    worker_ = MakeWorker(allowed);
    sender_ = Bind(*worker_, nullptr);
    peer_ = Bind(*worker_, &received_);
  }
  void SetUp() override {
    if (!sender_->PrefersEqualSizes()) GTEST_SKIP() << "no UDP GSO: each datagram is a message";
  }

  // Sends three messages, of 3, 2 and 1 datagrams (each larger than those before, so that they do
  // not become one), while the kernel answers with `errors`. Returns what arrived of them.
  std::vector<std::string> SendThree(std::vector<int> errors) {
    received_.datagrams.clear();
    const uint64_t before = counters().datagrams;
    for (const size_t size : {80, 90, 100}) {
      Send(*sender_, peer_->local_address(), MakeDatagrams((110 - size) / 10, size));
    }
    scripted = &errors;
    calls = 0;
    worker_->RunOnce(TimeDelta::Zero());
    scripted = nullptr;
    RunUntilReceived(*worker_, received_, counters().datagrams - before);
    return received_.Bytes();
  }
  const SendCounters& counters() const { return sender_->send_counters(); }

  std::unique_ptr<Worker> worker_;
  RecordingReceiver received_;
  UdpSocket::Ptr sender_;
  UdpSocket::Ptr peer_;
};

INSTANTIATE_TEST_SUITE_P(, SendErrors, testing::Bool(),
                         [](const auto& mode) { return mode.param ? "sendmmsg" : "sendmsg"; });

// ENOBUFS: an interface's queue is full. It may have room again for the next message.
TEST_P(SendErrors, OneMessageWithoutBuffersIsOneMessageLost) {
  for (const int error : {ENOBUFS, ENOMEM, EPERM, ENETUNREACH, EHOSTUNREACH, ENETDOWN}) {
    const SendCounters before = counters();
    EXPECT_EQ(SendThree({error}).size(), 3u) << error;
    EXPECT_EQ(counters().failed - before.failed, 3u) << error;
    EXPECT_EQ(counters().not_permitted - before.not_permitted, error == EPERM ? 3u : 0u);
    EXPECT_LE(calls, 3) << error;
  }
}

// All of them, for as long as it may: no call is repeated, and the next batch goes out.
TEST_P(SendErrors, AnErrorThatLastsIsNoLoop) {
  for (const int error : {ENOBUFS, EPERM, EINTR, ECONNREFUSED, EIO, EINVAL}) {
    const uint64_t failed = counters().failed;
    SendThree(std::vector<int>(1000, error));
    EXPECT_EQ(counters().failed, failed + 6) << error;
    // EINTR and ECONNREFUSED are tried twice; what may mean "no segmentation", datagram by
    // datagram.
    EXPECT_LE(calls, 9) << error;
  }
  EXPECT_TRUE(received_.datagrams.empty());
  EXPECT_EQ(SendThree({}).size(), 6u);
}

// EAGAIN means for every message of the socket that there is no room.
TEST_P(SendErrors, AFullBufferIsAskedOnce) {
  SendThree(std::vector<int>(1000, EAGAIN));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(counters().failed, 6u);
  EXPECT_EQ(sender_->drops()[DropReason::kSendFailed], 6u);
  EXPECT_EQ(SendThree({}).size(), 6u);
}

// A signal, and the error of an earlier datagram that ICMP has brought.
TEST_P(SendErrors, WhatConcernsNoMessageCostsNone) {
  for (const int error : {EINTR, ECONNREFUSED}) {
    EXPECT_EQ(SendThree({error}).size(), 6u) << error;
  }
  EXPECT_EQ(counters().failed, 0u);
  EXPECT_EQ(counters().refused, 1u);
}

}  // namespace
}  // namespace sfu
