// The table of webrtctransport's settings.
#include "webrtc_settings.h"

#include <string_view>

#include "property_specs.h"

namespace sfu::gst {
namespace {

// A comma-separated list; spaces around names do not count.
std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string_view name = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

struct TextSetting {
  WebRtcProperty id;
  const char* name;
  const char* nick;
  const char* blurb;
  std::string WebRtcSettings::*member;
};

constexpr TextSetting kTexts[] = {
    {kWebRtcAddress, "address", "Address",
     "Local IP address to bind. Unset: as the Worker's port has it, else 0.0.0.0. '::' takes IPv6 "
     "and IPv4",
     &WebRtcSettings::address},
    {kWebRtcAnnouncedAddress, "announced-address", "Announced addresses",
     "IP addresses or host names by which peers reach us, separated by commas. Unset: as the "
     "Worker's port has it, else the bound address; for 0.0.0.0 and :: all of the machine's",
     &WebRtcSettings::announced_address},
    {kWebRtcCertificate, "certificate", "Certificate",
     "PEM file of the certificate for DTLS. Unset: as the Worker's transports have it, else one "
     "that is made for them",
     &WebRtcSettings::certificate},
    {kWebRtcPrivateKey, "private-key", "Private key", "PEM file of the certificate's private key",
     &WebRtcSettings::private_key},
};

struct SwitchSetting {
  WebRtcProperty id;
  const char* name;
  const char* nick;
  const char* blurb;
  bool WebRtcSettings::*member;
};

constexpr SwitchSetting kSwitches[] = {
    {kWebRtcOwnPorts, "own-ports", "Own ports",
     "A UDP and a TCP port for this transport only, instead of those that the transports of the "
     "Worker share",
     &WebRtcSettings::own_ports},
    {kWebRtcEnableUdp, "enable-udp", "Enable UDP", "Offer UDP candidates",
     &WebRtcSettings::enable_udp},
    {kWebRtcEnableTcp, "enable-tcp", "Enable TCP", "Offer TCP candidates",
     &WebRtcSettings::enable_tcp},
    {kWebRtcPreferTcp, "prefer-tcp", "Prefer TCP",
     "TCP candidates come before UDP candidates, and not after them", &WebRtcSettings::prefer_tcp},
};

struct PortSetting {
  WebRtcProperty id;
  const char* name;
  const char* nick;
  const char* blurb;
  guint WebRtcSettings::*member;
};

constexpr PortSetting kPorts[] = {
    {kWebRtcPort, "port", "Port",
     "Local port for UDP and TCP. 0: as the Worker's port has it, else any free one",
     &WebRtcSettings::port},
    {kWebRtcMinPort, "min-port", "Lowest port",
     "With own-ports and max-port: take the first free ports of this range",
     &WebRtcSettings::min_port},
    {kWebRtcMaxPort, "max-port", "Highest port", "See min-port", &WebRtcSettings::max_port},
};

struct SizeSetting {
  WebRtcProperty id;
  const char* name;
  const char* nick;
  int WebRtcSettings::*member;
};

constexpr SizeSetting kSizes[] = {
    {kWebRtcReceiveBufferSize, "receive-buffer-size", "Receive buffer size",
     &WebRtcSettings::receive_buffer_size},
    {kWebRtcSendBufferSize, "send-buffer-size", "Send buffer size",
     &WebRtcSettings::send_buffer_size},
};

// Seconds.
constexpr guint kMaxConsentTimeout = 60;

}  // namespace

WebRtcPortOptions PortOptions(const WebRtcSettings& settings) {
  return {settings.address, static_cast<uint16_t>(settings.port), Split(settings.announced_address),
          settings.receive_buffer_size, settings.send_buffer_size};
}

Result<WebRtcTransportHostOptions> HostOptions(const WebRtcSettings& settings) {
  WebRtcTransportHostOptions options;
  options.ice.enable_udp = settings.enable_udp;
  options.ice.enable_tcp = settings.enable_tcp;
  options.ice.prefer_tcp = settings.prefer_tcp;
  options.ice.consent_timeout = TimeDelta::Seconds(settings.ice_consent_timeout);
  if (!settings.own_ports) return options;
  auto listen = ListenOptions(PortOptions(settings), static_cast<uint16_t>(settings.min_port),
                              static_cast<uint16_t>(settings.max_port));
  if (!listen) return listen.error();
  options.listen = std::move(listen).value();
  return options;
}

void InstallWebRtcSettings(GObjectClass* klass) {
  const WebRtcSettings initial;
  for (const auto& s : kTexts) InstallText(klass, s.id, s.name, s.nick, s.blurb, "");
  for (const auto& s : kPorts) InstallPort(klass, s.id, s.name, s.nick, s.blurb);
  for (const auto& s : kSwitches) {
    InstallSwitch(klass, s.id, s.name, s.nick, s.blurb, initial.*s.member);
  }
  for (const auto& s : kSizes) InstallBufferSize(klass, s.id, s.name, s.nick);
  g_object_class_install_property(
      klass, kWebRtcIceConsentTimeout,
      g_param_spec_uint("ice-consent-timeout", "ICE consent timeout",
                        "Seconds without a connectivity check of the peer after which a path is "
                        "given up: 10 to 60. 0: never",
                        0, kMaxConsentTimeout, initial.ice_consent_timeout, kSettable));
  g_object_class_install_property(
      klass, kWebRtcMaxIncomingBitrate,
      g_param_spec_uint("max-incoming-bitrate", "Maximum incoming bitrate",
                        "How much the peer is told (REMB) that it may send, in bits per second. 0: "
                        "no limit",
                        0, G_MAXUINT, initial.max_incoming_bitrate, kSettableAtAnyTime));
  g_object_class_install_property(
      klass, kWebRtcInitialOutgoingBitrate,
      g_param_spec_uint("initial-available-outgoing-bitrate", "Initial available outgoing bitrate",
                        "How much may be sent to the peer, in bits per second",
                        static_cast<guint>(OutgoingBitrate::kLeastLimit.bps()), G_MAXUINT,
                        initial.initial_available_outgoing_bitrate, kSettable));
}

bool SetSetting(WebRtcSettings* settings, guint id, const GValue* value) {
  for (const auto& s : kTexts) {
    if (s.id == id) settings->*s.member = TextOf(value);
  }
  for (const auto& s : kPorts) {
    if (s.id == id) settings->*s.member = g_value_get_uint(value);
  }
  for (const auto& s : kSwitches) {
    if (s.id == id) settings->*s.member = g_value_get_boolean(value) != FALSE;
  }
  for (const auto& s : kSizes) {
    if (s.id == id) settings->*s.member = g_value_get_int(value);
  }
  if (id == kWebRtcIceConsentTimeout) settings->ice_consent_timeout = g_value_get_uint(value);
  if (id == kWebRtcMaxIncomingBitrate) settings->max_incoming_bitrate = g_value_get_uint(value);
  if (id == kWebRtcInitialOutgoingBitrate) {
    settings->initial_available_outgoing_bitrate = g_value_get_uint(value);
  }
  return id < kWebRtcFirstOther;
}

bool GetSetting(const WebRtcSettings& settings, guint id, GValue* value) {
  for (const auto& s : kTexts) {
    if (s.id == id) g_value_set_string(value, (settings.*s.member).c_str());
  }
  for (const auto& s : kPorts) {
    if (s.id == id) g_value_set_uint(value, settings.*s.member);
  }
  for (const auto& s : kSwitches) {
    if (s.id == id) g_value_set_boolean(value, settings.*s.member ? TRUE : FALSE);
  }
  for (const auto& s : kSizes) {
    if (s.id == id) g_value_set_int(value, settings.*s.member);
  }
  if (id == kWebRtcIceConsentTimeout) g_value_set_uint(value, settings.ice_consent_timeout);
  if (id == kWebRtcMaxIncomingBitrate) g_value_set_uint(value, settings.max_incoming_bitrate);
  if (id == kWebRtcInitialOutgoingBitrate) {
    g_value_set_uint(value, settings.initial_available_outgoing_bitrate);
  }
  return id < kWebRtcFirstOther;
}

}  // namespace sfu::gst
