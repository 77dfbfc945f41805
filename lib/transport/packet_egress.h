// The last step of the Send station: where one transport's datagrams are built, protected and
// handed to the socket. RTP and RTCP go to addresses of their own unless they are multiplexed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>

#include "base/datagram.h"
#include "base/drop_counters.h"
#include "congestion/sent_packet_log.h"
#include "rtp/sequence.h"
#include "srtp/srtp.h"

namespace sfu {

class RtpSender;

class PacketEgress {
 public:
  // The senders are not owned and must outlive this; `rtcp` may be the same as `rtp`.
  PacketEgress(DatagramSender* rtp, DatagramSender* rtcp) : rtp_(rtp), rtcp_(rtcp) {}

  // Until there is an address, nothing is sent. `from` is the local address that the peer knows us
  // by; it may be unset.
  void SetDestination(const SocketAddress& rtp, const SocketAddress& rtcp,
                      const SocketAddress& from = {});
  // From now on we answer from that local address.
  void SetSource(const SocketAddress& from) { from_ = from; }
  const SocketAddress& rtp_destination() const { return rtp_to_; }
  const SocketAddress& rtcp_destination() const { return rtcp_to_; }
  bool has_destination() const { return rtp_to_.is_set(); }

  // From now on everything is protected.
  void SetSrtp(std::unique_ptr<SrtpSender> srtp);
  SrtpSender* srtp() const { return srtp_.get(); }

  // The SSRCs that are sent, RTX too. No two streams may have the same one: receivers could not
  // tell them apart, and SRTP would use nonces twice. Claim() is false if it is taken. `sender`:
  // whose media bears it; null for RTX.
  bool Claim(Ssrc ssrc, RtpSender* sender = nullptr) { return ssrcs_.emplace(ssrc, sender).second; }
  void Release(Ssrc ssrc) { ssrcs_.erase(ssrc); }
  bool IsClaimed(Ssrc ssrc) const { return ssrcs_.contains(ssrc); }
  // One look-up, however many streams there are: a single datagram may name hundreds of SSRCs. Null
  // if nobody's media bears it.
  RtpSender* SenderOf(Ssrc ssrc) const {
    const auto found = ssrcs_.find(ssrc);
    return found == ssrcs_.end() ? nullptr : found->second;
  }

  // Bytes by which protection lengthens an RTP packet.
  size_t rtp_overhead() const { return rtp_overhead_; }
  bool PrefersEqualSizes() const { return rtp_->PrefersEqualSizes(); }

  // As DatagramSender: space for a burst of RTP datagrams (protected by the caller, who holds the
  // SRTP stream), then their sizes.
  MutableBytes Reserve(size_t size) { return rtp_->Reserve(size); }
  void Commit(std::span<const uint16_t> sizes);

  // Protects and sends one RTCP datagram, to `to` if that is set, else to the RTCP destination.
  // False if there is no destination, or it does not fit.
  bool SendRtcp(ByteView compound, const SocketAddress& to = {});

  // The transport-wide sequence number for the next packet that carries one; OnNumbered() says that
  // it was committed, `size` bytes on the wire.
  uint16_t next_transport_sequence() const { return log_.next_sequence(); }
  void OnNumbered(size_t size, Timestamp now) { log_.OnSent(size, now); }
  SentPacketLog& log() { return log_; }

  uint64_t packets_sent() const { return packets_sent_; }
  uint64_t bytes_sent() const { return bytes_sent_; }

 private:
  DatagramSender* const rtp_;
  DatagramSender* const rtcp_;
  SocketAddress rtp_to_;
  SocketAddress rtcp_to_;
  SocketAddress from_;
  std::unique_ptr<SrtpSender> srtp_;
  std::unordered_map<Ssrc, RtpSender*> ssrcs_;  // at most two per sender of the session
  SentPacketLog log_;
  size_t rtp_overhead_ = 0;
  size_t rtcp_overhead_ = 0;
  uint64_t packets_sent_ = 0;
  uint64_t bytes_sent_ = 0;
};

}  // namespace sfu
