// The table of plaintransport's settings.
#include "plain_transport_settings.h"

#include "property_specs.h"

namespace sfu::gst {
namespace {

Result<std::optional<SrtpKey>> ReadKey(const std::optional<SrtpParameters>& parameters,
                                       const char* property) {
  if (!parameters) return std::optional<SrtpKey>();
  auto key = ParseSrtpParameters(*parameters);
  if (!key) return Error{property, key.error().ToString()};
  return std::optional<SrtpKey>(key.value());
}

Result<SocketAddress> ReadAddress(const std::string& text, guint port, const char* property) {
  const auto address = SocketAddress::ParseIp(text, static_cast<uint16_t>(port));
  if (!address) return Error{property, "'" + text + "' is not an IP address"};
  return *address;
}

}  // namespace

Result<PlainTransportHostOptions> HostOptions(const PlainTransportSettings& settings) {
  PlainTransportHostOptions options;
  options.transport.rtcp_mux = settings.rtcp_mux;
  options.transport.comedia = settings.comedia;
  auto local = ReadAddress(settings.address, settings.port, "address");
  if (!local) return local.error();
  options.rtp.local = local.value();
  options.rtp.min_port = static_cast<uint16_t>(settings.min_port);
  options.rtp.max_port = static_cast<uint16_t>(settings.max_port);
  if (!settings.multicast_group.empty()) {
    auto group = ReadAddress(settings.multicast_group, settings.port, "multicast-group");
    if (!group) return group.error();
    options.rtp.multicast_group = group.value();
    options.rtp.multicast_interface = settings.multicast_iface;
  }
  options.rtp.recv_buffer_size = settings.receive_buffer_size;
  options.rtp.send_buffer_size = settings.send_buffer_size;
  options.rtcp_port = static_cast<uint16_t>(settings.rtcp_port);
  return options;
}

Result<std::optional<PlainConnectOptions>> ConnectOptions(const PlainTransportSettings& settings) {
  PlainConnectOptions options;
  auto send = ReadKey(settings.local_srtp, "local-srtp-parameters");
  if (!send) return send.error();
  auto receive = ReadKey(settings.remote_srtp, "remote-srtp-parameters");
  if (!receive) return receive.error();
  options.send_key = send.value();
  options.receive_key = receive.value();
  const bool has_key = options.send_key || options.receive_key;
  if (settings.remote_address.empty()) {
    if (!has_key) return std::optional<PlainConnectOptions>();
    if (!settings.comedia)
      return Error{"remote-address", "is needed with SRTP, unless comedia is on"};
    return std::optional<PlainConnectOptions>(options);
  }
  if (settings.remote_port == 0) return Error{"remote-port", "is needed with remote-address"};
  auto rtp = ReadAddress(settings.remote_address, settings.remote_port, "remote-address");
  if (!rtp) return rtp.error();
  options.rtp = rtp.value();
  if (settings.remote_rtcp_port != 0) {
    options.rtcp = rtp.value();
    options.rtcp.set_port(static_cast<uint16_t>(settings.remote_rtcp_port));
  }
  return std::optional<PlainConnectOptions>(options);
}

std::optional<SrtpParameters> ReadSrtp(const GstStructure* structure) {
  if (structure == nullptr) return std::nullopt;
  const char* suite = gst_structure_get_string(structure, "crypto-suite");
  const char* key = gst_structure_get_string(structure, "key-base64");
  return SrtpParameters{suite == nullptr ? "" : suite, key == nullptr ? "" : key};
}

GstStructure* WriteSrtp(const std::optional<SrtpParameters>& parameters) {
  if (!parameters) return nullptr;
  return gst_structure_new("srtp", "crypto-suite", G_TYPE_STRING, parameters->crypto_suite.c_str(),
                           "key-base64", G_TYPE_STRING, parameters->key_base64.c_str(), nullptr);
}

namespace {

void InstallRemote(GObjectClass* klass) {
  InstallText(
      klass, kPlainRemoteAddress, "remote-address", "Remote address",
      "IP address of the peer. Unset: whoever sends is heard, and nothing is sent but feedback "
      "to senders",
      "", kSettableAtAnyTime);
  InstallPort(klass, kPlainRemotePort, "remote-port", "Remote port", "The peer's port for RTP",
              kSettableAtAnyTime);
  InstallPort(klass, kPlainRemoteRtcpPort, "remote-rtcp-port", "Remote RTCP port",
              "The peer's port for RTCP, without rtcp-mux. 0: the one after remote-port",
              kSettableAtAnyTime);
  g_object_class_install_property(
      klass, kPlainLocalSrtp,
      g_param_spec_boxed("local-srtp-parameters", "Local SRTP parameters",
                         "What we protect with: srtp,crypto-suite=AEAD_AES_256_GCM,"
                         "key-base64=(string)\"…\" (also AEAD_AES_128_GCM, "
                         "AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32). Base64 may hold '=', "
                         "'/' and '+': in a launch line the key needs its quotes, as \\\"…\\\" "
                         "within those of the shell. Needs remote-srtp-parameters too",
                         GST_TYPE_STRUCTURE, kSettableAtAnyTime));
  g_object_class_install_property(
      klass, kPlainRemoteSrtp,
      g_param_spec_boxed("remote-srtp-parameters", "Remote SRTP parameters",
                         "What the peer protects with, as local-srtp-parameters",
                         GST_TYPE_STRUCTURE, kSettableAtAnyTime));
}

void InstallLocal(GObjectClass* klass) {
  InstallText(klass, kPlainAddress, "address", "Address", "Local IP address to bind", "0.0.0.0");
  InstallPort(klass, kPlainPort, "port", "Port", "Local port for RTP. 0: any free one");
  InstallPort(klass, kPlainMinPort, "min-port", "Lowest port",
              "With max-port: take the first free port of this range");
  InstallPort(klass, kPlainMaxPort, "max-port", "Highest port", "See min-port");
  InstallSwitch(klass, kPlainRtcpMux, "rtcp-mux", "RTCP multiplexing",
                "RTCP comes and goes on the RTP port. If not, it has a port of its own", true);
  InstallPort(klass, kPlainRtcpPort, "rtcp-port", "RTCP port",
              "Local port for RTCP, without rtcp-mux. 0: the one after the RTP port");
  InstallSwitch(klass, kPlainComedia, "comedia", "Comedia",
                "The peer is whoever sends the first valid RTP; we send there", false);
  InstallText(klass, kPlainMulticastGroup, "multicast-group", "Multicast group",
              "IP address of a multicast group to receive", "");
  InstallText(klass, kPlainMulticastIface, "multicast-iface", "Multicast interface",
              "Name or IP address of the interface to receive the group on", "");
  InstallBufferSize(klass, kPlainReceiveBufferSize, "receive-buffer-size", "Receive buffer size",
                    kDefaultReceiveBuffer);
  InstallBufferSize(klass, kPlainSendBufferSize, "send-buffer-size", "Send buffer size");
}

}  // namespace

void InstallSettings(GObjectClass* klass) {
  InstallLocal(klass);
  InstallRemote(klass);
}

bool SetSetting(PlainTransportSettings* s, guint id, const GValue* value) {
  switch (id) {
    case kPlainAddress:
      s->address = TextOf(value);
      return true;
    case kPlainPort:
      s->port = g_value_get_uint(value);
      return true;
    case kPlainMinPort:
      s->min_port = g_value_get_uint(value);
      return true;
    case kPlainMaxPort:
      s->max_port = g_value_get_uint(value);
      return true;
    case kPlainRtcpMux:
      s->rtcp_mux = g_value_get_boolean(value) != FALSE;
      return true;
    case kPlainRtcpPort:
      s->rtcp_port = g_value_get_uint(value);
      return true;
    case kPlainComedia:
      s->comedia = g_value_get_boolean(value) != FALSE;
      return true;
    case kPlainRemoteAddress:
      s->remote_address = TextOf(value);
      return true;
    case kPlainRemotePort:
      s->remote_port = g_value_get_uint(value);
      return true;
    case kPlainRemoteRtcpPort:
      s->remote_rtcp_port = g_value_get_uint(value);
      return true;
    case kPlainMulticastGroup:
      s->multicast_group = TextOf(value);
      return true;
    case kPlainMulticastIface:
      s->multicast_iface = TextOf(value);
      return true;
    case kPlainReceiveBufferSize:
      s->receive_buffer_size = g_value_get_int(value);
      return true;
    case kPlainSendBufferSize:
      s->send_buffer_size = g_value_get_int(value);
      return true;
    case kPlainLocalSrtp:
      s->local_srtp = ReadSrtp(static_cast<GstStructure*>(g_value_get_boxed(value)));
      return true;
    case kPlainRemoteSrtp:
      s->remote_srtp = ReadSrtp(static_cast<GstStructure*>(g_value_get_boxed(value)));
      return true;
    default:
      return false;
  }
}

bool GetSetting(const PlainTransportSettings& s, guint id, GValue* value) {
  switch (id) {
    case kPlainPort:
      g_value_set_uint(value, s.port);
      return true;
    case kPlainMinPort:
      g_value_set_uint(value, s.min_port);
      return true;
    case kPlainMaxPort:
      g_value_set_uint(value, s.max_port);
      return true;
    case kPlainRtcpPort:
      g_value_set_uint(value, s.rtcp_port);
      return true;
    case kPlainRemotePort:
      g_value_set_uint(value, s.remote_port);
      return true;
    case kPlainRemoteRtcpPort:
      g_value_set_uint(value, s.remote_rtcp_port);
      return true;
    case kPlainAddress:
      g_value_set_string(value, s.address.c_str());
      return true;
    case kPlainRemoteAddress:
      g_value_set_string(value, s.remote_address.c_str());
      return true;
    case kPlainMulticastGroup:
      g_value_set_string(value, s.multicast_group.c_str());
      return true;
    case kPlainMulticastIface:
      g_value_set_string(value, s.multicast_iface.c_str());
      return true;
    case kPlainRtcpMux:
      g_value_set_boolean(value, s.rtcp_mux);
      return true;
    case kPlainComedia:
      g_value_set_boolean(value, s.comedia);
      return true;
    case kPlainReceiveBufferSize:
      g_value_set_int(value, s.receive_buffer_size);
      return true;
    case kPlainSendBufferSize:
      g_value_set_int(value, s.send_buffer_size);
      return true;
    case kPlainLocalSrtp:
      g_value_take_boxed(value, WriteSrtp(s.local_srtp));
      return true;
    case kPlainRemoteSrtp:
      g_value_take_boxed(value, WriteSrtp(s.remote_srtp));
      return true;
    default:
      return false;
  }
}

}  // namespace sfu::gst
