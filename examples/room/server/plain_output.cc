#include "plain_output.h"

#include <gio/gio.h>

#include <memory>
#include <sstream>

#include "limits.h"

namespace room {
namespace {

// Below are the ports of services of the system; above there is no room for the others.
constexpr int kMinPort = 1024;
constexpr int kMaxPort = 65'535 - 3;

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};

std::string NameOf(const Json& codec) {
  const std::string type = codec.at("mimeType");
  return type.substr(type.find('/') + 1);
}

std::string RtpMap(const Json& codec) {
  std::string map =
      codec.at("payloadType").dump() + " " + NameOf(codec) + "/" + codec.at("clockRate").dump();
  if (codec.contains("channels")) map.append("/").append(codec.at("channels").dump());
  return map;
}

std::string FormatParameters(const Json& codec) {
  std::string text;
  if (!codec.contains("parameters")) return text;
  for (const auto& [name, value] : codec.at("parameters").items()) {
    if (!text.empty()) text.push_back(';');
    text.append(name).append("=");
    text.append(value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

}  // namespace

PlainDestination ReadDestination(const Fields& fields, bool anywhere) {
  PlainDestination to;
  to.address = fields.Text("address", kMaxAddressBytes);
  to.port = static_cast<unsigned>(fields.Integer("port", kMinPort, kMaxPort));
  const std::unique_ptr<GInetAddress, Unref> address(
      g_inet_address_new_from_string(to.address.c_str()));
  if (address == nullptr) throw RequestError("invalid", "address", "must be an IP address");
  GInetAddress* ip = address.get();
  if (g_inet_address_get_is_multicast(ip) != FALSE || g_inet_address_get_is_any(ip) != FALSE ||
      to.address == "255.255.255.255") {
    throw RequestError("invalid", "address", "must be the address of one machine");
  }
  if (!anywhere && g_inet_address_get_is_loopback(ip) == FALSE) {
    throw RequestError("invalid", "address",
                       "must be of this machine, for this server asks for no tokens");
  }
  return to;
}

const Json& PlainCapabilities() {
  static const Json kCapabilities = {
      {"codecs",
       {{{"kind", "video"}, {"mimeType", "video/VP8"}, {"clockRate", 90000}},
        {{"kind", "video"}, {"mimeType", "video/VP9"}, {"clockRate", 90000}},
        {{"kind", "video"},
         {"mimeType", "video/H264"},
         {"clockRate", 90000},
         {"parameters", {{"packetization-mode", 1}, {"level-asymmetry-allowed", 1}}}},
        {{"kind", "audio"}, {"mimeType", "audio/opus"}, {"clockRate", 48000}, {"channels", 2}}}},
      {"headerExtensions", Json::array()}};
  return kCapabilities;
}

Json Describe(const PlainOutput& output) {
  return {{"kind", output.kind},
          {"codec", NameOf(output.codec)},
          {"payloadType", output.codec.at("payloadType")},
          {"clockRate", output.codec.at("clockRate")},
          {"port", output.to.port},
          {"rtcpPort", output.to.port + 1}};
}

std::string PlainSdp(const std::vector<PlainOutput>& outputs) {
  const std::string& address = outputs.at(0).to.address;
  const char* family = address.find(':') == std::string::npos ? "IN IP4 " : "IN IP6 ";
  std::ostringstream sdp;
  sdp << "v=0\r\no=- 0 0 " << family << address << "\r\ns=sfu-room\r\nc=" << family << address
      << "\r\nt=0 0\r\n";
  for (const PlainOutput& output : outputs) {
    const Json& type = output.codec.at("payloadType");
    sdp << "m=" << output.kind << " " << output.to.port << " RTP/AVP " << type
        << "\r\na=rtpmap:" << RtpMap(output.codec) << "\r\n";
    const std::string parameters = FormatParameters(output.codec);
    if (!parameters.empty()) sdp << "a=fmtp:" << type << " " << parameters << "\r\n";
  }
  return sdp.str();
}

std::string ReceivingCommand(const std::string& sdp) {
  gchar* base64 = g_base64_encode(reinterpret_cast<const guchar*>(sdp.data()), sdp.size());
  const std::string text = base64;
  g_free(base64);
  return "ffmpeg -protocol_whitelist data,rtp,udp -f sdp -i \"data:application/sdp;base64," + text +
         "\" -c copy -y room.mkv";
}

}  // namespace room
