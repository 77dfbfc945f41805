#include "rtp/rtcp/receiver_report.h"

namespace sfu::rtcp {

std::optional<ReceiverReport> ReceiverReport::Parse(const CommonHeader& header, ByteView body) {
  if (!header.Is(PacketType::kReceiverReport)) return std::nullopt;
  ByteReader reader(body);
  std::optional<ReceiverReport> report(std::in_place);
  report->sender_ssrc = reader.U32();
  if (!reader.ok() || !ReadReportBlocks(reader, header.count, report->blocks)) report.reset();
  return report;
}

bool ReceiverReport::Write(ByteWriter& writer) const {
  WriteHeader(writer, PacketType::kReceiverReport, blocks.size(),
              4 + blocks.size() * ReportBlock::kSize);
  writer.U32(sender_ssrc);
  for (const ReportBlock& block : blocks) block.Write(writer);
  return writer.ok();
}

}  // namespace sfu::rtcp
