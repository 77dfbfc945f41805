#include "rtp/rtcp/nack.h"

namespace sfu::rtcp {
namespace {

constexpr size_t kFixedSize = 8;  // the two SSRCs

// How many of `lost`, which is not empty, one item covers; `blp` becomes its mask.
size_t PackItem(std::span<const SeqNum> lost, uint16_t& blp) {
  blp = 0;
  size_t n = 1;
  for (; n < lost.size(); ++n) {
    const int distance = lost[n].DistanceFrom(lost[0]);
    if (distance < 0 || distance > 16) break;
    if (distance > 0) blp = static_cast<uint16_t>(blp | 1 << (distance - 1));
  }
  return n;
}

size_t CountItems(std::span<const SeqNum> lost) {
  size_t items = 0;
  for (uint16_t blp = 0; !lost.empty(); ++items) lost = lost.subspan(PackItem(lost, blp));
  return items;
}

}  // namespace

std::optional<Nack> Nack::Parse(const CommonHeader& header, ByteView body) {
  if (!header.IsFeedback(PacketType::kRtpFeedback, kFormatNack)) return std::nullopt;
  ByteReader reader(body);
  Nack nack;
  nack.sender_ssrc_ = reader.U32();
  nack.media_ssrc_ = reader.U32();
  nack.items_ = reader.rest();
  if (!reader.ok() || nack.items_.size() % kItemSize != 0) return std::nullopt;
  return nack;
}

size_t NackRequest::CountFitting(std::span<const SeqNum> lost, size_t max_size) {
  size_t used = kCommonHeaderSize + kFixedSize;
  size_t count = 0;
  uint16_t blp = 0;
  while (count < lost.size() && used + Nack::kItemSize <= max_size) {
    count += PackItem(lost.subspan(count), blp);
    used += Nack::kItemSize;
  }
  return count;
}

bool NackRequest::Write(ByteWriter& writer) const {
  if (lost.empty()) return false;
  WriteHeader(writer, PacketType::kRtpFeedback, kFormatNack,
              kFixedSize + CountItems(lost) * Nack::kItemSize);
  writer.U32(sender_ssrc);
  writer.U32(media_ssrc);
  for (std::span<const SeqNum> rest = lost; !rest.empty() && writer.ok();) {
    uint16_t blp = 0;
    const SeqNum pid = rest[0];
    rest = rest.subspan(PackItem(rest, blp));
    writer.U16(pid.value());
    writer.U16(blp);
  }
  return writer.ok();
}

}  // namespace sfu::rtcp
