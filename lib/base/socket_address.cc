// Text and hash of SocketAddress. inet_pton and inet_ntop are pure functions, so they do not break
// the rule that base/ does no I/O.
#include "base/socket_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sfu {
namespace {

// The longest text of an IP address that inet_pton reads, with room for a scope.
constexpr size_t kMaxIpText = 64;

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

uint64_t Mix(uint64_t value) {
  value *= 0x9e3779b97f4a7c15;
  return value ^ (value >> 32);
}

}  // namespace

SocketAddress SocketAddress::Ipv4(const Ipv4Bytes& bytes, uint16_t port) {
  SocketAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  address.port_ = port;
  address.family_ = Family::kIpv4;
  return address;
}

SocketAddress SocketAddress::Ipv6(const Ipv6Bytes& bytes, uint16_t port, uint32_t scope_id) {
  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return Ipv4({bytes[12], bytes[13], bytes[14], bytes[15]}, port);
  }
  SocketAddress address;
  address.bytes_ = bytes;
  address.scope_id_ = scope_id;
  address.port_ = port;
  address.family_ = Family::kIpv6;
  return address;
}

std::optional<SocketAddress> SocketAddress::ParseIp(std::string_view ip, uint16_t port) {
  uint32_t scope_id = 0;
  const size_t percent = ip.find('%');
  if (percent != std::string_view::npos) {
    const auto scope = ParseNumber<uint32_t>(ip.substr(percent + 1));
    if (!scope) return std::nullopt;
    scope_id = *scope;
    ip = ip.substr(0, percent);
  }
  char text[kMaxIpText] = {};
  // An embedded zero byte would make inet_pton see less than the caller wrote.
  if (ip.size() >= sizeof(text) || ip.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(ip.begin(), ip.end(), text);
  Ipv4Bytes v4;
  if (percent == std::string_view::npos && inet_pton(AF_INET, text, v4.data()) == 1) {
    return Ipv4(v4, port);
  }
  Ipv6Bytes v6;
  if (inet_pton(AF_INET6, text, v6.data()) == 1) return Ipv6(v6, port, scope_id);
  return std::nullopt;
}

std::optional<SocketAddress> SocketAddress::Parse(std::string_view text) {
  std::string_view ip = text;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    ip = text.substr(1, close - 1);
    if (ip.find(':') == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return ParseIp(ip);
    if (rest.front() != ':') return std::nullopt;
    port = rest.substr(1);
  } else {
    const size_t colon = text.find(':');
    // No colon, or more than one (IPv6 without brackets): there is no port.
    if (colon == std::string_view::npos || colon != text.rfind(':')) return ParseIp(text);
    ip = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  const auto number = ParseNumber<uint16_t>(port);
  return number ? ParseIp(ip, *number) : std::nullopt;
}

bool SocketAddress::is_wildcard() const { return is_set() && bytes_ == Ipv6Bytes{}; }

bool SocketAddress::is_multicast() const {
  return (is_ipv4() && (bytes_[0] & 0xf0) == 0xe0) || (is_ipv6() && bytes_[0] == 0xff);
}

bool SocketAddress::is_loopback() const {
  if (is_ipv4()) return bytes_[0] == 127;
  Ipv6Bytes one{};
  one[15] = 1;
  return is_ipv6() && bytes_ == one;
}

bool SocketAddress::SameIp(const SocketAddress& other) const {
  return family_ == other.family_ && scope_id_ == other.scope_id_ && bytes_ == other.bytes_;
}

uint64_t SocketAddress::Network() const {
  uint64_t network = 0;
  for (size_t i = 0; i < sizeof(network); ++i) network = network << 8 | bytes_[i];
  return network;
}

std::string SocketAddress::IpString() const {
  if (!is_set()) return {};
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_ipv4() ? AF_INET : AF_INET6, bytes_.data(), text, sizeof(text));
  std::string ip = text;
  if (scope_id_ != 0) ip.append(1, '%').append(std::to_string(scope_id_));
  return ip;
}

std::string SocketAddress::ToString() const {
  if (!is_set()) return {};
  std::string text = is_ipv4() ? IpString() : std::string(1, '[').append(IpString()).append(1, ']');
  return text.append(1, ':').append(std::to_string(port_));
}

size_t SocketAddress::Hash() const {
  uint64_t high = 0;
  uint64_t low = 0;
  std::memcpy(&high, bytes_.data(), 8);
  std::memcpy(&low, bytes_.data() + 8, 8);
  const uint64_t rest =
      uint64_t{scope_id_} << 32 | uint64_t{port_} << 8 | static_cast<uint64_t>(family_);
  return Mix(Mix(Mix(high) + low) + rest);
}

}  // namespace sfu
