// ICE, DTLS and RTP put together.
#include "transport/webrtc_transport.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace sfu {
namespace {

// RTP sessions tell sources apart by address. Here everything that is authentic comes from the one
// peer, by whichever path.
SocketAddress ThePeer() { return SocketAddress::Ipv4({0, 0, 0, 0}, 9); }

}  // namespace

MutableBytes WebRtcTransport::ToPeer::Reserve(size_t size) {
  return transport_->flowing_ ? transport_->ice_->sender().Reserve(size) : MutableBytes();
}

void WebRtcTransport::ToPeer::Commit(const SocketAddress& to, std::span<const uint16_t> sizes,
                                     const SocketAddress& from_hint) {
  transport_->ice_->sender().Commit(to, sizes, from_hint);
}

bool WebRtcTransport::ToPeer::PrefersEqualSizes() const {
  return transport_->ice_->sender().PrefersEqualSizes();
}

Result<std::unique_ptr<WebRtcTransport>> WebRtcTransport::Create(
    const WebRtcTransportOptions& options, const RtpSessionEnvironment& environment,
    std::shared_ptr<const DtlsContext> dtls_context, const IceFunction& make_ice,
    WebRtcTransportListener* listener) {
  std::unique_ptr<WebRtcTransport> transport(
      new WebRtcTransport(options, environment, std::move(dtls_context), listener));
  auto ice = make_ice(*transport);
  if (!ice) {
    transport->closed_ = true;
    return ice.error();
  }
  transport->ice_ = std::move(ice).value();
  return transport;
}

WebRtcTransport::WebRtcTransport(const WebRtcTransportOptions& options,
                                 const RtpSessionEnvironment& environment,
                                 std::shared_ptr<const DtlsContext> dtls_context,
                                 WebRtcTransportListener* listener)
    : RtpTransport(environment, &to_peer_, &to_peer_),
      wakeup_(environment.wakeup),
      listener_(listener),
      to_peer_(this),
      dtls_(std::move(dtls_context), options.dtls, this) {}

WebRtcTransport::~WebRtcTransport() { Close(); }

Status WebRtcTransport::Connect(const DtlsParameters& remote, Timestamp now) {
  if (closed_) return Error{"", "the transport is closed"};
  now_ = now;
  if (Status status = dtls_.Connect(remote, now); !status) return status;
  Wake();
  return OkStatus();
}

Status WebRtcTransport::SetRemoteIceParameters(const IceParameters& parameters) {
  return ice_->SetRemoteParameters(parameters);
}

Status WebRtcTransport::AddRemoteIceCandidate(const IceCandidate& candidate) {
  return ice_->AddRemoteCandidate(candidate);
}

Status WebRtcTransport::RestartIce(const IceCredentials& credentials) {
  return ice_->Restart(credentials);
}

void WebRtcTransport::Close() {
  if (std::exchange(closed_, true)) return;
  dtls_.Close();
  flowing_ = false;
  egress_.SetDestination({}, {});
  ice_->Close();
}

DtlsParameters WebRtcTransport::dtls_parameters() const {
  return {dtls_.role(), dtls_.context().certificate().fingerprints()};
}

WebRtcTransportStats WebRtcTransport::Stats() const {
  WebRtcTransportStats stats = stats_;
  stats.rtp = session_.Stats();
  stats.dtls_drops = dtls_.drops();
  return stats;
}

Timestamp WebRtcTransport::NextDeadline() const {
  if (closed_) return Timestamp::Never();
  return std::min({ice_->NextDeadline(), dtls_.NextDeadline(), session_.NextDeadline()});
}

void WebRtcTransport::HandleTimeout(Timestamp now) {
  now_ = now;
  // Each may tell the listener, and that may close.
  if (!closed_) ice_->HandleTimeout(now);
  if (!closed_) dtls_.HandleTimeout(now);
  if (!closed_) session_.HandleTimeout(now);
}

void WebRtcTransport::OnIceState(IceState state, Timestamp now) {
  now_ = now;
  if (state == IceState::kConnected || state == IceState::kCompleted) dtls_.Start(now);
  if (listener_ != nullptr && !closed_) listener_->OnIceState(state, now);
  Wake();
}

