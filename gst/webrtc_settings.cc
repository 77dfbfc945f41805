// The table of webrtctransport's settings.
#include "webrtc_settings.h"

#include <array>
#include <string_view>

#include "ice_servers.h"
#include "property_specs.h"

namespace sfu::gst {
namespace {

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
    {kWebRtcStunServer, "stun-server", "STUN server",
     "stun://HOST[:PORT], which tells what address a NAT gives us. With full ICE only",
     &WebRtcSettings::stun_server},
    {kWebRtcTurnServer, "turn-server", "TURN servers",
     "turn://USER:PASSWORD@HOST[:PORT][?transport=udp|tcp], separated by commas; reserved "
     "characters of user and password as %XX. They relay where there is no direct path. With full "
     "ICE only",
     &WebRtcSettings::turn_server},
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

// In bits per second.
struct RateSetting {
  WebRtcProperty id;
  const char* name;
  const char* nick;
  const char* blurb;
  guint least;
  GParamFlags flags;
  guint WebRtcSettings::*member;
};

constexpr RateSetting kRates[] = {
    {kWebRtcMaxIncomingBitrate, "max-incoming-bitrate", "Maximum incoming bitrate",
     "How much the peer is told (REMB) that it may send, in bits per second. 0: no limit", 0,
     kSettableAtAnyTime, &WebRtcSettings::max_incoming_bitrate},
    {kWebRtcMaxOutgoingBitrate, "max-outgoing-bitrate", "Maximum outgoing bitrate",
     "The available outgoing bitrate is never above this, in bits per second: 30000 or more. 0: no "
     "limit",
     0, kSettableAtAnyTime, &WebRtcSettings::max_outgoing_bitrate},
    {kWebRtcMinOutgoingBitrate, "min-outgoing-bitrate", "Minimum outgoing bitrate",
     "The available outgoing bitrate is never below this, in bits per second: 30000 or more. 0: no "
     "limit",
     0, kSettableAtAnyTime, &WebRtcSettings::min_outgoing_bitrate},
    {kWebRtcInitialOutgoingBitrate, "initial-available-outgoing-bitrate",
     "Initial available outgoing bitrate", "How much may be sent to the peer, in bits per second",
     static_cast<guint>(OutgoingBitrate::kLeastLimit.bps()), kSettable,
     &WebRtcSettings::initial_available_outgoing_bitrate},
};

struct ChoiceSetting {
  WebRtcProperty id;
  const char* name;
  const char* nick;
  const char* blurb;
  const char* type_name;
  std::array<GEnumValue, 3> values;  // the last ends the list
  int (*get)(const WebRtcSettings& settings);
  void (*set)(WebRtcSettings* settings, int value);
};

template <auto kMember>
constexpr auto Getter() {
  return [](const WebRtcSettings& settings) { return static_cast<int>(settings.*kMember); };
}
template <typename T, T WebRtcSettings::*kMember>
constexpr auto Setter() {
  return [](WebRtcSettings* settings, int value) { settings->*kMember = static_cast<T>(value); };
}

constexpr ChoiceSetting kChoices[] = {
    {kWebRtcIceMode,
     "ice-mode",
     "ICE mode",
     "How a path is found. lite: we have addresses that the peer can reach, and it does the rest. "
     "full: we look for it, too, through NATs with stun-server and turn-server, and can dial a "
     "lite peer; needs iceParameters in `connect`",
     "GstSfuIceMode",
     {{{static_cast<int>(IceMode::kLite), "ICE-lite, on ports that transports share", "lite"},
       {static_cast<int>(IceMode::kFull), "Full ICE, on ports of its own", "full"},
       {0, nullptr, nullptr}}},
     Getter<&WebRtcSettings::ice_mode>(),
     Setter<IceMode, &WebRtcSettings::ice_mode>()},
    {kWebRtcIceRole,
     "ice-role",
     "ICE role",
     "Who chooses the path. Whoever talks to a lite peer is controlling. With full ICE only: a "
     "lite agent is controlled",
     "GstSfuIceRole",
     {{{static_cast<int>(IceRole::kControlling), "We choose", "controlling"},
       {static_cast<int>(IceRole::kControlled), "The peer chooses", "controlled"},
       {0, nullptr, nullptr}}},
     Getter<&WebRtcSettings::ice_role>(),
     Setter<IceRole, &WebRtcSettings::ice_role>()},
    {kWebRtcIcePolicy,
     "ice-transport-policy",
     "ICE transport policy",
     "Which paths may be taken. With full ICE only",
     "GstSfuIceTransportPolicy",
     {{{static_cast<int>(IcePolicy::kAll), "All", "all"},
       {static_cast<int>(IcePolicy::kRelay), "Through TURN servers only", "relay"},
       {0, nullptr, nullptr}}},
     Getter<&WebRtcSettings::ice_policy>(),
     Setter<IcePolicy, &WebRtcSettings::ice_policy>()},
};

// Seconds.
constexpr guint kMaxConsentTimeout = 60;

}  // namespace

WebRtcPortOptions PortOptions(const WebRtcSettings& settings) {
  return {settings.address, static_cast<uint16_t>(settings.port),
          SplitList(settings.announced_address), settings.receive_buffer_size,
          settings.send_buffer_size};
}

namespace {

// An agent has ports of its own, which the system gives it.
Status CheckNoPorts(const WebRtcSettings& settings) {
  const struct {
    const char* name;
    bool set;
  } ports[] = {
      {"port", settings.port != 0},
      {"announced-address", !settings.announced_address.empty()},
      {"own-ports", settings.own_ports},
      {"min-port", settings.min_port != 0},
      {"max-port", settings.max_port != 0},
  };
  for (const auto& port : ports) {
    if (port.set) return Error{port.name, "goes with ice-mode=lite"};
  }
  return OkStatus();
}

Result<NiceIceOptions> FullIceOptions(const WebRtcSettings& settings) {
  if (Status none = CheckNoPorts(settings); !none) return none.error();
  NiceIceOptions full;
  full.controlling = settings.ice_role == IceRole::kControlling;
  full.relay_only = settings.ice_policy == IcePolicy::kRelay;
  full.enable_udp = settings.enable_udp;
  full.enable_tcp = settings.enable_tcp;
  if (!settings.address.empty()) {
    const auto local = SocketAddress::ParseIp(settings.address);
    if (!local) return Error{"address", "'" + settings.address + "' is not an IP address"};
    if (!local->is_wildcard()) full.local_addresses = {*local};
  }
  if (!settings.stun_server.empty()) {
    auto stun = ParseStunServer(settings.stun_server);
    if (!stun) return stun.error();
    full.stun_server = stun.value();
  }
  auto turn = ParseTurnServers(settings.turn_server);
  if (!turn) return turn.error();
  full.turn_servers = std::move(turn).value();
  return full;
}

}  // namespace

Result<WebRtcTransportHostOptions> HostOptions(const WebRtcSettings& settings) {
  WebRtcTransportHostOptions options;
  if (settings.ice_mode == IceMode::kFull) {
    auto full = FullIceOptions(settings);
    if (!full) return full.error();
    options.full_ice = std::move(full).value();
    return options;
  }
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

Status SetOutgoingLimits(const WebRtcSettings& settings, OutgoingBitrate* rate) {
  OutgoingBitrate limited = *rate;
  Status set = limited.SetMin(DataRate());
  if (set) set = limited.SetMax(DataRate::BitsPerSecond(settings.max_outgoing_bitrate));
  if (!set) return Error{"max-outgoing-bitrate", "must be 0, or 30000 or more"};
  const DataRate least = DataRate::BitsPerSecond(settings.min_outgoing_bitrate);
  if (Status min = limited.SetMin(least); !min) {
    return Error{"min-outgoing-bitrate",
                 "must be 0, or 30000 or more and not above max-outgoing-bitrate"};
  }
  *rate = limited;
  return OkStatus();
}

void InstallWebRtcSettings(GObjectClass* klass) {
  const WebRtcSettings initial;
  for (const auto& s : kTexts) InstallText(klass, s.id, s.name, s.nick, s.blurb, "");
  for (const auto& s : kPorts) InstallPort(klass, s.id, s.name, s.nick, s.blurb);
  for (const auto& s : kSwitches) {
    InstallSwitch(klass, s.id, s.name, s.nick, s.blurb, initial.*s.member);
  }
  for (const auto& s : kSizes) InstallBufferSize(klass, s.id, s.name, s.nick);
  for (const auto& s : kChoices) {
    const GType type = g_enum_register_static(s.type_name, s.values.data());
    gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
    g_object_class_install_property(
        klass, s.id, g_param_spec_enum(s.name, s.nick, s.blurb, type, s.get(initial), kSettable));
  }
  g_object_class_install_property(
      klass, kWebRtcIceConsentTimeout,
      g_param_spec_uint("ice-consent-timeout", "ICE consent timeout",
                        "Seconds without a connectivity check of the peer after which a path is "
                        "given up: 10 to 60. 0: never",
                        0, kMaxConsentTimeout, initial.ice_consent_timeout, kSettable));
  for (const auto& s : kRates) {
    g_object_class_install_property(
        klass, s.id,
        g_param_spec_uint(s.name, s.nick, s.blurb, s.least, G_MAXUINT, initial.*s.member, s.flags));
  }
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
  for (const auto& s : kChoices) {
    if (s.id == id) s.set(settings, g_value_get_enum(value));
  }
  if (id == kWebRtcIceConsentTimeout) settings->ice_consent_timeout = g_value_get_uint(value);
  for (const auto& s : kRates) {
    if (s.id == id) settings->*s.member = g_value_get_uint(value);
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
  for (const auto& s : kChoices) {
    if (s.id == id) g_value_set_enum(value, s.get(settings));
  }
  if (id == kWebRtcIceConsentTimeout) g_value_set_uint(value, settings.ice_consent_timeout);
  for (const auto& s : kRates) {
    if (s.id == id) g_value_set_uint(value, settings.*s.member);
  }
  return id < kWebRtcFirstOther;
}

}  // namespace sfu::gst
