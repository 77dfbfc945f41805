// One DTLS session of ours on a UDP socket of the loopback, for dtls_test.py.
//
//   dtls_peer server|client PORT FINGERPRINT
//
// PORT is its own as the server (0: any), the peer's as the client; FINGERPRINT the peer's,
// sha-256. It says line by line what happens, sends back what comes as data, and ends with the
// association.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "dtls/dtls_session.h"

namespace sfu {
namespace {

Timestamp Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Timestamp::FromNanos(now.tv_sec * 1'000'000'000 + now.tv_nsec);
}

std::string Hex(ByteView bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    std::array<char, 3> digits;
    std::snprintf(digits.data(), digits.size(), "%02X", byte);
    text += digits.data();
  }
  return text;
}

class Peer : public DtlsSessionListener {
 public:
  Peer(std::shared_ptr<const DtlsContext> context, int socket)
      : socket_(socket), session_(std::move(context), {}, this) {}

  // Until the association has ended.
  int Run(const DtlsParameters& remote) {
    const Status connected = session_.Connect(remote, Now());
    if (!connected.ok()) {
      std::printf("error %s\n", connected.error().ToString().c_str());
      return 1;
    }
    session_.Start(Now());
    while (session_.state() != DtlsState::kClosed && session_.state() != DtlsState::kFailed) Turn();
    return session_.state() == DtlsState::kClosed ? 0 : 1;
  }
  // Where it sends to; otherwise to whoever has sent last.
  void set_remote(const sockaddr_in& remote) { remote_ = remote; }

  void SendDtls(ByteView datagram) override {
    (void)sendto(socket_, datagram.data(), datagram.size(), 0,
                 reinterpret_cast<const sockaddr*>(&remote_), sizeof(remote_));
  }
  void OnDtlsData(ByteView data) override {
    std::printf("data %s\n", Hex(data).c_str());
    if (std::string_view(reinterpret_cast<const char*>(data.data()), data.size()) == "close\n") {
      session_.Close();
      return;
    }
    if (!session_.SendData(data)) std::printf("error not sent\n");
  }
  void OnDtlsStateChange(DtlsState state) override {
    std::printf("state %s\n", std::string(DtlsStateName(state)).c_str());
    if (const auto keys = session_.TakeSrtpKeys()) PrintKeys(*keys);
  }

 private:
  void Turn() {
    const Timestamp deadline = session_.NextDeadline();
    pollfd ready = {socket_, POLLIN, 0};
    const int64_t wait = deadline.is_never() ? 1000 : (deadline - Now()).ms() + 1;
    if (poll(&ready, 1, static_cast<int>(std::max<int64_t>(wait, 0))) > 0) {
      std::array<uint8_t, 2000> buffer;
      socklen_t size = sizeof(remote_);
      const ssize_t received = recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                        reinterpret_cast<sockaddr*>(&remote_), &size);
      if (received > 0) {
        session_.Receive(ByteView(buffer).first(static_cast<size_t>(received)), Now());
      }
    }
    session_.HandleTimeout(Now());
  }
  // In the order of the exporter: client key, server key, client salt, server salt.
  void PrintKeys(const DtlsSrtpSessionKeys& keys) {
    const bool client = session_.role() == DtlsRole::kClient;
    const SrtpKey& first = client ? keys.send : keys.receive;
    const SrtpKey& second = client ? keys.receive : keys.send;
    std::printf("suite %s\nkeys %s%s%s%s\n", std::string(first.info().name).c_str(),
                Hex(first.key()).c_str(), Hex(second.key()).c_str(), Hex(first.salt()).c_str(),
                Hex(second.salt()).c_str());
  }

  const int socket_;
  sockaddr_in remote_{};
  DtlsSession session_;
};

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int Main(bool server, uint16_t port, const std::string& fingerprint) {
  const int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in local = Loopback(server ? port : 0);
  socklen_t size = sizeof(local);
  if (bind(socket_fd, reinterpret_cast<const sockaddr*>(&local), size) != 0 ||
      getsockname(socket_fd, reinterpret_cast<sockaddr*>(&local), &size) != 0) {
    std::perror("dtls_peer");
    return 1;
  }
  const auto certificate = DtlsCertificate::Generate().value();
  Peer peer(DtlsContext::Create(certificate).value(), socket_fd);
  if (!server) peer.set_remote(Loopback(port));
  std::printf("fingerprint %s\nport %d\n", certificate->fingerprints()[2].value.c_str(),
              ntohs(local.sin_port));
  const DtlsRole remote_role = server ? DtlsRole::kClient : DtlsRole::kServer;
  const int result = peer.Run({remote_role, {{"sha-256", fingerprint}}});
  close(socket_fd);
  return result;
}

}  // namespace
}  // namespace sfu

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: dtls_peer server|client PORT FINGERPRINT\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // whoever reads it waits for lines
  const auto port = static_cast<uint16_t>(std::strtoul(argv[2], nullptr, 10));
  return sfu::Main(std::string(argv[1]) == "server", port, argv[3]);
}
