#include "rtp/rtcp/sender_report.h"

namespace sfu::rtcp {
namespace {

constexpr size_t kFixedSize = 24;  // SSRC and sender information

}  // namespace

std::optional<SenderReport> SenderReport::Parse(const CommonHeader& header, ByteView body) {
  if (!header.Is(PacketType::kSenderReport)) return std::nullopt;
  ByteReader reader(body);
  std::optional<SenderReport> report(std::in_place);
  report->sender_ssrc = reader.U32();
  report->ntp = NtpTime(reader.U64());
  report->rtp_timestamp = reader.U32();
  report->packet_count = reader.U32();
  report->octet_count = reader.U32();
  if (!reader.ok() || !ReadReportBlocks(reader, header.count, report->blocks)) report.reset();
  return report;
}

bool SenderReport::Write(ByteWriter& writer) const {
  WriteHeader(writer, PacketType::kSenderReport, blocks.size(),
              kFixedSize + blocks.size() * ReportBlock::kSize);
  writer.U32(sender_ssrc);
  writer.U64(ntp.value());
  writer.U32(rtp_timestamp);
  writer.U32(packet_count);
  writer.U32(octet_count);
  for (const ReportBlock& block : blocks) block.Write(writer);
  return writer.ok();
}

}  // namespace sfu::rtcp
