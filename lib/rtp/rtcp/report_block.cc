#include "rtp/rtcp/report_block.h"

#include <algorithm>

namespace sfu::rtcp {

ReportBlock ReportBlock::Read(ByteReader& reader) {
  ReportBlock block;
  block.ssrc = reader.U32();
  block.fraction_lost = reader.U8();
  block.cumulative_lost = static_cast<int32_t>(reader.U24() << 8) >> 8;
  block.highest_sequence = reader.U32();
  block.jitter = reader.U32();
  block.last_sr = CompactNtp(reader.U32());
  block.delay_since_last_sr = CompactDelay(reader.U32());
  return block;
}

void ReportBlock::Write(ByteWriter& writer) const {
  writer.U32(ssrc);
  writer.U8(fraction_lost);
  writer.U24(static_cast<uint32_t>(std::clamp(cumulative_lost, -(1 << 23), (1 << 23) - 1)));
  writer.U32(highest_sequence);
  writer.U32(jitter);
  writer.U32(last_sr.value());
  writer.U32(delay_since_last_sr.value());
}

bool ReadReportBlocks(ByteReader& reader, size_t count, ReportBlocks& blocks) {
  if (reader.remaining() < count * ReportBlock::kSize) return false;
  for (size_t i = 0; i < count; ++i) blocks.Add(ReportBlock::Read(reader));
  return true;
}

}  // namespace sfu::rtcp
