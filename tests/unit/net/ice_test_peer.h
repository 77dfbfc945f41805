// A peer of a shared ICE port for the tests of net/: an observer that remembers, a TCP client.
#pragma once

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <functional>
#include <string>
#include <vector>

#include "ice/ice_session.h"
#include "ice/tcp_framing.h"
#include "net/sockaddr.h"
#include "net_test_util.h"
#include "tests/support/stun_builder.h"

namespace sfu {

// Sends back all media that it gets.
class EchoObserver : public IceObserver {
 public:
  void OnIceState(IceState new_state, Timestamp) override { state = new_state; }
  void OnIceSelectedTuple(const std::optional<IceTuple>& new_tuple, Timestamp) override {
    tuple = new_tuple;
  }
  void OnDtls(MutableBytes datagram, const IceTuple&, Timestamp) override {
    dtls.emplace_back(datagram.begin(), datagram.end());
  }
  void OnMedia(std::span<ReceivedDatagram> datagrams, const IceTuple&, Timestamp) override {
    std::vector<std::string> all;
    for (const ReceivedDatagram& d : datagrams) all.emplace_back(d.bytes.begin(), d.bytes.end());
    received += all.size();
    if (session != nullptr) Send(session->sender(), {}, all);
  }
  void OnDatagramsDone(Timestamp) override {}

  IceSession* session = nullptr;
  IceState state = IceState::kNew;
  std::optional<IceTuple> tuple;
  std::vector<std::string> dtls;
  size_t received = 0;
};

inline std::string CheckFor(const IceSession& session, uint64_t transaction,
                            bool use_candidate = true) {
  const IceParameters& local = session.local_parameters();
  const auto bytes = test::MakeCheck(local.username_fragment, local.password, transaction,
                                     {.use_candidate = use_candidate});
  return {bytes.begin(), bytes.end()};
}

// Rounds until `done`, at most for five seconds.
inline bool RunUntil(Worker& worker, const std::function<bool()>& done) {
  const Timestamp give_up = Worker::Now() + TimeDelta::Seconds(5);
  while (Worker::Now() < give_up) {
    if (done()) return true;
    worker.RunOnce(TimeDelta::Millis(5));
  }
  return false;
}

class TcpClient {
 public:
  // `from`: our own address, if it matters.
  explicit TcpClient(const SocketAddress& server, const SocketAddress& from = {})
      : fd_(socket(server.is_ipv6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    KernelAddress address{};
    if (from.is_set()) {
      const socklen_t own_size = ToKernel(from, server.is_ipv6(), &address);
      EXPECT_EQ(bind(fd_.get(), &address.any, own_size), 0);
    }
    const socklen_t size = ToKernel(server, server.is_ipv6(), &address);
    connected_ = connect(fd_.get(), &address.any, size) == 0;
    const int on = 1;
    setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fcntl(fd_.get(), F_SETFL, O_NONBLOCK);
  }

  bool connected() const { return connected_; }
  bool SendRaw(std::string_view bytes) {
    return send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  bool Send(std::string_view datagram) {
    std::string frame = {static_cast<char>(datagram.size() >> 8),
                         static_cast<char>(datagram.size() & 0xff)};
    return SendRaw(frame.append(datagram));
  }
  // What has come since the last call.
  std::vector<std::string> Receive() {
    std::vector<std::string> datagrams;
    std::vector<uint8_t> bytes(65536);
    for (;;) {
      const ssize_t size = recv(fd_.get(), bytes.data(), bytes.size(), 0);
      if (size <= 0) {
        closed_ = closed_ || size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
        return datagrams;
      }
      std::vector<MutableBytes> frames;
      deframer_.Push(MutableBytes(bytes).first(static_cast<size_t>(size)), &frames);
      for (const MutableBytes frame : frames) datagrams.emplace_back(frame.begin(), frame.end());
    }
  }
  // True when the server has closed the connection.
  bool IsClosed() {
    Receive();
    return closed_;
  }

 private:
  FileDescriptor fd_;
  StreamDeframer deframer_;
  bool connected_ = false;
  bool closed_ = false;
};

}  // namespace sfu
