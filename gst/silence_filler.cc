// Silence for Opus branches.
#include "silence_filler.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sfu::gst {
namespace {

// One 20 ms frame of digital silence: CELT, fullband, mono (RFC 6716, section 3.1).
constexpr std::array<uint8_t, 3> kSilence = {0xf8, 0xff, 0xfe};
// One call makes no more than this, however long nobody called (a stopped process): 10 s.
constexpr int kMaxFrames = 500;

}  // namespace

void SilenceFiller::Expect(Timestamp now, TimeDelta latency) {
  if (deadline_.is_never()) deadline_ = now + kWait + latency;
}

void SilenceFiller::Pass(OwnedBatch& run, Timestamp now, TimeDelta latency) {
  auto& entries = run.batch.entries;
  OwnedBatch silence;
  size_t kept = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Timestamp capture = entries[i].packet->capture;
    // Half a frame of tolerance: captures are not exact.
    if (filled_ && capture + kFrame / 2 < *next_capture_) continue;
    if (filled_) {
      Append(run.batch, capture + kFrame / 2, now, silence);
      filled_ = false;
      shift_ = static_cast<uint16_t>(next_sequence_ - entries[i].sequence_number);
    }
    entries[kept] = entries[i];
    run.packets[kept] = run.packets[i];
    RtpBatchEntry& entry = entries[kept++];
    entry.sequence_number = static_cast<uint16_t>(entry.sequence_number + shift_);
    next_sequence_ = static_cast<uint16_t>(entry.sequence_number + 1);
    next_timestamp_ = entry.timestamp + kFrameTicks;
    next_capture_ = capture + kFrame;
  }
  entries.resize(kept);
  run.packets.resize(kept);
  entries.insert(entries.begin(), silence.batch.entries.begin(), silence.batch.entries.end());
  run.packets.insert(run.packets.begin(), silence.packets.begin(), silence.packets.end());
  deadline_ = now + kWait + latency;
}

OwnedBatch SilenceFiller::Fill(const RtpBatch& head, Timestamp now, TimeDelta latency) {
  OwnedBatch out;
  const Timestamp end = now - kWait - latency;
  deadline_ = now + kInterval;
  if (!next_capture_) next_capture_ = end - kFrame;
  Append(head, end, now, out);
  out.batch.ssrc = head.ssrc;
  out.batch.payload_type = head.ring ? head.payload_type : payload_type_;
  return out;
}

// Silence that ends at `end` or a little before.
void SilenceFiller::Append(const RtpBatch& head, Timestamp end, Timestamp now, OwnedBatch& out) {
  for (int i = 0; i < kMaxFrames && *next_capture_ + kFrame <= end; ++i) {
    RtpPacketRef packet = MakePacket(head, now);
    if (!packet) break;
    RtpBatchEntry entry;
    entry.packet = packet.get();
    entry.sequence_number = next_sequence_++;
    entry.timestamp = next_timestamp_;
    next_timestamp_ += kFrameTicks;
    *next_capture_ += kFrame;
    out.batch.entries.push_back(entry);
    out.packets.push_back(std::move(packet));
    filled_ = true;
  }
}

RtpPacketRef SilenceFiller::MakePacket(const RtpBatch& head, Timestamp now) const {
  RtpPacketRef packet = pool_->Allocate(kRtpFixedHeaderSize + kSilence.size());
  if (!packet) return packet;
  packet->header.payload_type = head.ring ? head.payload_type : payload_type_;
  packet->header.ssrc = head.ssrc;
  packet->header.sequence_number = next_sequence_;
  packet->header.timestamp = next_timestamp_;
  packet->header.header_size = kRtpFixedHeaderSize;
  packet->header.payload_size = kSilence.size();
  packet->info = ParsePayload(CodecId::kOpus, kSilence);
  packet->arrival = now;
  packet->capture = *next_capture_;
  const MutableBytes bytes = packet->mutable_bytes();
  WriteRtpFixedHeader(bytes, packet->header);
  std::copy(kSilence.begin(), kSilence.end(), bytes.begin() + kRtpFixedHeaderSize);
  return packet;
}

}  // namespace sfu::gst
