// What all transports have in common: an RTP session with one peer. How its datagrams come and go
// is the business of the kinds of transports (plain_transport.h, webrtc_transport.h).
#pragma once

#include <utility>

#include "base/datagram.h"
#include "base/result.h"
#include "rtp/rtp_header.h"
#include "transport/packet_egress.h"
#include "transport/rtp_session.h"

namespace sfu {

// Its sinks, tracers and listeners may remove receivers, but must not destroy it.
class RtpTransport {
 public:
  RtpTransport(const RtpTransport&) = delete;
  RtpTransport& operator=(const RtpTransport&) = delete;

  // See RtpSession. What they return is the transport's, until it is removed.
  Result<RtpReceiver*> AddReceiver(const RtpReceiverOptions& options) {
    return session_.AddReceiver(options);
  }
  Result<RtpSender*> AddSender(const RtpSenderOptions& options) {
    return session_.AddSender(options);
  }
  void SetUnknownStreamListener(RtpSession::UnknownStreamFunction listener) {
    session_.SetUnknownStreamListener(std::move(listener));
  }
  Status SetMaxIncomingBitrate(DataRate limit, Timestamp now) {
    return session_.SetMaxIncomingBitrate(limit, now);
  }
  void RemoveReceiver(RtpReceiver* receiver) { session_.RemoveReceiver(receiver); }
  void RemoveSender(RtpSender* sender, Timestamp now) { session_.RemoveSender(sender, now); }

  // How much may be sent to the peer; it is the application's to limit.
  OutgoingBitrate& outgoing_bitrate() { return session_.outgoing_bitrate(); }

  const RtpSession& session() const { return session_; }

 protected:
  // The senders must outlive it; they are not called before the first datagram is to be sent.
  RtpTransport(const RtpSessionEnvironment& environment, DatagramSender* rtp, DatagramSender* rtcp)
      : egress_(rtp, rtcp), session_(environment, &egress_) {}
  ~RtpTransport() = default;

  // kRtp, kRtcp, or kUnknown for anything else, which is counted as dropped.
  DatagramKind Classify(ByteView datagram, Timestamp now);

  PacketEgress egress_;
  RtpSession session_;
};

}  // namespace sfu
