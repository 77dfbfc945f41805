// Plain transports that talk through emulated networks in virtual time.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "base/datagram.h"
#include "tests/support/network_emulator.h"
#include "transport/plain_transport.h"

namespace sfu::test {

inline SocketAddress Address(int host, uint16_t port) {
  return SocketAddress::Ipv4({10, 0, 0, static_cast<uint8_t>(host)}, port);
}

// A socket whose datagrams enter an emulated path.
class VirtualSocket : public DatagramSender {
 public:
  explicit VirtualSocket(const NetworkOptions& options) : path_(options) {}

  MutableBytes Reserve(size_t size) override {
    space_.resize(std::max(space_.size(), size));
    return MutableBytes(space_).first(size);
  }
  void Commit(const SocketAddress&, std::span<const uint16_t> sizes,
              const SocketAddress&) override {
    size_t offset = 0;
    for (const uint16_t size : sizes) {
      const ByteView datagram = ByteView(space_).subspan(offset, size);
      offset += size;
      ++sent_;
      if (ClassifyDatagram(datagram) == DatagramKind::kRtp) rtp_bytes_ += size;
      path_.Send(datagram, now_);
    }
  }
  bool PrefersEqualSizes() const override { return false; }

  void set_now(Timestamp now) { now_ = now; }
  NetworkEmulator& path() { return path_; }
  uint64_t sent() const { return sent_; }
  uint64_t rtp_bytes() const { return rtp_bytes_; }

 private:
  NetworkEmulator path_;
  std::vector<uint8_t> space_;
  Timestamp now_;
  uint64_t sent_ = 0;
  uint64_t rtp_bytes_ = 0;
};

// Two plain transports with rtcp-mux, joined by a path in each direction.
class VirtualLink {
 public:
  VirtualLink(const NetworkOptions& a_to_b, const NetworkOptions& b_to_a, RtpPacketPool* pool)
      : a_socket_(a_to_b), b_socket_(b_to_a) {
    a_ = Make(&a_socket_, pool, 1);
    b_ = Make(&b_socket_, pool, 2);
    (void)a_->Connect({.rtp = Address(2, 5004)});
    (void)b_->Connect({.rtp = Address(1, 5004)});
  }

  PlainTransport& a() { return *a_; }
  PlainTransport& b() { return *b_; }
  VirtualSocket& a_socket() { return a_socket_; }
  VirtualSocket& b_socket() { return b_socket_; }

  void SetNow(Timestamp now) {
    a_socket_.set_now(now);
    b_socket_.set_now(now);
  }
  Timestamp NextDeadline() const {
    return std::min(
        {a_->NextDeadline(), b_->NextDeadline(), a_path().NextDeadline(), b_path().NextDeadline()});
  }
  void Run(Timestamp now) {
    SetNow(now);
    Deliver(a_socket_.path(), *b_, Address(1, 5004), now);
    Deliver(b_socket_.path(), *a_, Address(2, 5004), now);
    if (a_->NextDeadline() <= now) a_->HandleTimeout(now);
    if (b_->NextDeadline() <= now) b_->HandleTimeout(now);
  }

 private:
  static std::unique_ptr<PlainTransport> Make(VirtualSocket* socket, RtpPacketPool* pool,
                                              uint64_t seed) {
    RtpSessionEnvironment environment;
    environment.pool = pool;
    environment.seed = seed;
    environment.ntp = NtpClock(Timestamp(), NtpTime::FromUnixNanos(1'700'000'000'000'000'000));
    return std::make_unique<PlainTransport>(PlainTransportOptions(), environment, socket, socket);
  }
  static void Deliver(NetworkEmulator& path, PlainTransport& to, const SocketAddress& from,
                      Timestamp now) {
    path.Poll(now, [&](ByteView packet, uint64_t) {
      std::vector<uint8_t> bytes(packet.begin(), packet.end());
      ReceivedDatagram datagram{bytes, from, {}};
      to.rtp_input().OnDatagrams(std::span(&datagram, 1), now);
    });
  }
  const NetworkEmulator& a_path() const { return const_cast<VirtualSocket&>(a_socket_).path(); }
  const NetworkEmulator& b_path() const { return const_cast<VirtualSocket&>(b_socket_).path(); }

  VirtualSocket a_socket_;
  VirtualSocket b_socket_;
  std::unique_ptr<PlainTransport> a_;
  std::unique_ptr<PlainTransport> b_;
};

}  // namespace sfu::test
