// Sockets, randomness and announced addresses; everything else is in ice/.
#include "net/webrtc_server.h"

#include <openssl/rand.h>

#include <array>
#include <utility>

#include "net/entropy.h"
#include "net/local_addresses.h"

namespace sfu {
namespace {

Status CheckAnnounced(const IceListenOptions& options) {
  for (const std::string& address : options.announced_addresses) {
    if (Status status = CheckAnnouncedAddress(address); !status) return status;
  }
  return OkStatus();
}

// Whether a socket bound to `bound` gets what is sent to `address`.
bool Covers(const SocketAddress& bound, bool ipv6_only, const SocketAddress& address) {
  return bound.is_ipv4() ? address.is_ipv4() : address.is_ipv6() || !ipv6_only;
}

}  // namespace

Result<IceCredentials> NewIceCredentials() {
  std::array<uint8_t, IceCredentials::kRandomBytes> random;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return Error{"", "no random numbers to be had"};
  }
  return IceCredentials::FromRandom(random);
}

Status WebRtcServer::UdpPort::Bind(Worker& worker, const IceListenOptions& options) {
  UdpSocketOptions udp;
  udp.local = options.local;
  udp.min_port = options.min_port;
  udp.max_port = options.max_port;
  udp.ipv6_only = options.ipv6_only;
  udp.send_buffer_size = options.send_buffer_size;
  udp.recv_buffer_size =
      options.recv_buffer_size != 0 ? options.recv_buffer_size : kSharedReceiveBuffer;
  auto socket = UdpSocket::Create(worker, udp, this);
  if (!socket) return socket.error();
  socket_ = std::move(socket).value();
  return OkStatus();
}

void WebRtcServer::UdpPort::OnDatagrams(std::span<ReceivedDatagram> datagrams, Timestamp now) {
  demux_.OnDatagrams(datagrams, IceProtocol::kUdp, *socket_, now);
}

WebRtcServer::WebRtcServer() : demux_(SipKey{EntropySeed(), EntropySeed()}) {}

WebRtcServer::~WebRtcServer() = default;

Result<std::unique_ptr<WebRtcServer>> WebRtcServer::Create(
    Worker& worker, const std::vector<IceListenOptions>& listen) {
  if (listen.empty()) return Error{"listenInfos", "is empty"};
  std::unique_ptr<WebRtcServer> server(new WebRtcServer());
  for (size_t i = 0; i < listen.size(); ++i) {
    if (const Status status = server->Listen(worker, listen[i]); !status) {
      const std::string entry = "listenInfos[" + std::to_string(i) + "]";
      const Error& error = status.error();
      return Error{error.field.empty() ? entry : entry + "." + error.field, error.reason};
    }
  }
  return server;
}

Status WebRtcServer::Listen(Worker& worker, const IceListenOptions& options) {
  if (Status status = CheckAnnounced(options); !status) return status;
  const auto bound = options.protocol == IceProtocol::kUdp ? ListenUdp(worker, options)
                                                           : ListenTcp(worker, options);
  if (!bound) return bound.error();
  Announce(options, bound.value());
  return OkStatus();
}

Result<SocketAddress> WebRtcServer::ListenUdp(Worker& worker, const IceListenOptions& options) {
  auto port = std::make_unique<UdpPort>(demux_);
  if (Status bound = port->Bind(worker, options); !bound) return bound.error();
  udp_.push_back(std::move(port));
  return udp_.back()->socket().local_address();
}

Result<SocketAddress> WebRtcServer::ListenTcp(Worker& worker, const IceListenOptions& options) {
  TcpListenOptions tcp;
  tcp.local = options.local;
  tcp.min_port = options.min_port;
  tcp.max_port = options.max_port;
  tcp.ipv6_only = options.ipv6_only;
  tcp.send_buffer_size = options.send_buffer_size;
  tcp.recv_buffer_size = options.recv_buffer_size;
  auto listener = Result<std::unique_ptr<TcpListener>>(Error{});
  for (const auto& udp : udp_) {
    const SocketAddress& taken = udp->socket().local_address();
    if (listener || options.local.port() != 0 || options.min_port != 0) break;
    if (!taken.SameIp(options.local)) continue;
    TcpListenOptions same_port = tcp;
    same_port.local.set_port(taken.port());
    listener = TcpListener::Create(worker, same_port, demux_);
  }
  if (!listener) listener = TcpListener::Create(worker, tcp, demux_);
  if (!listener) return listener.error();
  tcp_.push_back(std::move(listener).value());
  return tcp_.back()->local_address();
}

void WebRtcServer::Announce(const IceListenOptions& options, const SocketAddress& bound) {
  std::vector<std::string> names = options.announced_addresses;
  if (names.empty() && !bound.is_wildcard()) names.push_back(bound.IpString());
  if (names.empty()) {
    for (const SocketAddress& address : LocalAddresses()) {
      if (Covers(bound, options.ipv6_only, address)) names.push_back(address.IpString());
    }
  }
  for (std::string& name : names) {
    addresses_.push_back({options.protocol, std::move(name), bound.port()});
  }
}

Result<std::unique_ptr<IceLiteSession>> WebRtcServer::CreateSession(
    const IceSessionOptions& options, IceObserver& observer) {
  std::vector<IceListenAddress> addresses = addresses_;
  std::erase_if(addresses, [&](const IceListenAddress& address) {
    return address.protocol == IceProtocol::kUdp ? !options.enable_udp : !options.enable_tcp;
  });
  if (addresses.empty()) {
    return Error{options.enable_udp ? "enableTcp" : "enableUdp",
                 "nothing is left to be reached at"};
  }
  auto credentials = NewIceCredentials();
  if (!credentials) return credentials.error();
  IceLiteOptions lite;
  lite.credentials = std::move(credentials).value();
  lite.candidates = MakeLiteCandidates(addresses, options.prefer_tcp);
  lite.consent_timeout = options.consent_timeout;
  return IceLiteSession::Create(demux_, lite, observer);
}

DropCounters WebRtcServer::drops() const {
  DropCounters drops = demux_.drops();
  for (const auto& udp : udp_) drops += udp->socket().drops();
  for (const auto& tcp : tcp_) drops += tcp->drops();
  return drops;
}

}  // namespace sfu
