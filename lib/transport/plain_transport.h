// A plain transport: RTP and RTCP, or SRTP with given keys, with one peer over UDP: FFmpeg,
// GStreamer, a camera, another server. Sans-I/O; net/plain_transport_host.h gives it sockets and
// time.
//
// Whom it takes packets from:
//  - connected (Connect() or `remote` given): the peer's IP address, and its port too with
//  rtcp-mux; a multicast address says nothing of who sends;
//  - comedia: the first address that sends valid RTP, which is then also where we send to, and
//  stays so: an address that could be taken over by sending would let strangers have the media;
//  - neither: any address, but each stream only from the one that began it, until it is silent. So
//    FFmpeg, which sends each stream from a port of its own, needs no configuration.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/datagram.h"
#include "base/result.h"
#include "srtp/srtp_parameters.h"
#include "transport/rtp_transport.h"

namespace sfu {

struct PlainTransportOptions {
  bool rtcp_mux = true;
  bool comedia = false;
};

// The peer (mediasoup's connect()). With comedia only srtp may be set.
struct PlainConnectOptions {
  SocketAddress rtp;   // IP and port
  SocketAddress rtcp;  // only without rtcp-mux; unset: the port after rtp's
  // What the peer protects with, and what we do. Both directions are needed, or none: then what was
  // given before stays.
  std::optional<SrtpKey> receive_key;
  std::optional<SrtpKey> send_key;
};

class PlainTransport final : public RtpTransport {
 public:
  // The senders must outlive it; `rtcp` is the same as `rtp` with rtcp-mux.
  PlainTransport(const PlainTransportOptions& options, const RtpSessionEnvironment& environment,
                 DatagramSender* rtp, DatagramSender* rtcp);

  // A transport may have so many keys to send with, one after the other.
  static constexpr size_t kMaxSendKeys = 256;

  // May be called again to move to another peer, or for other keys. Errors name the field ("ip",
  // "port", "rtcpPort", "srtpParameters"), and change nothing.
  Status Connect(const PlainConnectOptions& options);
  // What a transport of those options says of the addresses of a peer, before there is one.
  static Status CheckAddresses(const PlainTransportOptions& own,
                               const PlainConnectOptions& options);
  // What Connect() would say.
  Status CheckConnect(const PlainConnectOptions& options) const;

  // What the RTP socket (with rtcp-mux: the only one) and the RTCP socket received.
  DatagramReceiver& rtp_input() { return rtp_input_; }
  DatagramReceiver& rtcp_input() { return rtcp_input_; }

  Timestamp NextDeadline() const { return session_.NextDeadline(); }
  void HandleTimeout(Timestamp now) { session_.HandleTimeout(now); }

  const PlainTransportOptions& options() const { return options_; }
  // The peer; unset until known.
  const SocketAddress& remote() const { return egress_.rtp_destination(); }
  const SocketAddress& remote_rtcp() const { return egress_.rtcp_destination(); }

 private:
  class Input : public DatagramReceiver {
   public:
    Input(PlainTransport* transport, bool rtcp_only)
        : transport_(transport), rtcp_only_(rtcp_only) {}
    void OnDatagrams(std::span<ReceivedDatagram> datagrams, Timestamp now) override {
      transport_->OnDatagrams(datagrams, rtcp_only_, now);
    }

   private:
    PlainTransport* const transport_;
    const bool rtcp_only_;
  };

  struct Srtp {
    std::unique_ptr<SrtpReceiver> receiver;  // null: as it was
    std::unique_ptr<SrtpSender> sender;
  };
  Result<Srtp> Prepare(const PlainConnectOptions& options) const;
  void OnDatagrams(std::span<ReceivedDatagram> datagrams, bool rtcp_only, Timestamp now);
  void OnDatagram(const ReceivedDatagram& datagram, bool rtcp_only, Timestamp now);
  void OnRtp(const ReceivedDatagram& datagram, Timestamp now);
  void OnRtcp(const ReceivedDatagram& datagram, bool rtcp_only, Timestamp now);
  void AnswerFrom(const SocketAddress& asked);
  bool IsPeer(const SocketAddress& from, bool port_matters) const;

  const PlainTransportOptions options_;
  Input rtp_input_;
  Input rtcp_input_;
  std::optional<SrtpKey> receive_key_;
  std::vector<SrtpKey> send_keys_;  // the last one is in use
  bool connected_ = false;          // the peer is fixed, by Connect() or by comedia
  bool rtcp_from_peer_ = false;     // comedia: the RTCP address was seen
};

}  // namespace sfu