void WebRtcTransport::OnIceSelectedTuple(const std::optional<IceTuple>& tuple, Timestamp now) {
  UpdateFlow(now);
  if (listener_ != nullptr && !closed_) listener_->OnIceSelectedTuple(tuple, now);
  Wake();
}

void WebRtcTransport::OnDtls(MutableBytes datagram, const IceTuple& tuple, Timestamp now) {
  if (closed_) return;
  now_ = now;
  ++stats_.dtls_datagrams_received;
  stats_.dtls_bytes_received += datagram.size();
  const uint64_t messages = stats_.data_messages_dropped;
  dtls_.Receive(datagram, now);
  if (stats_.data_messages_dropped != messages) ice_->OnAuthenticatedData(tuple, now);
}

void WebRtcTransport::OnMedia(std::span<ReceivedDatagram> datagrams, const IceTuple& tuple,
                              Timestamp now) {
  bool authentic = false;
  for (const ReceivedDatagram& datagram : datagrams) {
    if (OnMediaDatagram(datagram.bytes, now)) authentic = true;
  }
  if (authentic) ice_->OnAuthenticatedData(tuple, now);
}

// True if the peer itself has sent it.
bool WebRtcTransport::OnMediaDatagram(MutableBytes datagram, Timestamp now) {
  if (!flowing_) {
    session_.CountDrop(DropReason::kNotConnected, now);
    return false;
  }
  switch (Classify(datagram, now)) {
    case DatagramKind::kRtp:
      return session_.OnRtp(datagram, ThePeer(), now);
    case DatagramKind::kRtcp:
      return session_.OnRtcp(datagram, ThePeer(), now);
    default:
      return false;
  }
}

void WebRtcTransport::OnDatagramsDone(Timestamp now) {
  session_.Flush(now);
  Wake();
}

void WebRtcTransport::SendDtls(ByteView datagram) {
  DatagramSender& sender = ice_->sender();
  const MutableBytes space = sender.Reserve(datagram.size());
  // Without a path it is lost; DTLS repeats what matters.
  if (space.size() < datagram.size()) return;
  std::memcpy(space.data(), datagram.data(), datagram.size());
  const std::array<uint16_t, 1> sizes = {static_cast<uint16_t>(datagram.size())};
  sender.Commit({}, sizes);
  ++stats_.dtls_datagrams_sent;
  stats_.dtls_bytes_sent += datagram.size();
}

void WebRtcTransport::OnDtlsData(ByteView) { ++stats_.data_messages_dropped; }

void WebRtcTransport::OnDtlsStateChange(DtlsState state) {
  if (closed_) return;
  if (state == DtlsState::kConnected && !UseSrtpKeys()) {
    dtls_.Close();
    return;
  }
  UpdateFlow(now_);
  if (listener_ != nullptr) listener_->OnDtlsState(state, now_);
}

// False if the SRTP implementation fails.
bool WebRtcTransport::UseSrtpKeys() {
  const std::optional<DtlsSrtpSessionKeys> keys = dtls_.TakeSrtpKeys();
  if (!keys) return false;
  auto receiver = NewSrtpReceiver(keys->receive, RtpSession::kMaxSrtpStreams);
  auto sender = NewSrtpSender(keys->send);
  if (!receiver || !sender) {
    Log(LogLevel::kError, "transport", "no SRTP with the keys of a DTLS association");
    return false;
  }
  session_.SetSrtpReceiver(std::move(receiver).value());
  session_.SetSrtpSender(std::move(sender).value());
  has_keys_ = true;
  return true;
}

void WebRtcTransport::UpdateFlow(Timestamp now) {
  const bool flows =
      !closed_ && has_keys_ && dtls_.state() == DtlsState::kConnected && ice_->selected_tuple();
  if (std::exchange(flowing_, flows) == flows) return;
  const SocketAddress destination = flows ? ThePeer() : SocketAddress();
  egress_.SetDestination(destination, destination);
  // The receiver has nothing to begin with, or has missed something.
  if (flows) session_.RequestKeyFrames(now);
}

void WebRtcTransport::Wake() {
  if (wakeup_ && !closed_) wakeup_(NextDeadline());
}

}  // namespace sfu
