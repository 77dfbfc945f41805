#include "rtp/rtcp/compound.h"

namespace sfu::rtcp {

std::optional<Packet> CompoundReader::Next() {
  if (rest_.empty()) return std::nullopt;
  if (rest_.size() < kCommonHeaderSize || rest_[0] >> 6 != 2) {
    Fail();
    return std::nullopt;
  }
  const size_t size = kCommonHeaderSize + size_t{LoadBe16(&rest_[2])} * 4;
  if (size > rest_.size()) {
    Fail();
    return std::nullopt;
  }
  Packet packet{{static_cast<PacketType>(rest_[1]), static_cast<uint8_t>(rest_[0] & 0x1F)},
                rest_.subspan(kCommonHeaderSize, size - kCommonHeaderSize)};
  if ((rest_[0] & 0x20) != 0) {
    // The last byte counts the padding, itself included. RFC 3550 has it a multiple of four;
    // browsers fill the last word of their transport-wide feedback with one to three bytes.
    const size_t padding = packet.body.empty() ? 0 : packet.body.back();
    if (padding == 0 || padding > packet.body.size()) {
      Fail();
      return std::nullopt;
    }
    packet.body = packet.body.first(packet.body.size() - padding);
  }
  rest_ = rest_.subspan(size);
  return packet;
}

void CompoundReader::Fail() {
  failed_ = true;
  rest_ = {};
}

std::optional<DropReason> CompoundReader::error() const {
  if (failed_ || empty_) return DropReason::kBadRtcp;
  return std::nullopt;
}

}  // namespace sfu::rtcp
