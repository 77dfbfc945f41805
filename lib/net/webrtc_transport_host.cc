// Ports and time for a WebRTC transport.
#include "net/webrtc_transport_host.h"

#include <utility>

namespace sfu {
namespace {

template <typename Session>
Result<std::unique_ptr<IceSession>> AsIceSession(Result<std::unique_ptr<Session>> session) {
  if (!session) return session.error();
  return std::unique_ptr<IceSession>(std::move(session).value());
}

}  // namespace

WebRtcTransportHost::WebRtcTransportHost(Worker& worker)
    : timer_(worker.timers(), [this](Timestamp now) { OnTimer(now); }) {}

WebRtcTransportHost::~WebRtcTransportHost() = default;

Result<WebRtcTransport::IceFunction> WebRtcTransportHost::PrepareIce(
    Worker& worker, const WebRtcTransportHostOptions& options, WebRtcServer* server) {
  if (options.full_ice) {
    auto credentials = NewIceCredentials();
    if (!credentials) return credentials.error();
    NiceIceOptions full = *options.full_ice;
    full.credentials = std::move(credentials).value();
    return WebRtcTransport::IceFunction(
        [&worker, full, thread = options.nice_thread](IceObserver& observer) {
          return AsIceSession(NiceIceSession::Create(worker, *thread, full, observer));
        });
  }
  if (!options.listen.empty()) {
    auto own = WebRtcServer::Create(worker, options.listen);
    if (!own) return own.error();
    own_server_ = std::move(own).value();
    server = own_server_.get();
  }
  if (server == nullptr) return Error{"webRtcServer", "is missing, and there are no listenInfos"};
  return WebRtcTransport::IceFunction([server, ice = options.ice](IceObserver& observer) {
    return AsIceSession(server->CreateSession(ice, observer));
  });
}

Result<std::unique_ptr<WebRtcTransportHost>> WebRtcTransportHost::Create(
    Worker& worker, const WebRtcTransportHostOptions& options, WebRtcServer* server,
    std::shared_ptr<const DtlsContext> dtls_context, RtpPacketPool* pool, uint64_t seed,
    const NtpClock& ntp, WebRtcTransportListener* listener) {
  std::unique_ptr<WebRtcTransportHost> host(new WebRtcTransportHost(worker));
  const auto make_ice = host->PrepareIce(worker, options, server);
  if (!make_ice) return make_ice.error();
  RtpSessionEnvironment environment;
  environment.pool = pool;
  environment.seed = seed;
  environment.ntp = ntp;
  // The timer may fire too early, and then looks again: so a deadline that moves away, as ICE's
  // does with each check, costs nothing.
  environment.wakeup = [timer = &host->timer_](Timestamp deadline) {
    if (deadline < timer->deadline()) timer->Arm(deadline);
  };
  auto transport = WebRtcTransport::Create(options.transport, environment, std::move(dtls_context),
                                           make_ice.value(), listener);
  if (!transport) return transport.error();
  host->transport_ = std::move(transport).value();
  return host;
}

Status WebRtcTransportHost::RestartIce() {
  auto credentials = NewIceCredentials();
  return credentials ? transport_->RestartIce(credentials.value()) : Status(credentials.error());
}

void WebRtcTransportHost::OnTimer(Timestamp now) {
  transport_->HandleTimeout(now);
  timer_.Arm(transport_->NextDeadline());
}

}  // namespace sfu
