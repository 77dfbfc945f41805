// The UDP and TCP ports that any number of WebRTC transports share (mediasoup's WebRtcServer). A
// Worker has one; a transport that wants ports of its own makes one for itself.
//
// Belongs to the Worker's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/drop_counters.h"
#include "base/result.h"
#include "ice/ice_demux.h"
#include "ice/ice_lite_session.h"
#include "ice/lite_candidates.h"
#include "net/tcp_listener.h"
#include "net/udp_socket.h"
#include "net/worker.h"

namespace sfu {

// The bursts of all peers meet in one socket.
inline constexpr int kSharedReceiveBuffer = 4 * kDefaultReceiveBuffer;

struct IceListenOptions {
  IceProtocol protocol = IceProtocol::kUdp;
  // The address to bind, which may be a wildcard. Port 0: any free one, or the first free one of
  // the range; a TCP port takes the number of the UDP port on the same address before it, if it
  // can.
  SocketAddress local;
  uint16_t min_port = 0;
  uint16_t max_port = 0;
  bool ipv6_only = false;
  // As peers are to reach it: IP addresses or host names. Empty: the bound address; for a wildcard
  // all addresses of the machine.
  std::vector<std::string> announced_addresses;
  // Bytes the kernel may buffer. 0: for UDP what is received gets kSharedReceiveBuffer, all else
  // the system's default.
  int send_buffer_size = 0;
  int recv_buffer_size = 0;
};

// Fresh ones from OpenSSL's random source, for a session or its restart. Any thread. The error's
// field is empty: there is no randomness to be had.
Result<IceCredentials> NewIceCredentials();

struct IceSessionOptions {
  bool enable_udp = true;
  bool enable_tcp = true;
  bool prefer_tcp = false;                             // TCP candidates get the higher priority
  TimeDelta consent_timeout = TimeDelta::Seconds(30);  // as IceLiteOptions'
};

class WebRtcServer {
 public:
  // Binds all, or none. An error's field begins with "listenInfos[N].".
  static Result<std::unique_ptr<WebRtcServer>> Create(Worker& worker,
                                                      const std::vector<IceListenOptions>& listen);
  // Its sessions must be gone.
  ~WebRtcServer();
  WebRtcServer(const WebRtcServer&) = delete;
  WebRtcServer& operator=(const WebRtcServer&) = delete;

  // A session behind these ports, with fresh random credentials. `observer` must outlive it. Fails
  // when an option is wrong or no protocol is left.
  Result<std::unique_ptr<IceLiteSession>> CreateSession(const IceSessionOptions& options,
                                                        IceObserver& observer);
  // What is announced, in the order in which it was given.
  const std::vector<IceListenAddress>& addresses() const { return addresses_; }
  const std::vector<std::unique_ptr<TcpListener>>& tcp_listeners() const { return tcp_; }
  const IceDemux& demux() const { return demux_; }
  // Of the sockets and of the demultiplexer.
  DropCounters drops() const;

 private:
  // One UDP socket, and where its datagrams go.
  class UdpPort final : public DatagramReceiver {
   public:
    explicit UdpPort(IceDemux& demux) : demux_(demux) {}
    Status Bind(Worker& worker, const IceListenOptions& options);
    const UdpSocket& socket() const { return *socket_; }
    void OnDatagrams(std::span<ReceivedDatagram> datagrams, Timestamp now) override;

   private:
    IceDemux& demux_;
    UdpSocket::Ptr socket_;
  };

  WebRtcServer();
  Status Listen(Worker& worker, const IceListenOptions& options);
  Result<SocketAddress> ListenUdp(Worker& worker, const IceListenOptions& options);
  Result<SocketAddress> ListenTcp(Worker& worker, const IceListenOptions& options);
  void Announce(const IceListenOptions& options, const SocketAddress& bound);

  IceDemux demux_;
  std::vector<std::unique_ptr<UdpPort>> udp_;
  std::vector<std::unique_ptr<TcpListener>> tcp_;
  std::vector<IceListenAddress> addresses_;
};

}  // namespace sfu
