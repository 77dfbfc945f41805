#include "rtp/rtcp/xr.h"

namespace sfu::rtcp {
namespace {

constexpr uint8_t kBlockReferenceTime = 4;
constexpr uint8_t kBlockDlrr = 5;
constexpr size_t kBlockHeaderSize = 4;
constexpr size_t kReferenceTimeSize = 8;
constexpr size_t kDlrrItemSize = 12;

void WriteBlockHeader(ByteWriter& writer, uint8_t type, size_t size) {
  writer.U8(type);
  writer.U8(0);
  writer.U16(static_cast<uint16_t>(size / 4));
}

bool ReadDlrr(ByteView block, ExtendedReport& report) {
  if (block.size() % kDlrrItemSize != 0) return false;
  for (ByteReader reader(block); reader.remaining() > 0;) {
    ExtendedReport::DlrrItem item;
    item.ssrc = reader.U32();
    item.last_rr = CompactNtp(reader.U32());
    item.delay_since_last_rr = CompactDelay(reader.U32());
    report.dlrr.Add(item);
  }
  return true;
}

bool ReadBlock(uint8_t type, ByteView block, ExtendedReport& report) {
  if (type == kBlockDlrr) return ReadDlrr(block, report);
  if (type != kBlockReferenceTime) return true;
  if (block.size() != kReferenceTimeSize) return false;
  report.reference_time = NtpTime(LoadBe64(block.data()));
  return true;
}

}  // namespace

std::optional<ExtendedReport> ExtendedReport::Parse(const CommonHeader& header, ByteView body) {
  if (!header.Is(PacketType::kExtendedReport)) return std::nullopt;
  ByteReader reader(body);
  std::optional<ExtendedReport> report(std::in_place);
  report->sender_ssrc = reader.U32();
  // Each turn takes at least a block header, so a length of 0 cannot stand still.
  while (reader.remaining() > 0) {
    const uint8_t type = reader.U8();
    reader.Skip(1);
    const ByteView block = reader.Bytes(size_t{reader.U16()} * 4);
    if (!reader.ok() || !ReadBlock(type, block, *report)) return std::nullopt;
  }
  if (!reader.ok()) report.reset();
  return report;
}

bool ExtendedReport::Write(ByteWriter& writer) const {
  const size_t dlrr_size = dlrr.size() * kDlrrItemSize;
  size_t body_size = 4;
  if (reference_time) body_size += kBlockHeaderSize + kReferenceTimeSize;
  if (!dlrr.empty()) body_size += kBlockHeaderSize + dlrr_size;
  WriteHeader(writer, PacketType::kExtendedReport, 0, body_size);
  writer.U32(sender_ssrc);
  if (reference_time) {
    WriteBlockHeader(writer, kBlockReferenceTime, kReferenceTimeSize);
    writer.U64(reference_time->value());
  }
  if (!dlrr.empty()) {
    WriteBlockHeader(writer, kBlockDlrr, dlrr_size);
    for (const DlrrItem& item : dlrr) {
      writer.U32(item.ssrc);
      writer.U32(item.last_rr.value());
      writer.U32(item.delay_since_last_rr.value());
    }
  }
  return writer.ok();
}

}  // namespace sfu::rtcp
