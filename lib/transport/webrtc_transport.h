// A WebRTC transport (mediasoup's WebRtcTransport): ICE finds the path, DTLS gives the keys, and
// SRTP carries the RTP session of one peer, a browser mostly. Sans-I/O; net/webrtc_transport_host.h
// gives it ports and time.
//
//   peer ─▶ IceSession ─┬─ DTLS ─▶ DtlsSession ─ keys ─┐
//                       └─ media ─▶ SRTP ◀─────────────┴─ RtpSession ─▶ receivers
//   peer ◀─ IceSession::sender() ◀── SRTP ◀── senders
//
//  - Nothing is heard from, or said to, an address that ICE has not validated.
//  - On a validated path DTLS is answered at once, also before Connect(). Media flows only after
//    the peer's certificate was found to be the announced one.
//  - Streams may be added at any time. What they have to send before media flows is dropped; when
//    it begins to flow, and whenever it flows again after an interruption, each video sender's
//    source is asked for a key frame.
//  - Data channels do not exist yet: what comes of them is dropped and counted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/drop_counters.h"
#include "base/result.h"
#include "dtls/dtls_session.h"
#include "ice/ice_credentials.h"
#include "ice/ice_session.h"
#include "transport/rtp_transport.h"

namespace sfu {

// Called on the transport's thread, from inside any of its calls. It may call the transport, but
// not destroy it. What the transport's own Close() does is not told.
class WebRtcTransportListener {
 public:
  virtual ~WebRtcTransportListener() = default;

  // mediasoup's icestatechange. kDisconnected is no end: the peer may come back, or restart ICE.
  virtual void OnIceState(IceState state, Timestamp now) = 0;
  // mediasoup's iceselectedtuplechange. Nothing: there is no path. Comes before the state that goes
  // with it.
  virtual void OnIceSelectedTuple(const std::optional<IceTuple>& tuple, Timestamp now) = 0;
  // mediasoup's dtlsstatechange; states may be skipped. kFailed (see dtls_failure()) and kClosed
  // (by the peer) are final: no media will flow any more, and the transport can only be closed.
  virtual void OnDtlsState(DtlsState state, Timestamp now) = 0;
};

struct WebRtcTransportOptions {
  DtlsSessionOptions dtls;
};

struct WebRtcTransportStats {
  RtpSessionStats rtp;
  DropCounters dtls_drops;
  uint64_t dtls_datagrams_received = 0;
  uint64_t dtls_bytes_received = 0;
  uint64_t dtls_datagrams_sent = 0;
  uint64_t dtls_bytes_sent = 0;
  uint64_t data_messages_dropped = 0;  // of data channels
};

class WebRtcTransport final : public RtpTransport,
                              private IceObserver,
                              private DtlsSessionListener {
 public:
  // Makes the ICE session whose observer the transport is. Called once.
  using IceFunction = std::function<Result<std::unique_ptr<IceSession>>(IceObserver& observer)>;

  // `environment.wakeup` is called whenever NextDeadline() may have become earlier, by whatever it
  // was: input too, for that comes by the ICE session. `listener` may be null; it and everything in
  // `environment` must outlive the transport. Errors are those of `make_ice`.
  static Result<std::unique_ptr<WebRtcTransport>> Create(
      const WebRtcTransportOptions& options, const RtpSessionEnvironment& environment,
      std::shared_ptr<const DtlsContext> dtls_context, const IceFunction& make_ice,
      WebRtcTransportListener* listener);
  // Closes.
  ~WebRtcTransport() override;

  // The peer's role and fingerprints (mediasoup's connect()); once. Not needed for ICE, nor for the
  // handshake to begin when the peer is the DTLS client. See DtlsSession::Connect() for roles and
  // errors ("dtlsParameters.fingerprints[0].value" …), which change nothing.
  Status Connect(const DtlsParameters& remote, Timestamp now);
  // For full ICE; a lite agent needs neither. See IceSession.
  Status SetRemoteIceParameters(const IceParameters& parameters);
  Status AddRemoteIceCandidate(const IceCandidate& candidate);
  // New local ICE parameters (mediasoup's restartIce()), to be told to the peer. The old ones are
  // honoured until it uses the new, and media goes on meanwhile. The random credentials are the
  // caller's to make (NewIceCredentials() of net/). An error changes nothing.
  Status RestartIce(const IceCredentials& credentials);
  // Says goodbye (DTLS close_notify) and ends: nothing is sent, received or told to the listener
  // any more. Streams stay until they are removed. Any number of times, also from a listener, but
  // not from a tracer.
  void Close();
  bool closed() const { return closed_; }

  // What to tell the peer: mediasoup's iceParameters, iceCandidates, dtlsParameters. The DTLS role
  // is "auto" until it is decided.
  const IceParameters& ice_parameters() const { return ice_->local_parameters(); }
  std::span<const IceCandidate> ice_candidates() const { return ice_->local_candidates(); }
  DtlsParameters dtls_parameters() const;

  IceState ice_state() const { return ice_->state(); }
  std::optional<IceTuple> ice_selected_tuple() const { return ice_->selected_tuple(); }
  DtlsState dtls_state() const { return closed_ ? DtlsState::kClosed : dtls_.state(); }
  // Why DTLS failed.
  DtlsFailure dtls_failure() const { return dtls_.failure(); }
  // DER, empty unless connected; CertificateDerToPem() makes mediasoup's dtlsRemoteCert of it.
  ByteView dtls_remote_certificate() const { return dtls_.remote_certificate(); }
  // Whether media flows: there is a path, and there are keys.
  bool connected() const { return flowing_; }

  WebRtcTransportStats Stats() const;

  // Never() when closed.
  Timestamp NextDeadline() const;
  void HandleTimeout(Timestamp now);

 private:
  // Where the RTP session sends: by ICE, once media flows.
  class ToPeer final : public DatagramSender {
   public:
    explicit ToPeer(const WebRtcTransport* transport) : transport_(transport) {}
    MutableBytes Reserve(size_t size) override;
    void Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
                const SocketAddress& from_hint) override;
    bool PrefersEqualSizes() const override;

   private:
    const WebRtcTransport* const transport_;
  };

