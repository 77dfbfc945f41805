// A plaintransport under test, and a UDP socket as its peer.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "harness.h"

namespace sfu::test {

// A UDP socket on loopback.
class UdpPeer {
 public:
  UdpPeer() : fd_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in any = Loopback(0);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    // How long a test waits for what must come.
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~UdpPeer() { close(fd_); }
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;

  guint port() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin_port);
  }
  void SendTo(guint port, const Bytes& bytes) {
    const sockaddr_in to = Loopback(port);
    EXPECT_EQ(sendto(fd_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                     sizeof to),
              static_cast<ssize_t>(bytes.size()));
  }
  // Empty when nothing came.
  Bytes Receive() {
    Bytes bytes(2048);
    const ssize_t size = recv(fd_, bytes.data(), bytes.size(), 0);
    bytes.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return bytes;
  }
  // RTP that comes within 50 ms; empty if none did.
  Bytes TryReceiveRtp() {
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    while (poll(&ready, 1, 50) == 1) {
      Bytes bytes = Receive();
      if (IsRtp(bytes)) return bytes;
    }
    return {};
  }
  // The next datagram that is RTP, not RTCP.
  Bytes ReceiveRtp() {
    for (;;) {
      Bytes bytes = Receive();
      if (bytes.empty() || IsRtp(bytes)) return bytes;
    }
  }

 private:
  static bool IsRtp(const Bytes& bytes) {
    return bytes.size() >= 12 && ((bytes[1] & 0x7F) < 64 || (bytes[1] & 0x7F) > 95);
  }
  static sockaddr_in Loopback(guint port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  const int fd_;
};

// A transport on loopback.
class PlainTransport : public Stage {
 public:
  PlainTransport() : Stage("plaintransport") {
    g_object_set(get(), "address", "127.0.0.1", nullptr);
  }
  void ConnectTo(guint port) {
    g_object_set(get(), "remote-address", "127.0.0.1", "remote-port", port, nullptr);
  }
  guint port() { return Get<guint>(get(), "local-port"); }
  guint rtcp_port() { return Get<guint>(get(), "local-rtcp-port"); }
  // src_N for VP8.
  PadRef AddVp8(const char* name) {
    auto pad = PadRef::Adopt(gst_element_request_pad_simple(get(), name));
    g_object_set(pad.get(), "caps", MakeCaps(kVp8Caps).get(), nullptr);
    return pad;
  }
};

// A transport that plays; what is fed to its sink_0 goes to the peer.
class FedTransport : public PlainTransport {
 public:
  explicit FedTransport(guint peer_port) {
    ConnectTo(peer_port);
    feeder_.emplace(get(), "sink_0", kVp8Caps);
    Play();
    feeder_->Start();
  }
  Feeder& feeder() { return *feeder_; }

 private:
  std::optional<Feeder> feeder_;
};

// A VP8 frame in one packet, of SSRC 7; timestamp 3000 times the number.
inline Bytes Video(uint16_t sequence) {
  return BuildRtpPacket({.ssrc = 7,
                         .payload_type = 96,
                         .sequence_number = sequence,
                         .timestamp = sequence * 3000U,
                         .marker = true,
                         .payload = {0x10, 0x00, 0x9d, 0x01, 0x2a, 0x00}});
}

// A sender report (RFC 3550, section 6.4.1): RTP time 3000 is kReportSeconds after 1900.
inline constexpr uint32_t kReportSeconds = 0xE0000000;
inline Bytes Report(uint32_t ssrc) {
  Bytes bytes = {0x80, 200, 0, 6};
  for (const uint32_t word : {ssrc, kReportSeconds, 0U, 3000U, 1U, 6U}) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<uint8_t>(word >> shift));
    }
  }
  return bytes;
}

// PLI for the stream of an RTP packet, behind an empty receiver report (RFC 4585, section 6.3.1).
inline Bytes PliFor(const Bytes& rtp) {
  Bytes rtcp = {0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 206, 0, 2, 1, 2, 3, 4, 0, 0, 0, 0};
  std::copy_n(rtp.begin() + 8, 4, rtcp.end() - 4);
  return rtcp;
}

// A router "r" whose src_0 goes to `peer` by the transport "t". The router gets `caps` at sink_0.
class RouterToPeer : public Pipeline {
 public:
  RouterToPeer(const UdpPeer& peer, const char* caps, const std::string& router = "",
               const std::string& transport = "")
      : Pipeline("sfurouter name=r " + router + " plaintransport name=t " + transport +
                 " address=127.0.0.1 remote-address=127.0.0.1 remote-port=" +
                 std::to_string(peer.port()) + " r.src_0 ! t.sink_0"),
        feeder_(Find("r").get(), "sink_0", caps) {
    SetState(GST_STATE_PLAYING);
    feeder_.Start();
    Stat(FindPad("t", "sink_0").get(), "packetsSent");
  }

  Feeder& feeder() { return feeder_; }
  // Where the peer reaches the transport.
  guint port() const { return Get<guint>(Find("t").get(), "local-port"); }

 private:
  Feeder feeder_;
};

}  // namespace sfu::test
