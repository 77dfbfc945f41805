// A browser on a real UDP socket: our own DTLS client and RTP session over the tests' ICE.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "net/plain_transport_host.h"
#include "net_test_util.h"
#include "tests/unit/transport/client_ice.h"
#include "transport/webrtc_transport.h"

namespace sfu {

inline std::shared_ptr<const DtlsContext> NewDtlsContext() {
  return DtlsContext::Create(DtlsCertificate::Generate().value()).value();
}

class WebRtcPeer : private DatagramReceiver {
 public:
  // Will talk to `server` at `at`.
  WebRtcPeer(Worker& worker, RtpPacketPool* pool, const WebRtcTransport& server,
             const SocketAddress& at)
      : context_(NewDtlsContext()),
        socket_(Bind(worker, this)),
        timer_(worker.timers(), [this](Timestamp now) { OnTimer(now); }) {
    RtpSessionEnvironment environment;
    environment.pool = pool;
    environment.seed = 99;
    environment.ntp = ReadNtpClock();
    environment.wakeup = [this](Timestamp when) { timer_.Arm(std::min(when, timer_.deadline())); };
    const auto make = [&](IceObserver& observer) -> Result<std::unique_ptr<IceSession>> {
      auto ice = std::make_unique<test::ClientIce>(
          IceTuple{IceProtocol::kUdp, socket_->local_address(), at}, server.ice_parameters(),
          observer, [this](ByteView datagram, const IceTuple& tuple) { Send(datagram, tuple); });
      ice_ = ice.get();
      return std::unique_ptr<IceSession>(std::move(ice));
    };
    transport_ = WebRtcTransport::Create({}, environment, context_, make, nullptr).value();
    EXPECT_TRUE(transport_->Connect(server.dtls_parameters(), Worker::Now()).ok());
    ice_->Begin(Worker::Now());
    timer_.Arm(Worker::Now());
  }

  WebRtcTransport& transport() { return *transport_; }
  test::ClientIce& ice() { return *ice_; }
  // Whether it drops all DTLS that it gets.
  void set_deaf_to_dtls(bool deaf) { deaf_to_dtls_ = deaf; }
  // The next check has become due.
  void RunTimerNow() { timer_.Arm(Worker::Now()); }
  // What the server is to be told.
  DtlsParameters parameters() const {
    return {DtlsRole::kClient, context_->certificate().fingerprints()};
  }

 private:
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
  test::ClientIce* ice_ = nullptr;  // the transport's
  bool deaf_to_dtls_ = false;
};

}  // namespace sfu