  WebRtcTransport(const WebRtcTransportOptions& options, const RtpSessionEnvironment& environment,
                  std::shared_ptr<const DtlsContext> dtls_context,
                  WebRtcTransportListener* listener);

  // IceObserver
  void OnIceState(IceState state, Timestamp now) override;
  void OnIceSelectedTuple(const std::optional<IceTuple>& tuple, Timestamp now) override;
  void OnDtls(MutableBytes datagram, const IceTuple& tuple, Timestamp now) override;
  void OnMedia(std::span<ReceivedDatagram> datagrams, const IceTuple& tuple,
               Timestamp now) override;
  void OnDatagramsDone(Timestamp now) override;
  // DtlsSessionListener
  void SendDtls(ByteView datagram) override;
  void OnDtlsData(ByteView data) override;
  void OnDtlsStateChange(DtlsState state) override;

  bool OnMediaDatagram(MutableBytes datagram, Timestamp now);
  bool UseSrtpKeys();
  // Sees whether media can flow.
  void UpdateFlow(Timestamp now);
  void Wake();

  const std::function<void(Timestamp)> wakeup_;
  WebRtcTransportListener* const listener_;
  ToPeer to_peer_;
  DtlsSession dtls_;
  std::unique_ptr<IceSession> ice_;  // set by Create(), for good
  Timestamp now_;                    // of the call that DTLS is in
  bool has_keys_ = false;            // SRTP works in both directions
  bool flowing_ = false;
  bool closed_ = false;
  WebRtcTransportStats stats_;  // only its DTLS counters
};

}  // namespace sfu
