// The plain transport: who the peer is, and which datagram is which.
#include "transport/plain_transport.h"

#include <algorithm>
#include <utility>

namespace sfu {
namespace {

bool SameKey(const SrtpKey& a, const SrtpKey& b) {
  return a.suite == b.suite && std::ranges::equal(a.key(), b.key()) &&
         std::ranges::equal(a.salt(), b.salt());
}

// Where RTCP goes when nothing else is known. Unset after the last port.
SocketAddress PortAfter(SocketAddress address) {
  if (address.port() == UINT16_MAX) return {};
  address.set_port(static_cast<uint16_t>(address.port() + 1));
  return address;
}

}  // namespace

PlainTransport::PlainTransport(const PlainTransportOptions& options,
                               const RtpSessionEnvironment& environment, DatagramSender* rtp,
                               DatagramSender* rtcp)
    : RtpTransport(environment, rtp, rtcp),
      options_(options),
      rtp_input_(this, false),
      rtcp_input_(this, true) {
  if (options_.rtcp_mux) session_.AnswerToSource();
}

Status PlainTransport::CheckAddresses(const PlainTransportOptions& own,
                                      const PlainConnectOptions& options) {
  if (own.comedia && options.rtp.is_set()) {
    return Error{"ip",
                 "must not be given with comedia: the peer's address is learnt from what it sends"};
  }
  if (!own.comedia && !options.rtp.is_set()) return Error{"ip", "is missing"};
  if (options.rtp.is_set() && options.rtp.is_wildcard()) return Error{"ip", "must not be 0"};
  if (options.rtp.is_set() && options.rtp.port() == 0) return Error{"port", "is missing"};
  if (!options.rtcp.is_set()) {
    if (!own.rtcp_mux && options.rtp.port() == UINT16_MAX) {
      return Error{"rtcpPort", "is missing, and there is no port after 65535"};
    }
    return OkStatus();
  }
  if (own.rtcp_mux) return Error{"rtcpPort", "must not be given with rtcp-mux"};
  if (own.comedia) {
    return Error{"rtcpPort", "must not be given with comedia: it is learnt from what comes"};
  }
  if (options.rtcp.port() == 0) return Error{"rtcpPort", "must not be 0"};
  return OkStatus();
}

Result<PlainTransport::Srtp> PlainTransport::Prepare(const PlainConnectOptions& options) const {
  if (Status addresses = CheckAddresses(options_, options); !addresses) return addresses.error();
  if (options.receive_key.has_value() != options.send_key.has_value()) {
    return Error{"srtpParameters", "must be given for both directions or for none"};
  }
  Srtp srtp;
  // A key that stays keeps its state: counters that began anew would protect two packets with one
  // key stream, and a new replay window would take old packets again.
  if (options.receive_key && !(receive_key_ && SameKey(*receive_key_, *options.receive_key))) {
    auto receiver = NewSrtpReceiver(*options.receive_key, RtpSession::kMaxSrtpStreams);
    if (!receiver) return Error{"srtpParameters", receiver.error().reason};
    srtp.receiver = std::move(receiver).value();
  }
  if (options.send_key && (send_keys_.empty() || !SameKey(send_keys_.back(), *options.send_key))) {
    if (send_keys_.size() >= kMaxSendKeys) return Error{"srtpParameters", "too many changes"};
    if (std::any_of(send_keys_.begin(), send_keys_.end(),
                    [&](const SrtpKey& used) { return SameKey(used, *options.send_key); })) {
      return Error{"srtpParameters", "a key that was in use before must not come back"};
    }
    auto sender = NewSrtpSender(*options.send_key);
    if (!sender) return Error{"srtpParameters", sender.error().reason};
    srtp.sender = std::move(sender).value();
  }
  return srtp;
}

Status PlainTransport::CheckConnect(const PlainConnectOptions& options) const {
  const auto prepared = Prepare(options);
  return prepared ? OkStatus() : Status(prepared.error());
}

Status PlainTransport::Connect(const PlainConnectOptions& options) {
  auto prepared = Prepare(options);
  if (!prepared) return prepared.error();
  Srtp srtp = std::move(prepared).value();
  if (srtp.receiver) {
    session_.SetSrtpReceiver(std::move(srtp.receiver));
    receive_key_ = options.receive_key;
  }
  if (srtp.sender) {
    session_.SetSrtpSender(std::move(srtp.sender));
    send_keys_.push_back(*options.send_key);
  }
  if (!options.rtp.is_set()) return OkStatus();
  SocketAddress rtcp = options.rtcp.is_set() ? options.rtcp : options.rtp;
  if (!options_.rtcp_mux && !options.rtcp.is_set()) rtcp = PortAfter(options.rtp);
  if (connected_ && options.rtp != egress_.rtp_destination()) session_.ForgetSources();
  egress_.SetDestination(options.rtp, rtcp);
  connected_ = true;
  return OkStatus();
}

void PlainTransport::OnDatagrams(std::span<ReceivedDatagram> datagrams, bool rtcp_only,
                                 Timestamp now) {
  for (const ReceivedDatagram& datagram : datagrams) OnDatagram(datagram, rtcp_only, now);
  session_.Flush(now);
}

void PlainTransport::OnDatagram(const ReceivedDatagram& datagram, bool rtcp_only, Timestamp now) {
  switch (Classify(datagram.bytes, now)) {
    case DatagramKind::kRtp:
      if (!rtcp_only) return OnRtp(datagram, now);
      return session_.CountDrop(DropReason::kNotRtp, now);
    case DatagramKind::kRtcp:
      return OnRtcp(datagram, rtcp_only, now);
    default:
      return;
  }
}

void PlainTransport::OnRtp(const ReceivedDatagram& datagram, Timestamp now) {
  if (connected_ && !IsPeer(datagram.from, options_.rtcp_mux || options_.comedia)) {
    session_.CountDrop(DropReason::kUnknownSource, now);
    return;
  }
  const bool taken = session_.OnRtp(datagram.bytes, datagram.from, now);
  if (taken && connected_) AnswerFrom(datagram.to);
  if (!taken || !options_.comedia || connected_) return;
  const SocketAddress rtcp = options_.rtcp_mux ? datagram.from : PortAfter(datagram.from);
  egress_.SetDestination(datagram.from, rtcp, datagram.to);
  connected_ = true;
}

void PlainTransport::OnRtcp(const ReceivedDatagram& datagram, bool rtcp_only, Timestamp now) {
  if (connected_ && !IsPeer(datagram.from, options_.rtcp_mux)) {
    session_.CountDrop(DropReason::kUnknownSource, now);
    return;
  }
  const bool taken = session_.OnRtcp(datagram.bytes, datagram.from, now);
  if (taken && connected_) AnswerFrom(datagram.to);
  // With comedia the RTCP address is learnt like that of RTP, once.
  if (taken && options_.comedia && connected_ && rtcp_only && !rtcp_from_peer_) {
    rtcp_from_peer_ = true;
    egress_.SetDestination(egress_.rtp_destination(), datagram.from, datagram.to);
  }
}

// A peer behind a firewall hears only the address that it asked.
void PlainTransport::AnswerFrom(const SocketAddress& asked) {
  if (!asked.is_multicast() && !asked.is_wildcard()) egress_.SetSource(asked);
}

bool PlainTransport::IsPeer(const SocketAddress& from, bool port_matters) const {
  if (egress_.rtp_destination().is_multicast()) return true;
  return port_matters ? from == egress_.rtp_destination() : from.SameIp(egress_.rtp_destination());
}

}  // namespace sfu
