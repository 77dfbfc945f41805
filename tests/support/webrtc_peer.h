// A browser on a real UDP socket: our own DTLS client and RTP session over the tests' ICE.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "net/plain_transport_host.h"
#include "net/udp_socket.h"
#include "net/worker.h"
#include "tests/support/client_ice.h"
#include "transport/webrtc_transport.h"

namespace sfu::test {

inline std::shared_ptr<const DtlsContext> NewDtlsContext() {
  return DtlsContext::Create(DtlsCertificate::Generate().value()).value();
}

// Belongs to the Worker's thread.
class WebRtcPeer : private DatagramReceiver {
 public:
  // What a server has signalled.
  struct Server {
    IceParameters ice;
    DtlsParameters dtls;
    SocketAddress address;
  };

  // `listener` may be null.
  WebRtcPeer(Worker& worker, RtpPacketPool* pool, const Server& server,
             WebRtcTransportListener* listener = nullptr)
      : context_(NewDtlsContext()),
        socket_(Bind(worker, this)),
        timer_(worker.timers(), [this](Timestamp now) { OnTimer(now); }) {
    RtpSessionEnvironment environment;
    environment.pool = pool;
    environment.seed = 99;
    environment.ntp = ReadNtpClock();
    environment.wakeup = [this](Timestamp when) { timer_.Arm(std::min(when, timer_.deadline())); };
    const auto make = [&](IceObserver& observer) -> Result<std::unique_ptr<IceSession>> {
      auto ice = std::make_unique<ClientIce>(
          IceTuple{IceProtocol::kUdp, socket_->local_address(), server.address}, server.ice,
          observer, [this](ByteView datagram, const IceTuple& tuple) { Send(datagram, tuple); });
      ice_ = ice.get();
      return std::unique_ptr<IceSession>(std::move(ice));
    };
    transport_ = WebRtcTransport::Create({}, environment, context_, make, listener).value();
    EXPECT_TRUE(transport_->Connect(server.dtls, Worker::Now()).ok());
    ice_->Begin(Worker::Now());
    timer_.Arm(Worker::Now());
  }

  WebRtcTransport& transport() { return *transport_; }
  ClientIce& ice() { return *ice_; }
  // Whether it drops all DTLS that it gets.
  void set_deaf_to_dtls(bool deaf) { deaf_to_dtls_ = deaf; }
  // The next check has become due.
  void RunTimerNow() { timer_.Arm(Worker::Now()); }
  // What the server is to be told.
  DtlsParameters parameters() const {
    return {DtlsRole::kClient, context_->certificate().fingerprints()};
  }

 private:
  static UdpSocket::Ptr Bind(Worker& worker, DatagramReceiver* receiver) {
    UdpSocketOptions options;
    options.local = *SocketAddress::ParseIp("127.0.0.1");
    return UdpSocket::Create(worker, options, receiver).value();
  }
  void OnDatagrams(std::span<ReceivedDatagram> datagrams, Timestamp now) override {
    std::vector<std::vector<uint8_t>> copies;
    for (const ReceivedDatagram& d : datagrams) {
      if (deaf_to_dtls_ && ClassifyDatagram(d.bytes) == DatagramKind::kDtls) continue;
      copies.emplace_back(d.bytes.begin(), d.bytes.end());
    }
    ice_->Receive(copies, now);
  }
  void Send(ByteView datagram, const IceTuple& tuple) {
    std::memcpy(socket_->Reserve(datagram.size()).data(), datagram.data(), datagram.size());
    const std::array<uint16_t, 1> sizes = {static_cast<uint16_t>(datagram.size())};
    socket_->Commit(tuple.remote, sizes);
  }
  void OnTimer(Timestamp now) {
    transport_->HandleTimeout(now);
    timer_.Arm(transport_->NextDeadline());
  }

  const std::shared_ptr<const DtlsContext> context_;
  const UdpSocket::Ptr socket_;
  Timer timer_;
  std::unique_ptr<WebRtcTransport> transport_;
  ClientIce* ice_ = nullptr;  // the transport's
  bool deaf_to_dtls_ = false;
};

}  // namespace sfu::test
