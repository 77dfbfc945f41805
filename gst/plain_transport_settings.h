// The properties of plaintransport as values, and what the core makes of them.
#pragma once

#include <gst/gst.h>

#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/plain_transport_host.h"

namespace sfu::gst {

struct PlainTransportSettings {
  std::string address = "0.0.0.0";
  guint port = 0;
  guint min_port = 0;
  guint max_port = 0;
  bool rtcp_mux = true;
  guint rtcp_port = 0;
  bool comedia = false;
  std::string remote_address;
  guint remote_port = 0;
  guint remote_rtcp_port = 0;
  std::string multicast_group;
  std::string multicast_iface;
  int receive_buffer_size = kDefaultReceiveBuffer;
  int send_buffer_size = 0;
  std::optional<SrtpParameters> local_srtp;   // what we protect with
  std::optional<SrtpParameters> remote_srtp;  // what the peer protects with
};

// Errors name the property.
Result<PlainTransportHostOptions> HostOptions(const PlainTransportSettings& settings);
// Nothing when no peer and no key is given.
Result<std::optional<PlainConnectOptions>> ConnectOptions(const PlainTransportSettings& settings);

// Between SrtpParameters and the structure that carries them as a property:
//   srtp,crypto-suite=AEAD_AES_256_GCM,key-base64=…
std::optional<SrtpParameters> ReadSrtp(const GstStructure* structure);
GstStructure* WriteSrtp(const std::optional<SrtpParameters>& parameters);

// The numbers of PlainTransportSettings' GObject properties.
enum PlainTransportProperty : guint {
  kPlainAddress = 1,
  kPlainPort,
  kPlainMinPort,
  kPlainMaxPort,
  kPlainRtcpMux,
  kPlainRtcpPort,
  kPlainComedia,
  kPlainRemoteAddress,
  kPlainRemotePort,
  kPlainRemoteRtcpPort,
  kPlainMulticastGroup,
  kPlainMulticastIface,
  kPlainReceiveBufferSize,
  kPlainSendBufferSize,
  kPlainLocalSrtp,
  kPlainRemoteSrtp,
  kPlainFirstOther,  // free for others
};

void InstallSettings(GObjectClass* klass);
// False when `id` is none of them.
bool SetSetting(PlainTransportSettings* settings, guint id, const GValue* value);
bool GetSetting(const PlainTransportSettings& settings, guint id, GValue* value);

}  // namespace sfu::gst
