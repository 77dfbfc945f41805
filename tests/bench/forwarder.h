// What is measured: something that takes the senders' packets and gives them to the receivers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/socket_address.h"
#include "scenario.h"
#include "srtp/srtp_parameters.h"

namespace sfu::bench {

class Forwarder {
 public:
  virtual ~Forwarder() = default;
  // Where each endpoint sends to; unset for endpoints that only receive.
  virtual const std::vector<SocketAddress>& ingress() const = 0;
};

struct ForwarderOptions {
  Scenario scenario;
  std::vector<SocketAddress> endpoints;  // the far end, one per endpoint of the scenario
  std::optional<SrtpKey> key;            // protects what goes to those that only receive
  // The far end's sockets, which nobody reads yet, and what is to be negotiated there: for WebRTC.
  std::vector<int> descriptors;
  SrtpSuite suite = SrtpSuite::kAeadAes128Gcm;
};

// Each makes its threads within the call, on the cores that the caller may use. Null, with `error`
// set, if it cannot be made.

// The kernel by itself: one thread and one socket that send on what comes, as it came. One sender,
// no SRTP.
std::unique_ptr<Forwarder> MakeBareGso(const ForwarderOptions& options, std::string* error);
// libsfu by itself: a Worker, a plain transport per endpoint, a Router per room.
std::unique_ptr<Forwarder> MakeLibsfu(const ForwarderOptions& options, std::string* error);
// libsfu with a WebRTC transport per receiving endpoint, all on one port, brought up by ICE and
// DTLS: protected, with transport-wide numbers, abs-send-time, MID, NACK and RTX.
std::unique_ptr<Forwarder> MakeLibsfuWebRtc(const ForwarderOptions& options, std::string* error);
// The same as elements: a plaintransport per endpoint, a sfurouter per room, in one pipeline.
std::unique_ptr<Forwarder> MakeElements(const ForwarderOptions& options, std::string* error);
// GStreamer's own udpsrc ! multiudpsink per sender.
std::unique_ptr<Forwarder> MakeMultiUdpSink(const ForwarderOptions& options, std::string* error);

}  // namespace sfu::bench
