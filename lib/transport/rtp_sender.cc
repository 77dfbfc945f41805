// The Send station of one stream.
#include "transport/rtp_sender.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/prefetch.h"
#include "base/random.h"
#include "rtp/rtcp/fir.h"
#include "stream/burst_padding.h"

namespace sfu {
namespace {

// Packets written per reservation: what one segmented send takes.
constexpr size_t kMaxBurst = 40;
static_assert(kMaxBurst * kMaxDatagramSize <= DatagramSender::kMaxReserve);

// Sequence numbers of one NACK message that are looked at; more are an attack.
constexpr size_t kMaxNacked = 1'000;

// A packet that is sent again as it was must have the same bytes under SRTP, so it cannot have a
// number of its own each time.
ExtensionIds SentIds(const RtpCodec& codec, bool repeats_packets) {
  ExtensionIds ids = codec.extensions;
  if (repeats_packets) ids[static_cast<size_t>(ExtensionType::kTransportSequence)] = 0;
  return ids;
}

// Whether packets of this layout have transport-wide sequence numbers.
bool Numbers(const ExtensionLayout* layout) {
  return layout != nullptr && layout->has(ExtensionType::kTransportSequence);
}

}  // namespace

RtpSender::RtpSender(const RtpSenderOptions& options, PacketEgress* egress, uint64_t seed,
                     const NtpClock& ntp, const BeginFunction& begin)
    : options_(options),
      egress_(egress),
      begin_(begin),
      rtx_ssrc_(options.rtx_ssrc != 0 ? options.rtx_ssrc : static_cast<Ssrc>(seed >> 16) | 1),
      rtx_first_sequence_(static_cast<uint16_t>(seed)) {
  if (options_.ssrc != 0) egress_->Claim(options_.ssrc, this);
  if (HasRtx()) egress_->Claim(rtx_ssrc_);
  if (options_.extensions == ExtensionBlock::kForward) return;
  const ExtensionIds ids = SentIds(options_.codec, RepeatsPackets());
  layout_.emplace(ids, options_.mid, options_.rid, ntp);
  if (!HasRtx() || options_.rid.empty()) return;
  rtx_layout_ = std::make_unique<ExtensionLayout>(
      ExtensionLayout::ForRtx(ids, options_.mid, options_.rid, ntp));
}

RtpSender::~RtpSender() {
  if (srtp_ != nullptr) egress_->srtp()->RemoveStream(stream_->ssrc());
  if (rtx_srtp_ != nullptr) egress_->srtp()->RemoveStream(rtx_ssrc_);
  if (stream_ || options_.ssrc != 0) egress_->Release(ssrc());
  if (HasRtx()) egress_->Release(rtx_ssrc_);
}

// False if another stream of this transport has the SSRC.
bool RtpSender::Begin(Ssrc ssrc) {
  if (ssrc != options_.ssrc && !egress_->Claim(ssrc, this)) return false;
  if (srtp_ != nullptr) egress_->srtp()->RemoveStream(stream_->ssrc());
  srtp_ = nullptr;
  if (stream_) egress_->Release(stream_->ssrc());
  SentStreamOptions options;
  options.ssrc = ssrc;
  options.clock_rate = options_.codec.clock_rate;
  options.nack = options_.codec.feedback.nack;
  options.rtx_payload_type = options_.codec.rtx_payload_type;
  options.rtx_ssrc = rtx_ssrc_;
  options.rtx_first_sequence = stream_ ? stream_->next_rtx_sequence() : rtx_first_sequence_;
  options.repair_share = options_.repair_share;
  stream_.emplace(options);
  sent_any_ = false;
  begun_ = false;
  return true;
}

void RtpSender::Prefetch() const {
  PrefetchBytes(this, sizeof(*this));
  PrefetchBytes(egress_, sizeof(*egress_));
}

void RtpSender::OnRtpBatch(const RtpBatch& batch, Timestamp now) {
  const Ssrc ssrc = options_.ssrc != 0 ? options_.ssrc : batch.ssrc;
  if ((!stream_ || stream_->ssrc() != ssrc) && !Begin(ssrc)) {
    drops_.Add(DropReason::kUnknownSsrc, batch.entries.size());
    return;
  }
  if (egress_->srtp() != nullptr && srtp_ == nullptr) {
    srtp_ = egress_->srtp()->AddStream(ssrc);
    if (stream_->has_rtx()) rtx_srtp_ = egress_->srtp()->AddStream(rtx_ssrc_);
  }
  if (!egress_->has_destination()) {
    drops_.Add(DropReason::kUnknownSource, batch.entries.size());
    return;
  }
  if (!begun_ && !batch.entries.empty()) {
    begun_ = true;
    if (begin_) begin_(*this, batch.entries.front(), now);
  }
  for (size_t first = 0; first < batch.entries.size(); first += kMaxBurst) {
    SendChunk(batch, first, std::min(kMaxBurst, batch.entries.size() - first), now);
  }
}

// Padding makes a packet's bytes depend on its neighbours. A retransmission "as it was" has none,
// and the same SRTP packet index must never protect two different packets.
bool RtpSender::MayPad() const {
  if (!egress_->PrefersEqualSizes()) return false;
  return srtp_ == nullptr || !options_.codec.feedback.nack || stream_->has_rtx();
}

PacketWriteOptions RtpSender::WriteOptions(Timestamp now) const {
  PacketWriteOptions write;
  write.ssrc = stream_->ssrc();
  write.payload_type = options_.codec.payload_type;
  write.layout = layout_ ? &*layout_ : nullptr;
  write.stamp.send_time = AbsSendTime::FromTimestamp(now);
  write.max_size = kMaxDatagramSize - egress_->rtp_overhead();
  return write;
}

void RtpSender::Stamp(const RtpPacket& packet, PacketWriteOptions* write) const {
  write->stamp.transport_sequence = egress_->next_transport_sequence();
  // Whenever it is sent, it has the same bytes. That it came in is as near to when it was first
  // sent as can be known of any packet of the ring.
  if (RepeatsPackets()) write->stamp.send_time = AbsSendTime::FromTimestamp(packet.arrival);
}

void RtpSender::SendChunk(const RtpBatch& batch, size_t first, size_t count, Timestamp now) {
  std::array<uint16_t, kMaxBurst> sizes;
  std::array<uint8_t, kMaxBurst> padding{};
  size_t total = 0;
  const size_t overhead = egress_->rtp_overhead();
  PacketWriteOptions write = WriteOptions(now);
  const bool numbered = Numbers(write.layout);
  size_t largest = 0;
  for (size_t i = 0; i < count; ++i) {
    sizes[i] = static_cast<uint16_t>(WrittenSize(batch.entries[first + i], write.layout));
    largest = std::max<size_t>(largest, sizes[i]);
  }
  if (count > 1 && MayPad()) {
    ChooseBurstPadding(std::span(sizes).first(count), std::span(padding).first(count));
  }
  const MutableBytes space = egress_->Reserve(count * (largest + overhead));
  if (space.empty()) {
    drops_.Add(DropReason::kSendFailed, count);
    return;
  }
  std::array<bool, kMaxBurst> sent{};
  size_t written = 0;
  size_t rtp_bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    const RtpBatchEntry& entry = batch.entries[first + i];
    // A number that was used already would protect two packets with one key stream.
    if (srtp_ != nullptr && !srtp_->IsFresh(entry.sequence_number)) {
      drops_.Add(DropReason::kDuplicate);
      continue;
    }
    const MutableBytes out = space.subspan(total);
    Stamp(*entry.packet, &write);
    const size_t size = WritePacket(entry, write, padding[i], out);
    const size_t wire = size == 0 ? 0 : Protect(srtp_, entry, write, out, size);
    if (wire == 0) {
      drops_.Add(size == 0 ? DropReason::kTooBig : DropReason::kSendFailed);
      continue;
    }
    if (numbered) egress_->OnNumbered(wire, now);
    sizes[written++] = static_cast<uint16_t>(wire);
    total += wire;
    rtp_bytes += size;
    sent[i] = true;
    TraceSent(entry, size, now);
  }
  egress_->Commit(std::span(sizes).first(written));
  if (written == 0) return;
  if (written == batch.entries.size()) {
    stream_->OnSent(batch, rtp_bytes, now);
  } else {
    chunk_.ring = batch.ring;
    chunk_.entries.clear();
    for (size_t i = 0; i < count; ++i) {
      if (sent[i]) chunk_.entries.push_back(batch.entries[first + i]);
    }
    stream_->OnSent(chunk_, rtp_bytes, now);
  }
  sent_any_ = true;
}

