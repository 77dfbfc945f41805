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
#include <cstdio>
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
#include "tests/support/stun_builder.h"

namespace sfu {
namespace {

using bench::Datagrams;

RtpCodec Video() {
  RtpCodec codec;
  codec.id = CodecId::kVp8;
  codec.payload_type = 96;
  codec.rtx_payload_type = 97;
  codec.feedback.nack = codec.feedback.nack_pli = true;
  return codec;
}

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
    const bool ok = transport.AddReceiver({.codec = Video()}).ok() &&
                    transport.AddSender({.codec = Video()}).ok() &&
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

  TimeDelta our_cpu;
  TimeDelta bare_cpu;
  bool ok = true;
  for (int i = -setups / 10; i < setups; ++i) {
    if (i == 0) our_cpu = bare_cpu = TimeDelta();  // warm now
    ok &= bench::ShakeHands(client_context.get(), &our_cpu, [&] {
      return std::make_unique<WebRtcSide>(room, remote, client.get());
    });
    ok &= bench::ShakeHands(client_context.get(), &bare_cpu, [&] {
      return std::make_unique<bench::BareServer>(bare_context.get());
    });
  }
  const double our_rate = setups / our_cpu.seconds();
  const double bare_rate = setups / bare_cpu.seconds();
  std::printf(
      "{\"bench\":\"webrtc_setup\",\"setups\":%d,\"per_cpu_second\":%.0f,"
      "\"bare_per_cpu_second\":%.0f,\"ratio\":%.3f}\n",
      setups, our_rate, bare_rate, our_rate / bare_rate);
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace sfu

int main(int argc, char** argv) {
  return sfu::Run(argc > 1 ? std::max(10, std::atoi(argv[1])) : 3000);
}
