// STUN by the book (RFC 8489, section 14).
#include "tests/support/stun_builder.h"

#include <algorithm>
#include <array>

#include "base/socket_address.h"
#include "srtp/hmac_sha1.h"

namespace sfu::test {
namespace {

constexpr uint32_t kCookie = 0x2112a442;
constexpr size_t kHeaderSize = 20;
constexpr uint16_t kIntegrity = 0x0008;
constexpr uint16_t kFingerprint = 0x8028;

uint32_t Crc32(ByteView bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The MAC of a message that ends with MESSAGE-INTEGRITY's header at `size`.
std::array<uint8_t, HmacSha1::kSize> Mac(ByteView message, size_t size, std::string_view password) {
  std::vector<uint8_t> covered(message.begin(),
                               message.begin() + static_cast<std::ptrdiff_t>(size));
  StoreBe16(&covered[2], static_cast<uint16_t>(size + 24 - kHeaderSize));
  return HmacSha1(AsBytes(password)).Compute(covered, {});
}

std::string ReadMapped(ByteView value) {
  if (value.size() < 8) return {};
  const auto port = static_cast<uint16_t>(LoadBe16(&value[2]) ^ kCookie >> 16);
  SocketAddress::Ipv4Bytes v4;
  StoreBe32(v4.data(), LoadBe32(&value[4]) ^ kCookie);
  if (value[1] == 1) return SocketAddress::Ipv4(v4, port).ToString();
  return "IPv6 port " + std::to_string(port);
}

}  // namespace

StunBuilder::StunBuilder(uint64_t transaction, uint16_t type) : bytes_(kHeaderSize) {
  StoreBe16(bytes_.data(), type);
  StoreBe32(&bytes_[4], kCookie);
  StoreBe64(&bytes_[12], transaction);
}

void StunBuilder::SetLength(size_t length) {
  StoreBe16(&bytes_[2], static_cast<uint16_t>(length - kHeaderSize));
}

StunBuilder& StunBuilder::Add(uint16_t attribute, ByteView value) {
  std::array<uint8_t, 4> header;
  StoreBe16(header.data(), attribute);
  StoreBe16(&header[2], static_cast<uint16_t>(value.size()));
  bytes_.insert(bytes_.end(), header.begin(), header.end());
  return Append(value);
}

StunBuilder& StunBuilder::Append(ByteView attributes) {
  bytes_.insert(bytes_.end(), attributes.begin(), attributes.end());
  bytes_.resize((bytes_.size() + 3) / 4 * 4);
  SetLength(bytes_.size());
  return *this;
}

StunBuilder& StunBuilder::Add32(uint16_t attribute, uint32_t value) {
  std::array<uint8_t, 4> bytes;
  StoreBe32(bytes.data(), value);
  return Add(attribute, bytes);
}

StunBuilder& StunBuilder::Username(std::string_view name) { return Add(0x0006, AsBytes(name)); }

StunBuilder& StunBuilder::Controlling() {
  return Add(0x802a, std::array<uint8_t, 8>{1, 2, 3, 4, 5, 6, 7, 8});
}

StunBuilder& StunBuilder::Controlled() {
  return Add(0x8029, std::array<uint8_t, 8>{1, 2, 3, 4, 5, 6, 7, 8});
}

StunBuilder& StunBuilder::Integrity(std::string_view password) {
  return Add(kIntegrity, Mac(bytes_, bytes_.size(), password));
}

StunBuilder& StunBuilder::Fingerprint() {
  SetLength(bytes_.size() + 8);
  return Add32(kFingerprint, Crc32(bytes_) ^ 0x5354554e);
}

std::vector<uint8_t> MakeCheck(std::string_view local_fragment, std::string_view password,
                               uint64_t transaction, const CheckOptions& options) {
  StunBuilder check(transaction);
  check.Username(std::string(local_fragment) + ":remote").Controlling().Priority(0x6e0001ff);
  if (options.use_candidate) check.UseCandidate();
  if (options.nomination != 0) check.Nomination(options.nomination);
  return check.Integrity(password).Fingerprint().bytes();
}

StunReply ReadReply(ByteView message, std::string_view password) {
  StunReply reply;
  if (message.size() < kHeaderSize) return reply;
  reply.type = LoadBe16(message.data());
  reply.transaction = LoadBe64(&message[12]);
  ByteReader reader(message);
  reader.Skip(kHeaderSize);
  while (reader.remaining() > 0) {
    const size_t at = reader.position();
    const uint16_t attribute = reader.U16();
    const ByteView value = reader.Bytes(reader.U16());
    reader.Skip((4 - value.size() % 4) % 4);
    if (!reader.ok()) return {};
    if (attribute == 0x0009 && value.size() >= 4) reply.error = value[2] * 100 + value[3];
    if (attribute == 0x0020) reply.mapped_address = ReadMapped(value);
    if (attribute == kIntegrity) {
      reply.has_integrity = std::ranges::equal(value, Mac(message, at, password));
    }
    if (attribute == kFingerprint && value.size() == 4) {
      reply.has_fingerprint = LoadBe32(value.data()) == (Crc32(message.first(at)) ^ 0x5354554e);
    }
  }
  return reply;
}

}  // namespace sfu::test
