// An IPv4 or IPv6 address with a port, as a plain value: what sans-I/O code knows of the network.
// Conversion to the kernel's structures lives in net/sockaddr.h.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace sfu {

class SocketAddress {
 public:
  using Ipv4Bytes = std::array<uint8_t, 4>;
  using Ipv6Bytes = std::array<uint8_t, 16>;

  // No address; is_set() is false.
  constexpr SocketAddress() = default;

  // Bytes in network order, port in host order.
  static SocketAddress Ipv4(const Ipv4Bytes& bytes, uint16_t port);
  // `scope_id` is the interface index of a link-local address, else 0. An IPv4-mapped address
  // (::ffff:a.b.c.d) becomes the IPv4 address, so that one peer has one spelling on every socket.
  static SocketAddress Ipv6(const Ipv6Bytes& bytes, uint16_t port, uint32_t scope_id = 0);

  // Reads "1.2.3.4" or "::1" (or "fe80::1%2", with a numeric scope) and takes the port apart from
  // it. Host names are not looked up.
  static std::optional<SocketAddress> ParseIp(std::string_view ip, uint16_t port = 0);
  // Reads "1.2.3.4:5004" or "[::1]:5004"; without a port it is ParseIp().
  static std::optional<SocketAddress> Parse(std::string_view text);

  bool is_set() const { return family_ != Family::kNone; }
  bool is_ipv4() const { return family_ == Family::kIpv4; }
  bool is_ipv6() const { return family_ == Family::kIpv6; }
  uint16_t port() const { return port_; }
  void set_port(uint16_t port) { port_ = port; }
  uint32_t scope_id() const { return scope_id_; }
  // The address in network order: for IPv4 the first four bytes, the rest is zero.
  const Ipv6Bytes& bytes() const { return bytes_; }

  // 0.0.0.0 or ::
  bool is_wildcard() const;
  bool is_multicast() const;
  // 127.0.0.0/8 or ::1
  bool is_loopback() const;
  // True when both are the same host, whatever the ports.
  bool SameIp(const SocketAddress& other) const;
  // What one host may have all addresses of: an IPv4 address, or the /64 of an IPv6 one.
  uint64_t Network() const;

  // "1.2.3.4", "::1"; empty when not set.
  std::string IpString() const;
  // "1.2.3.4:5004", "[::1]:5004"; empty when not set.
  std::string ToString() const;

  auto operator<=>(const SocketAddress&) const = default;

  size_t Hash() const;

 private:
  enum class Family : uint8_t { kNone, kIpv4, kIpv6 };

  Ipv6Bytes bytes_{};
  uint32_t scope_id_ = 0;
  uint16_t port_ = 0;
  Family family_ = Family::kNone;
};

static_assert(std::is_trivially_copyable_v<SocketAddress> && sizeof(SocketAddress) <= 28);

}  // namespace sfu

template <>
struct std::hash<sfu::SocketAddress> {
  size_t operator()(const sfu::SocketAddress& address) const { return address.Hash(); }
};
