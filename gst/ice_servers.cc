// RFC 7064 and RFC 7065 have no slashes and no password; both forms of GStreamer do.
#include "ice_servers.h"

#include <glib.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>

namespace sfu::gst {
namespace {

constexpr int kDefaultPort = 3478;

struct UnrefUri {
  void operator()(GUri* uri) const { g_uri_unref(uri); }
};
using UriPtr = std::unique_ptr<GUri, UnrefUri>;

std::optional<SocketAddress> AddressOf(const addrinfo& found, uint16_t port) {
  if (found.ai_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, found.ai_addr, sizeof(in));
    SocketAddress::Ipv4Bytes bytes;
    std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
    return SocketAddress::Ipv4(bytes, port);
  }
  if (found.ai_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, found.ai_addr, sizeof(in));
    SocketAddress::Ipv6Bytes bytes;
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return SocketAddress::Ipv6(bytes, port, in.sin6_scope_id);
  }
  return std::nullopt;
}

Result<SocketAddress> LookUp(const char* property, const std::string& host, uint16_t port) {
  if (const auto literal = SocketAddress::ParseIp(host, port)) return *literal;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return Error{property, "'" + host + "': " + gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (const auto address = AddressOf(*one, port)) return *address;
  }
  return Error{property, "'" + host + "' has no IP address"};
}

// `uri` may hold a password: errors do not show it.
Result<UriPtr> ParseUri(const char* property, const std::string& uri, const char* scheme) {
  GError* error = nullptr;
  UriPtr parsed(g_uri_parse(uri.c_str(), G_URI_FLAGS_HAS_PASSWORD, &error));
  g_clear_error(&error);
  if (parsed == nullptr || g_strcmp0(g_uri_get_scheme(parsed.get()), scheme) != 0 ||
      g_uri_get_host(parsed.get()) == nullptr || *g_uri_get_host(parsed.get()) == '\0') {
    return Error{property, std::string("must begin with ") + scheme + "://, and name a host"};
  }
  return parsed;
}

Result<SocketAddress> ServerOf(const char* property, GUri* uri) {
  const int port = g_uri_get_port(uri);
  return LookUp(property, g_uri_get_host(uri),
                static_cast<uint16_t>(port > 0 ? port : kDefaultPort));
}

Result<IceProtocol> TransportOf(GUri* uri) {
  const char* query = g_uri_get_query(uri);
  if (query == nullptr || g_str_equal(query, "transport=udp")) return IceProtocol::kUdp;
  if (g_str_equal(query, "transport=tcp")) return IceProtocol::kTcp;
  return Error{"turn-server", "may end in ?transport=udp or ?transport=tcp"};
}

Result<TurnServer> ParseTurnServer(const std::string& text) {
  const auto uri = ParseUri("turn-server", text, "turn");
  if (!uri) return uri.error();
  GUri* parsed = uri.value().get();
  const char* user = g_uri_get_user(parsed);
  const char* password = g_uri_get_password(parsed);
  if (user == nullptr || *user == '\0' || password == nullptr) {
    return Error{"turn-server", "must have USER:PASSWORD@ before the host"};
  }
  const auto transport = TransportOf(parsed);
  if (!transport) return transport.error();
  const auto address = ServerOf("turn-server", parsed);
  if (!address) return address.error();
  return TurnServer{address.value(), transport.value(), user, password};
}

}  // namespace

std::vector<std::string> SplitList(std::string_view text) {
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

Result<SocketAddress> ParseStunServer(const std::string& uri) {
  const auto parsed = ParseUri("stun-server", uri, "stun");
  return parsed ? ServerOf("stun-server", parsed.value().get()) : parsed.error();
}

Result<std::vector<TurnServer>> ParseTurnServers(const std::string& uris) {
  std::vector<TurnServer> servers;
  for (const std::string& uri : SplitList(uris)) {
    auto server = ParseTurnServer(uri);
    if (!server) return server.error();
    servers.push_back(std::move(server).value());
  }
  return servers;
}

}  // namespace sfu::gst
