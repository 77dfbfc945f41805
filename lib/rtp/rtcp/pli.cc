#include "rtp/rtcp/pli.h"

namespace sfu::rtcp {

std::optional<Pli> Pli::Parse(const CommonHeader& header, ByteView body) {
  if (!header.IsFeedback(PacketType::kPayloadFeedback, kFormatPli)) return std::nullopt;
  ByteReader reader(body);
  Pli pli;
  pli.sender_ssrc = reader.U32();
  pli.media_ssrc = reader.U32();
  if (!reader.ok()) return std::nullopt;
  return pli;
}

bool Pli::Write(ByteWriter& writer) const {
  WriteHeader(writer, PacketType::kPayloadFeedback, kFormatPli, 8);
  writer.U32(sender_ssrc);
  writer.U32(media_ssrc);
  return writer.ok();
}

}  // namespace sfu::rtcp
