// The plain transport: who the peer is, and which datagram is which.
#include "transport/plain_transport.h"

#include <utility>

namespace sfu {

PlainTransport::PlainTransport(const PlainTransportOptions& options,
                               const RtpSessionEnvironment& environment, DatagramSender* rtp,
                               DatagramSender* rtcp)
    : options_(options),
      egress_(rtp, rtcp),
      session_(environment, &egress_),
      rtp_input_(this, false),
      rtcp_input_(this, true) {}

Status PlainTransport::Connect(const PlainConnectOptions& options) {
  if (options_.comedia && options.rtp.is_set()) {
    return Error{"ip",
                 "must not be given with comedia: the peer's address is learnt from what it sends"};
  }
  if (!options_.comedia && !options.rtp.is_set()) return Error{"ip", "is missing"};
  if (options.rtp.is_set() && options.rtp.port() == 0) return Error{"port", "is missing"};
  if (options_.rtcp_mux && options.rtcp.is_set()) {
    return Error{"rtcpPort", "must not be given with rtcp-mux"};
  }
  if (!options_.rtcp_mux && !options.rtcp.is_set() && options.rtp.port() == UINT16_MAX) {
    return Error{"rtcpPort", "is missing, and there is no port after 65535"};
  }
  if (options.receive_key.has_value() != options.send_key.has_value()) {
    return Error{"srtpParameters", "must be given for both directions or for none"};
  }
  std::unique_ptr<SrtpReceiver> srtp_receiver;
  std::unique_ptr<SrtpSender> srtp_sender;
  if (options.receive_key) {
    auto receiver = NewSrtpReceiver(*options.receive_key);
    if (!receiver) return Error{"srtpParameters", receiver.error().reason};
    auto sender = NewSrtpSender(*options.send_key);
    if (!sender) return Error{"srtpParameters", sender.error().reason};
    srtp_receiver = std::move(receiver).value();
    srtp_sender = std::move(sender).value();
  }
  if (srtp_receiver) {
    session_.SetSrtpReceiver(std::move(srtp_receiver));
    session_.SetSrtpSender(std::move(srtp_sender));
  }
  if (!options.rtp.is_set()) return OkStatus();
  SocketAddress rtcp = options.rtcp.is_set() ? options.rtcp : options.rtp;
  if (!options_.rtcp_mux && !options.rtcp.is_set()) {
    rtcp.set_port(static_cast<uint16_t>(options.rtp.port() + 1));
  }
  egress_.SetDestination(options.rtp, rtcp);
  connected_ = true;
  return OkStatus();
}

Result<RtpReceiver*> PlainTransport::AddReceiver(const RtpReceiverOptions& options) {
  return session_.AddReceiver(options);
}

Result<RtpSender*> PlainTransport::AddSender(const RtpSenderOptions& options) {
  return session_.AddSender(options);
}

void PlainTransport::OnDatagrams(std::span<ReceivedDatagram> datagrams, bool rtcp_only,
                                 Timestamp now) {
  for (const ReceivedDatagram& datagram : datagrams) OnDatagram(datagram, rtcp_only, now);
  session_.Flush(now);
}

void PlainTransport::OnDatagram(const ReceivedDatagram& datagram, bool rtcp_only, Timestamp now) {
  if (datagram.bytes.size() > kMaxDatagramSize) {
    session_.CountDrop(DropReason::kTooBig, now);
    return;
  }
  if (datagram.bytes.size() < 8) {
    session_.CountDrop(DropReason::kTooShort, now);
    return;
  }
  switch (ClassifyDatagram(datagram.bytes)) {
    case DatagramKind::kRtp:
      if (!rtcp_only) return OnRtp(datagram, now);
      break;
    case DatagramKind::kRtcp:
      return OnRtcp(datagram, rtcp_only, now);
    default:
      break;
  }
  session_.CountDrop(DropReason::kNotRtp, now);
}

void PlainTransport::OnRtp(const ReceivedDatagram& datagram, Timestamp now) {
  if (connected_ && !IsPeer(datagram.from, options_.rtcp_mux || options_.comedia)) {
    session_.CountDrop(DropReason::kUnknownSource, now);
    return;
  }
  const bool taken = session_.OnRtp(datagram.bytes, datagram.from, now);
  if (!taken || !options_.comedia || connected_) return;
  SocketAddress rtcp = datagram.from;
  if (!options_.rtcp_mux) rtcp.set_port(static_cast<uint16_t>(rtcp.port() + 1));
  egress_.SetDestination(datagram.from, rtcp, datagram.to);
  connected_ = true;
}

void PlainTransport::OnRtcp(const ReceivedDatagram& datagram, bool rtcp_only, Timestamp now) {
  if (connected_ && !IsPeer(datagram.from, options_.rtcp_mux)) {
    session_.CountDrop(DropReason::kUnknownSource, now);
    return;
  }
  const bool taken = session_.OnRtcp(datagram.bytes, datagram.from, now);
  // With comedia the RTCP address is learnt like that of RTP, once.
  if (taken && options_.comedia && connected_ && rtcp_only && !rtcp_from_peer_) {
    rtcp_from_peer_ = true;
    egress_.SetDestination(egress_.rtp_destination(), datagram.from, datagram.to);
  }
}

bool PlainTransport::IsPeer(const SocketAddress& from, bool port_matters) const {
  return port_matters ? from == egress_.rtp_destination() : from.SameIp(egress_.rtp_destination());
}

}  // namespace sfu
