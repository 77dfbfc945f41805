// What it costs a Worker to bring a WebRTC transport up and down again, beside the DTLS handshake
// of bare OpenSSL alone: one JSON line.
//
// A client on a UDP socket checks the path, shakes hands by bare OpenSSL, and the transport (with a
// stream in each direction) is closed and destroyed. The CPU time that the server's side spends
// counts, sockets, timers and random numbers included; the client's does not. Targets: 1200 per
// CPU-second, and 65 % of what bare OpenSSL does. Arguments: [set-ups].
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "handshake.h"
#include "net/entropy.h"
#include "net/file_descriptor.h"
#include "net/plain_transport_host.h"
#include "net/sockaddr.h"
#include "net/webrtc_transport_host.h"
#include "tests/support/media.h"
#include "tests/support/stun_builder.h"

namespace sfu {
namespace {

using bench::Datagrams;

// What a Worker has once.
struct Room {
  std::unique_ptr<Worker> worker = Worker::Create().value();
  std::unique_ptr<WebRtcServer> server;
  std::shared_ptr<const DtlsContext> context;
  RtpPacketPool pool;
  NtpClock ntp = ReadNtpClock();
  uint64_t transactions = 0;
};

class WebRtcSide : public bench::HandshakeServer {
 public:
  WebRtcSide(Room& room, const DtlsParameters& remote, int client_fd)
      : room_(room), client_fd_(client_fd) {
    host_ = WebRtcTransportHost::Create(*room.worker, {}, room.server.get(), room.context,
                                        &room.pool, EntropySeed(), room.ntp, nullptr)
                .value();
    WebRtcTransport& transport = host_->transport();
    const bool ok = transport.AddReceiver({.codec = test::Vp8Codec(true)}).ok() &&
                    transport.AddSender({.codec = test::Vp8Codec(true)}).ok() &&
                    transport.Connect(remote, Worker::Now()).ok();
    if (!ok) std::abort();
  }

  void Give(Datagrams datagrams) override {
    if (!checked_) {
      checked_ = true;
      const IceParameters& ice = host_->transport().ice_parameters();
      Send(test::MakeCheck(ice.username_fragment, ice.password, ++room_.transactions,
                           {.use_candidate = true}));
    }
    for (const auto& datagram : datagrams) Send(datagram);
  }
  void Run() override { room_.worker->RunOnce(TimeDelta::Zero()); }
  Datagrams Take() override {
    Datagrams datagrams;
    std::array<uint8_t, 2048> bytes;
    for (;;) {
      const ssize_t size = recv(client_fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (size <= 0) return datagrams;
      const ByteView datagram = ByteView(bytes).first(static_cast<size_t>(size));
      if (ClassifyDatagram(datagram) != DatagramKind::kDtls) continue;
      datagrams.emplace_back(datagram.begin(), datagram.end());
    }
  }
  bool Finish() override { return host_->transport().connected(); }

 private:
  void Send(ByteView datagram) const { send(client_fd_, datagram.data(), datagram.size(), 0); }

  Room& room_;
  const int client_fd_;
  bool checked_ = false;
  std::unique_ptr<WebRtcTransportHost> host_;
};

FileDescriptor NewClientSocket(const WebRtcServer& server) {
  FileDescriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto& announced = server.addresses()[0];
  KernelAddress to{};
  const socklen_t size =
      ToKernel(*SocketAddress::ParseIp(announced.address, announced.port), false, &to);
  if (connect(fd.get(), &to.any, size) != 0) std::abort();
  return fd;
}

int Run(int setups) {
  Room room;
  IceListenOptions listen;
  listen.local = *SocketAddress::ParseIp("127.0.0.1");
  room.server = WebRtcServer::Create(*room.worker, {listen}).value();
  const auto ours = DtlsCertificate::Generate().value();
  const auto theirs = DtlsCertificate::Generate().value();
  room.context = DtlsContext::Create(ours).value();
  const DtlsParameters remote = {DtlsRole::kClient, theirs->fingerprints()};
  const auto bare_context = test::NewBareDtlsContext({.server = true, .certificate = ours.get()});
  const auto client_context = test::NewBareDtlsContext({.certificate = theirs.get()});
  const FileDescriptor client = NewClientSocket(*room.server);

  return bench::CompareWithBare(
      "webrtc_setup", "setups", setups, client_context.get(),
      [&] { return std::make_unique<WebRtcSide>(room, remote, client.get()); }, bare_context.get());
}

}  // namespace
}  // namespace sfu

int main(int argc, char** argv) {
  return sfu::Run(argc > 1 ? std::max(10, std::atoi(argv[1])) : 3000);
}
