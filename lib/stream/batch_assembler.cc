// Gathering packets into batches.
#include "stream/batch_assembler.h"

#include <utility>

namespace sfu {

void BatchAssembler::Add(RtpPacketRef packet) {
  RtpBatchEntry entry;
  entry.packet = packet.get();
  entry.timestamp = packet->header.timestamp;
  entry.sequence_number = packet->header.sequence_number;
  entry.marker = packet->header.marker;
  batch_.entries.push_back(entry);
  ring_->Insert(packet);
  held_.push_back(std::move(packet));
}

void BatchAssembler::Flush(Timestamp now) {
  if (batch_.entries.empty()) return;
  const RtpHeader& header = batch_.entries.front().packet->header;
  batch_.ssrc = header.ssrc;
  batch_.payload_type = header.payload_type;
  if (sink_ != nullptr) sink_->OnRtpBatch(batch_, now);
  batch_.entries.clear();
  held_.clear();
}

}  // namespace sfu
