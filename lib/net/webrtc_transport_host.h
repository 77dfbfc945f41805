// A WebRTC transport on a Worker: ports, shared with others or its own, and a timer that drives its
// deadlines.
//
// Belongs to the Worker's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "net/nice_ice_session.h"
#include "net/timer_queue.h"
#include "net/webrtc_server.h"
#include "net/worker.h"
#include "transport/webrtc_transport.h"

namespace sfu {

struct WebRtcTransportHostOptions {
  WebRtcTransportOptions transport;
  IceSessionOptions ice;
  // Ports of its own. Empty: those of the shared server.
  std::vector<IceListenOptions> listen;
  // Full ICE, instead of all that: agents on `nice_thread`, which must outlive the host. The
  // credentials need not be set, they are made. Candidates come by `on_candidate`.
  std::optional<NiceIceOptions> full_ice;
  NiceThread* nice_thread = nullptr;
};

class WebRtcTransportHost {
 public:
  // `server` is the Worker's shared one; null if `options.listen` has ports, and else not used.
  // Worker, server, pool and listener (may be null) must outlive it; `seed` should be random
  // (EntropySeed()), `ntp` the Worker's (ReadNtpClock()). Errors name the option: "listenInfos" and
  // what is in it, "enableUdp", "enableTcp", "iceConsentTimeout", "turnServers[N]", or
  // "webRtcServer": neither it nor ports were given.
  static Result<std::unique_ptr<WebRtcTransportHost>> Create(
      Worker& worker, const WebRtcTransportHostOptions& options, WebRtcServer* server,
      std::shared_ptr<const DtlsContext> dtls_context, RtpPacketPool* pool, uint64_t seed,
      const NtpClock& ntp, WebRtcTransportListener* listener);
  // Closes the transport. Not from inside its listener, sinks or tracers.
  ~WebRtcTransportHost();
  WebRtcTransportHost(const WebRtcTransportHost&) = delete;
  WebRtcTransportHost& operator=(const WebRtcTransportHost&) = delete;

  WebRtcTransport& transport() { return *transport_; }
  const WebRtcTransport& transport() const { return *transport_; }

  // As WebRtcTransport::RestartIce(), with fresh random credentials.
  Status RestartIce();

  // The ports of its own; null if there are none.
  const WebRtcServer* own_server() const { return own_server_.get(); }

 private:
  explicit WebRtcTransportHost(Worker& worker);
  Result<WebRtcTransport::IceFunction> PrepareIce(Worker& worker,
                                                  const WebRtcTransportHostOptions& options,
                                                  WebRtcServer* server);
  void OnTimer(Timestamp now);

  std::unique_ptr<WebRtcServer> own_server_;
  Timer timer_;
  std::unique_ptr<WebRtcTransport> transport_;
};

}  // namespace sfu
