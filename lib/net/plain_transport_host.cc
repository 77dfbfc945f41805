// Sockets and time for a plain transport.
#include "net/plain_transport_host.h"

#include <ctime>
#include <utility>

namespace sfu {

void PlainTransportHost::Input::OnDatagrams(std::span<ReceivedDatagram> datagrams, Timestamp now) {
  PlainTransport& transport = *host_->transport_;
  (rtcp_ ? transport.rtcp_input() : transport.rtp_input()).OnDatagrams(datagrams, now);
  host_->Reschedule();
}

PlainTransportHost::PlainTransportHost(Worker& worker)
    : rtp_input_(this, false),
      rtcp_input_(this, true),
      timer_(worker.timers(), [this](Timestamp now) { OnTimer(now); }) {}

PlainTransportHost::~PlainTransportHost() = default;

Result<std::unique_ptr<PlainTransportHost>> PlainTransportHost::Create(
    Worker& worker, const PlainTransportHostOptions& options, RtpPacketPool* pool, uint64_t seed,
    const NtpClock& ntp) {
  std::unique_ptr<PlainTransportHost> host(new PlainTransportHost(worker));
  if (Status bound = host->Bind(worker, options); !bound) return bound.error();
  // A sender report that comes with the first packet gives that packet its capture time.
  if (host->rtcp_) host->rtp_->SetReadFirst(host->rtcp_.get());
  RtpSessionEnvironment environment;
  environment.pool = pool;
  environment.seed = seed;
  environment.ntp = ntp;
  environment.wakeup = [raw = host.get()](Timestamp deadline) {
    if (deadline < raw->timer_.deadline()) raw->timer_.Arm(deadline);
  };
  host->transport_ =
      std::make_unique<PlainTransport>(options.transport, environment, host->rtp_.get(),
                                       (host->rtcp_ ? host->rtcp_ : host->rtp_).get());
  return host;
}

Status PlainTransportHost::Bind(Worker& worker, const PlainTransportHostOptions& options) {
  const bool separate = !options.transport.rtcp_mux;
  if (separate && options.rtcp_port == 0) {
    auto pair = UdpSocket::CreatePair(worker, options.rtp, &rtp_input_, &rtcp_input_);
    if (!pair) return pair.error();
    rtp_ = std::move(pair.value().rtp);
    rtcp_ = std::move(pair.value().rtcp);
    return OkStatus();
  }
  auto rtp = UdpSocket::Create(worker, options.rtp, &rtp_input_);
  if (!rtp) return rtp.error();
  if (separate) {
    UdpSocketOptions rtcp_options = options.rtp;
    rtcp_options.local.set_port(options.rtcp_port);
    rtcp_options.min_port = rtcp_options.max_port = 0;
    auto rtcp = UdpSocket::Create(worker, rtcp_options, &rtcp_input_);
    if (!rtcp) return Error{"rtcpPort", rtcp.error().reason};
    rtcp_ = std::move(rtcp).value();
  }
  rtp_ = std::move(rtp).value();
  return OkStatus();
}

Status PlainTransportHost::Connect(const PlainConnectOptions& options) {
  if (Status status = transport_->CheckConnect(options); !status) return status;
  if (options.rtp.is_ipv6() && local_rtp().is_ipv4()) {
    return Error{"ip", "is IPv6, but the socket is IPv4"};
  }
  if (options.rtcp.is_ipv6() && local_rtcp().is_ipv4()) {
    return Error{"rtcpIp", "is IPv6, but the socket is IPv4"};
  }
  // With one fixed peer on one port the kernel can do the address work once. Multicast comes from
  // elsewhere than it goes to. And it would fix our own address too, to that which routing chooses
  // now: on a host with several, the peer may ask another one.
  const PlainTransportOptions& own = transport_->options();
  if (own.rtcp_mux && !own.comedia && !options.rtp.is_multicast() && !local_rtp().is_wildcard()) {
    if (Status status = rtp_->Connect(options.rtp); !status) {
      return Error{"ip", status.error().reason};
    }
  } else {
    rtp_->Disconnect();
  }
  return transport_->Connect(options);
}

DropCounters PlainTransportHost::socket_drops() const {
  DropCounters drops = rtp_->drops();
  if (rtcp_) drops += rtcp_->drops();
  return drops;
}

void PlainTransportHost::OnTimer(Timestamp now) {
  transport_->HandleTimeout(now);
  Reschedule();
}

void PlainTransportHost::Reschedule() {
  const Timestamp next = transport_->NextDeadline();
  if (next != timer_.deadline()) timer_.Arm(next);
}

NtpClock ReadNtpClock() {
  timespec wall{};
  clock_gettime(CLOCK_REALTIME, &wall);
  return NtpClock(Worker::Now(),
                  NtpTime::FromUnixNanos(int64_t{wall.tv_sec} * 1'000'000'000 + wall.tv_nsec));
}

}  // namespace sfu
