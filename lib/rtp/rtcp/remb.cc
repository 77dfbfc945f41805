#include "rtp/rtcp/remb.h"

#include <algorithm>

namespace sfu::rtcp {
namespace {

constexpr uint32_t kIdentifier = 0x52454D42;  // "REMB"
constexpr size_t kFixedSize = 16;             // SSRCs, identifier, count and bitrate
constexpr int kMantissaBits = 18;

DataRate DecodeBitrate(uint32_t field) {
  const uint32_t exponent = field >> kMantissaBits & 0x3F;
  const int64_t mantissa = field & ((1 << kMantissaBits) - 1);
  // 18 + 40 bits fit and are far above the most that is believed.
  const int64_t bps = mantissa << std::min<uint32_t>(exponent, 40);
  return std::min(DataRate::BitsPerSecond(bps), Remb::kMaxBitrate);
}

uint32_t EncodeBitrate(DataRate rate) {
  auto mantissa = static_cast<uint64_t>(std::clamp(rate, DataRate(), Remb::kMaxBitrate).bps());
  uint32_t exponent = 0;
  for (; mantissa >> kMantissaBits != 0; ++exponent) mantissa >>= 1;
  return exponent << kMantissaBits | static_cast<uint32_t>(mantissa);
}

}  // namespace

std::optional<Remb> Remb::Parse(const CommonHeader& header, ByteView body) {
  if (!header.IsFeedback(PacketType::kPayloadFeedback, kFormatApplication)) return std::nullopt;
  ByteReader reader(body);
  std::optional<Remb> remb(std::in_place);
  remb->sender_ssrc = reader.U32();
  reader.U32();  // media SSRC: unused
  const uint32_t identifier = reader.U32();
  const size_t count = reader.U8();
  remb->bitrate = DecodeBitrate(reader.U24());
  if (!reader.ok() || identifier != kIdentifier || reader.remaining() != count * 4) {
    return std::nullopt;
  }
  for (size_t i = 0; i < count; ++i) remb->ssrcs.Add(reader.U32());
  return remb;
}

bool Remb::Write(ByteWriter& writer) const {
  WriteHeader(writer, PacketType::kPayloadFeedback, kFormatApplication,
              kFixedSize + ssrcs.size() * 4);
  writer.U32(sender_ssrc);
  writer.U32(0);
  writer.U32(kIdentifier);
  writer.U8(static_cast<uint8_t>(ssrcs.size()));
  writer.U24(EncodeBitrate(bitrate));
  for (const Ssrc ssrc : ssrcs) writer.U32(ssrc);
  return writer.ok();
}

}  // namespace sfu::rtcp
