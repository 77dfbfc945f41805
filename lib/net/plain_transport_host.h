// A plain transport on a Worker: its sockets, and a timer that drives its deadlines.
//
// Belongs to the Worker's thread.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "net/timer_queue.h"
#include "net/udp_socket.h"
#include "transport/plain_transport.h"

namespace sfu {

struct PlainTransportHostOptions {
  PlainTransportOptions transport;
  UdpSocketOptions rtp;    // its port 0: any free one
  uint16_t rtcp_port = 0;  // only without rtcp-mux; 0: the port after RTP's
};

class PlainTransportHost {
 public:
  // Binds the sockets. `worker` and `pool` must outlive it; `seed` should be random. An error names
  // the option that is wrong.
  static Result<std::unique_ptr<PlainTransportHost>> Create(
      Worker& worker, const PlainTransportHostOptions& options, RtpPacketPool* pool, uint64_t seed,
      const NtpClock& ntp);
  ~PlainTransportHost();
  PlainTransportHost(const PlainTransportHost&) = delete;
  PlainTransportHost& operator=(const PlainTransportHost&) = delete;

  PlainTransport& transport() { return *transport_; }
  const PlainTransport& transport() const { return *transport_; }
  // As PlainTransport::Connect().
  Status Connect(const PlainConnectOptions& options);

  const SocketAddress& local_rtp() const { return rtp_->local_address(); }
  // The same as local_rtp() with rtcp-mux.
  const SocketAddress& local_rtcp() const { return (rtcp_ ? rtcp_ : rtp_)->local_address(); }
  // What the sockets dropped.
  DropCounters socket_drops() const;

 private:
  // Stands between a socket and the transport, to see to the deadlines that input changes.
  class Input : public DatagramReceiver {
   public:
    Input(PlainTransportHost* host, bool rtcp) : host_(host), rtcp_(rtcp) {}
    void OnDatagrams(std::span<ReceivedDatagram> datagrams, Timestamp now) override;

   private:
    PlainTransportHost* const host_;
    const bool rtcp_;
  };

  explicit PlainTransportHost(Worker& worker);
  Status Bind(Worker& worker, const PlainTransportHostOptions& options);
  void OnTimer(Timestamp now);
  void Reschedule();

  Input rtp_input_;
  Input rtcp_input_;
  std::unique_ptr<UdpSocket> rtp_;
  std::unique_ptr<UdpSocket> rtcp_;  // null with rtcp-mux
  std::unique_ptr<PlainTransport> transport_;
  Timer timer_;
};

// The present offset between CLOCK_MONOTONIC and the wall clock, for sender reports. Read it once
// per Worker and keep it: a wall clock that is set must not make reports jump.
NtpClock ReadNtpClock();

}  // namespace sfu