size_t RtpSender::Protect(SrtpSendStream* stream, const RtpBatchEntry& entry,
                          const PacketWriteOptions& write, MutableBytes out, size_t size) const {
  if (stream == nullptr) return size;
  const size_t header_size = WrittenSize(entry, write.layout) - entry.packet->header.payload_size;
  return stream->Protect(out, size, header_size);
}

void RtpSender::OnNack(const rtcp::Nack& nack, Timestamp now) {
  if (!stream_ || !options_.codec.feedback.nack || !egress_->has_destination()) return;
  std::array<SeqNum, kMaxNacked> lost;
  size_t count = 0;
  nack.ForEach([&](SeqNum sequence) {
    if (count < lost.size()) lost[count++] = sequence;
  });
  if (count == 0) return;
  if (tracer_.enabled(TraceType::kNack)) {
    tracer_.Emit(
        {TraceType::kNack, true, now, ssrc(), lost[0].value(), 0, static_cast<uint32_t>(count)});
  }
  stream_->OnNack(std::span(lost).first(count), now,
                  [this, now](const Repair& repair) { return SendRepair(repair, now); });
}

size_t RtpSender::SendRepair(const Repair& repair, Timestamp now) {
  PacketWriteOptions write = WriteOptions(now);
  if (repair.rtx && rtx_layout_ != nullptr) write.layout = rtx_layout_.get();
  Stamp(*repair.entry.packet, &write);
  const MutableBytes out = egress_->Reserve(kMaxDatagramSize);
  if (out.empty()) {
    drops_.Add(DropReason::kSendFailed);
    return 0;
  }
  const size_t size = repair.rtx ? WriteRtxPacket(repair.entry, write, *repair.rtx, out)
                                 : WritePacket(repair.entry, write, 0, out);
  const size_t wire =
      size == 0 ? 0 : Protect(repair.rtx ? rtx_srtp_ : srtp_, repair.entry, write, out, size);
  if (wire == 0) {
    drops_.Add(DropReason::kTooBig);
    egress_->Commit({});
    return 0;
  }
  if (Numbers(write.layout)) egress_->OnNumbered(wire, now);
  const std::array<uint16_t, 1> sizes = {static_cast<uint16_t>(wire)};
  egress_->Commit(sizes);
  return size;
}

