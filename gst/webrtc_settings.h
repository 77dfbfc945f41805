// The properties of webrtctransport as values, and what the core makes of them.
#pragma once

#include <gst/gst.h>

#include <string>

#include "base/result.h"
#include "net/webrtc_transport_host.h"
#include "webrtc_share.h"

namespace sfu::gst {

enum class IceMode : uint8_t { kLite, kFull };
enum class IceRole : uint8_t { kControlling, kControlled };
enum class IcePolicy : uint8_t { kAll, kRelay };

struct WebRtcSettings {
  std::string address;  // as the next four: unset means whatever the Worker's port has
  guint port = 0;
  std::string announced_address;
  std::string certificate;
  std::string private_key;
  IceMode ice_mode = IceMode::kLite;
  IceRole ice_role = IceRole::kControlling;  // this and the next three: with full ICE
  IcePolicy ice_policy = IcePolicy::kAll;
  std::string stun_server;
  std::string turn_server;
  bool own_ports = false;
  guint min_port = 0;
  guint max_port = 0;
  bool enable_udp = true;
  bool enable_tcp = true;
  bool prefer_tcp = false;
  guint ice_consent_timeout = 30;
  guint max_incoming_bitrate = 0;
  guint max_outgoing_bitrate = 0;
  guint min_outgoing_bitrate = 0;
  guint initial_available_outgoing_bitrate =
      static_cast<guint>(OutgoingBitrate::kDefaultInitial.bps());
  int receive_buffer_size = 0;
  int send_buffer_size = 0;
};

// The port that is shared with others.
WebRtcPortOptions PortOptions(const WebRtcSettings& settings);
// All else, ports of its own if it is to have them. The error names the property. Names of STUN and
// TURN servers are looked up: this may take its time.
Result<WebRtcTransportHostOptions> HostOptions(const WebRtcSettings& settings);

// The numbers of WebRtcSettings' GObject properties.
enum WebRtcProperty : guint {
  kWebRtcAddress = 1,
  kWebRtcPort,
  kWebRtcAnnouncedAddress,
  kWebRtcCertificate,
  kWebRtcPrivateKey,
  kWebRtcIceMode,
  kWebRtcIceRole,
  kWebRtcIcePolicy,
  kWebRtcStunServer,
  kWebRtcTurnServer,
  kWebRtcOwnPorts,
  kWebRtcMinPort,
  kWebRtcMaxPort,
  kWebRtcEnableUdp,
  kWebRtcEnableTcp,
  kWebRtcPreferTcp,
  kWebRtcIceConsentTimeout,
  kWebRtcMaxIncomingBitrate,
  kWebRtcMaxOutgoingBitrate,
  kWebRtcMinOutgoingBitrate,
  kWebRtcInitialOutgoingBitrate,
  kWebRtcReceiveBufferSize,
  kWebRtcSendBufferSize,
  kWebRtcFirstOther,  // free for others
};

// Whether the limits of the outgoing bitrate go together; they then are `rate`'s. The error names
// the property.
Status SetOutgoingLimits(const WebRtcSettings& settings, OutgoingBitrate* rate);

void InstallWebRtcSettings(GObjectClass* klass);
// False when `id` is none of them.
bool SetSetting(WebRtcSettings* settings, guint id, const GValue* value);
bool GetSetting(const WebRtcSettings& settings, guint id, GValue* value);

}  // namespace sfu::gst
