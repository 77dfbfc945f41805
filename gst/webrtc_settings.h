// The properties of webrtctransport as values, and what the core makes of them.
#pragma once

#include <gst/gst.h>

#include <string>

#include "base/result.h"
#include "net/webrtc_transport_host.h"
#include "webrtc_share.h"

namespace sfu::gst {

struct WebRtcSettings {
  std::string address;  // as the next four: unset means whatever the Worker's port has
  guint port = 0;
  std::string announced_address;
  std::string certificate;
  std::string private_key;
  bool own_ports = false;
  guint min_port = 0;
  guint max_port = 0;
  bool enable_udp = true;
  bool enable_tcp = true;
  bool prefer_tcp = false;
  guint ice_consent_timeout = 30;
  guint max_incoming_bitrate = 0;
  guint initial_available_outgoing_bitrate =
      static_cast<guint>(OutgoingBitrate::kDefaultInitial.bps());
  int receive_buffer_size = 0;
  int send_buffer_size = 0;
};

// The port that is shared with others.
WebRtcPortOptions PortOptions(const WebRtcSettings& settings);
// All else, ports of its own if it is to have them. The error names the property.
Result<WebRtcTransportHostOptions> HostOptions(const WebRtcSettings& settings);

// The numbers of WebRtcSettings' GObject properties.
enum WebRtcProperty : guint {
  kWebRtcAddress = 1,
  kWebRtcPort,
  kWebRtcAnnouncedAddress,
  kWebRtcCertificate,
  kWebRtcPrivateKey,
  kWebRtcOwnPorts,
  kWebRtcMinPort,
  kWebRtcMaxPort,
  kWebRtcEnableUdp,
  kWebRtcEnableTcp,
  kWebRtcPreferTcp,
  kWebRtcIceConsentTimeout,
  kWebRtcMaxIncomingBitrate,
  kWebRtcInitialOutgoingBitrate,
  kWebRtcReceiveBufferSize,
  kWebRtcSendBufferSize,
  kWebRtcFirstOther,  // free for others
};

void InstallWebRtcSettings(GObjectClass* klass);
// False when `id` is none of them.
bool SetSetting(WebRtcSettings* settings, guint id, const GValue* value);
bool GetSetting(const WebRtcSettings& settings, guint id, GValue* value);

}  // namespace sfu::gst
