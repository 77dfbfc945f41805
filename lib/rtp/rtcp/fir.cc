#include "rtp/rtcp/fir.h"

namespace sfu::rtcp {
namespace {

constexpr size_t kEntrySize = 8;

}  // namespace

std::optional<Fir> Fir::Parse(const CommonHeader& header, ByteView body) {
  if (!header.IsFeedback(PacketType::kPayloadFeedback, kFormatFir)) return std::nullopt;
  ByteReader reader(body);
  std::optional<Fir> fir(std::in_place);
  fir->sender_ssrc = reader.U32();
  reader.U32();  // media SSRC: unused, the entries name the streams
  while (reader.remaining() > 0) {
    Entry entry;
    entry.ssrc = reader.U32();
    entry.sequence = reader.U8();
    reader.Skip(3);
    fir->entries.Add(entry);
  }
  if (!reader.ok()) fir.reset();
  return fir;
}

bool Fir::Write(ByteWriter& writer) const {
  WriteHeader(writer, PacketType::kPayloadFeedback, kFormatFir, 8 + entries.size() * kEntrySize);
  writer.U32(sender_ssrc);
  writer.U32(0);
  for (const Entry& entry : entries) {
    writer.U32(entry.ssrc);
    writer.U8(entry.sequence);
    writer.U24(0);
  }
  return writer.ok();
}

}  // namespace sfu::rtcp