void RtpSender::RequestKeyFrame(Timestamp now) {
  if (source_ != nullptr) source_->RequestKeyFrame(now);
}

void RtpSender::OnPli(Timestamp now) {
  if (!stream_) return;
  stream_->OnPli();
  tracer_.Emit({TraceType::kPli, true, now, ssrc()});
  RequestKeyFrame(now);
}

void RtpSender::OnFir(uint8_t sequence, Timestamp now) {
  if (!stream_ || last_fir_ == sequence) return;
  last_fir_ = sequence;
  stream_->OnFir();
  tracer_.Emit({TraceType::kFir, true, now, ssrc()});
  RequestKeyFrame(now);
}

void RtpSender::OnReportBlock(Ssrc reporter, const rtcp::ReportBlock& block, NtpTime ntp_now) {
  if (!stream_) return;
  stream_->OnReportBlock(block, ntp_now);
  TellReportBlock(reporter, block, rtcp_listener_);
}

rtcp::SenderReport RtpSender::MakeSenderReport(const NtpClock& clock, Timestamp now) {
  rtcp::SenderReport report;
  report.sender_ssrc = ssrc();
  if (const auto info = stream_ ? stream_->MakeSenderInfo(now, clock) : std::nullopt) {
    report.ntp = info->ntp;
    report.rtp_timestamp = info->rtp_timestamp;
    report.packet_count = info->packet_count;
    report.octet_count = info->octet_count;
    tracer_.Emit({TraceType::kSr, false, now, ssrc(), 0, info->rtp_timestamp});
  }
  return report;
}

RtpSenderStats RtpSender::Stats(Timestamp now) const {
  RtpSenderStats stats;
  if (stream_) stats.stream = stream_->Stats(now);
  stats.drops = drops_;
  return stats;
}

void RtpSender::TraceSent(const RtpBatchEntry& entry, size_t size, Timestamp now) {
  TraceEvent event{TraceType::kRtp,
                   false,
                   now,
                   ssrc(),
                   entry.sequence_number,
                   entry.timestamp,
                   static_cast<uint32_t>(size)};
  tracer_.Emit(event);
  const PayloadInfo& info = entry.packet->info;
  if (!info.valid || !info.key_frame || !info.frame_start) return;
  event.type = TraceType::kKeyFrame;
  tracer_.Emit(event);
}

}  // namespace sfu
