// What the RTCP tests share: bytes as hexadecimal text, writing one message, reading it back, and
// trying it truncated at every length.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "rtp/rtcp/compound.h"

namespace sfu::rtcp {

using Bytes = std::vector<uint8_t>;

// "81 c9 0007": blanks are free.
inline Bytes Hex(std::string_view text) {
  Bytes bytes;
  int digits = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    if (digits++ % 2 == 0) {
      bytes.push_back(static_cast<uint8_t>(value << 4));
    } else {
      bytes.back() = static_cast<uint8_t>(bytes.back() | value);
    }
  }
  return bytes;
}

// The packet that `message` writes; it must also refuse every smaller room.
template <typename Message>
Bytes Written(const Message& message) {
  Bytes out(2000);
  ByteWriter writer(out);
  EXPECT_TRUE(message.Write(writer));
  out.resize(writer.size());
  for (size_t size = 0; size < out.size(); ++size) {
    Bytes small(size);
    ByteWriter small_writer(small);
    EXPECT_FALSE(message.Write(small_writer)) << size;
  }
  return out;
}

// Reads a datagram of one packet as `Message`. `datagram` must outlive the result.
template <typename Message>
std::optional<Message> Parsed(const Bytes& datagram) {
  CompoundReader reader(datagram);
  const auto packet = reader.Next();
  if (!packet) return std::nullopt;
  return Message::Parse(packet->header, packet->body);
}

// Cuts the body at every length below `needed`, with a header that does not notice: every one must
// be refused.
template <typename Message>
void ExpectRefusedBelow(const Bytes& datagram, size_t needed) {
  CompoundReader reader(datagram);
  const auto packet = reader.Next();
  ASSERT_TRUE(packet);
  for (size_t size = 0; size < needed; ++size) {
    // In memory of exactly this size, for the sanitizers.
    const Bytes body(packet->body.begin(),
                     packet->body.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(Message::Parse(packet->header, body)) << size;
  }
}

// A message of one kind is not taken for another.
template <typename Message>
void ExpectOtherTypesRefused(const Bytes& datagram) {
  for (int type = 0; type < 256; ++type) {
    Bytes other = datagram;
    if (other[1] == type) continue;
    other[1] = static_cast<uint8_t>(type);
    EXPECT_FALSE(Parsed<Message>(other)) << type;
  }
}

}  // namespace sfu::rtcp
