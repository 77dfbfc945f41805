// Where the header extensions that libsfu acts on lie in one packet: found once, when the packet
// comes in, under the ids that its sender negotiated. 24 bytes; kept in every packet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "rtp/codec.h"
#include "rtp/rtp_header.h"

namespace sfu {

// A set of extension types: bit i is the type of value i.
using ExtensionSet = uint16_t;
static_assert(static_cast<size_t>(ExtensionType::kCount) <= 16);

constexpr ExtensionSet SetOf(ExtensionType type) {
  return static_cast<ExtensionSet>(1U << static_cast<unsigned>(type));
}

class ExtensionPlaces {
 public:
  // Nothing is there.
  ExtensionPlaces() = default;
  // Walks the block of `packet`, whose header was parsed into `header`. `ids` are those of the
  // packet's sender. Of elements with one id the first counts. Reads only inside `packet`.
  ExtensionPlaces(const RtpHeader& header, ByteView packet, const ExtensionIds& ids);

  ExtensionSet found() const { return found_; }
  // The element's bytes in the same packet; in the two-byte form they may be empty. Nothing if the
  // packet has no such element.
  std::optional<ByteView> Find(ExtensionType type, const RtpHeader& header, ByteView packet) const;

 private:
  ExtensionSet found_ = 0;
  // Of the elements' data, from the packet's first byte. Their lengths stand in front of them.
  std::array<uint16_t, static_cast<size_t>(ExtensionType::kCount)> offsets_{};
};
static_assert(sizeof(ExtensionPlaces) <= 24);

}  // namespace sfu
