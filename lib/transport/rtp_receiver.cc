// The Receive station of one stream.
#include "transport/rtp_receiver.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rtp/rtcp/fir.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "stream/rtx.h"

namespace sfu {

RtpReceiver::RtpReceiver(const RtpReceiverOptions& options, std::shared_ptr<SyncGroup> group,
                         RtpPacketPool* pool, std::function<void(Timestamp)> wakeup)
    : options_(options),
      group_(std::move(group)),
      pool_(pool),
      wakeup_(std::move(wakeup)),
      ssrc_(options.ssrc),
      rtx_ssrc_(options.rtx_ssrc),
      assembler_(options.codec.kind == MediaKind::kVideo ? PacketRing::kVideoRetention
                                                         : PacketRing::kAudioRetention) {}

RtpReceiver::Role RtpReceiver::RoleOf(Ssrc ssrc, uint8_t payload_type, Timestamp now,
                                      bool* conflict) const {
  const RtpCodec& codec = options_.codec;
  if (payload_type == codec.payload_type) {
    if (ssrc == ssrc_) return Role::kPrimary;
    if (options_.ssrc != 0) return Role::kNone;
    if (ssrc_ == 0 || Silent(now)) return Role::kPrimary;
    *conflict = true;
  } else if (payload_type == codec.rtx_payload_type) {
    if (ssrc == rtx_ssrc_ || (options_.rtx_ssrc == 0 && rtx_ssrc_ == 0)) return Role::kRtx;
  }
  return Role::kNone;
}

bool RtpReceiver::Silent(Timestamp now) const {
  if (silenced_ || !stream_) return true;
  const auto last = stream_->last_arrival();
  return !last || now - *last >= kRelatchSilence;
}

bool RtpReceiver::MayComeFrom(const SocketAddress& from, Timestamp now) const {
  return !source_.is_set() || source_ == from || Silent(now);
}

void RtpReceiver::OnPacket(Role role, RtpPacketRef packet, const SocketAddress& from) {
  if (role == Role::kRtx) {
    rtx_ssrc_ = packet->header.ssrc;
    ++rtx_packets_;
    if (packet->header.payload_size == 0) return;  // a bandwidth probe
    RtpPacketRef original =
        DecodeRtx(packet->bytes(), packet->header, ssrc_, options_.codec.payload_type, *pool_);
    if (!original || !stream_) {
      drops_.Add(DropReason::kBadRtx);
      return;
    }
    original->arrival = packet->arrival;
    Accept(std::move(original), true);
    return;
  }
  if (IsNew(packet->header.ssrc)) Latch(packet->header.ssrc);
  source_ = from;
  silenced_ = false;
  Accept(std::move(packet), false);
}

void RtpReceiver::Latch(Ssrc ssrc) {
  ssrc_ = ssrc;
  if (options_.rtx_ssrc == 0) rtx_ssrc_ = 0;
  stream_.emplace(ssrc, options_.codec.clock_rate);
  clock_.emplace(options_.codec.clock_rate, group_);
  feedback_to_ = SocketAddress();
  assembler_.ring()->Clear();
}

void RtpReceiver::Accept(RtpPacketRef packet, bool repaired) {
  const RtpHeader& header = packet->header;
  const Timestamp arrival = packet->arrival;
  // A peer without RTX answers a NACK with the packet itself.
  const bool answer = repaired || nack_.WasRequested(stream_->Peek(header.sequence_number));
  const ArrivalResult result =
      stream_->Accept(header.sequence_number, header.timestamp, packet->size(), arrival, answer);
  if (!result.accepted()) {
    const bool duplicate = result.verdict == ArrivalVerdict::kDuplicate;
    if (duplicate && repaired) nack_.OnDuplicateRepair();
    drops_.Add(duplicate ? DropReason::kDuplicate : DropReason::kTooOld);
    return;
  }
  if (result.restarted) nack_.Restart(result.first_index);
  nack_.OnReceived(result.index, arrival);
  packet->index = result.index;
  packet->recovered = answer;
  packet->capture = clock_->CaptureTime(header.timestamp, arrival, answer);
  packet->info = ParsePayload(options_.codec.id, packet->payload());
  Trace(TraceType::kRtp, true, arrival, header.sequence_number,
        static_cast<uint32_t>(packet->size()));
  if (packet->info.valid && packet->info.key_frame && packet->info.frame_start) {
    Trace(TraceType::kKeyFrame, true, arrival, header.sequence_number,
          static_cast<uint32_t>(packet->size()));
  }
  assembler_.Add(std::move(packet));
}

void RtpReceiver::RequestKeyFrame(Timestamp now) {
  if (options_.codec.kind != MediaKind::kVideo || key_frame_wanted_) return;
  key_frame_wanted_ = true;
  if (wakeup_ && stream_) wakeup_(now);
}

void RtpReceiver::SetPatience(TimeDelta patience) { nack_.SetPatience(patience); }

void RtpReceiver::OnSenderReport(NtpTime ntp, uint32_t rtp_timestamp, Timestamp now) {
  if (!stream_) return;
  stream_->OnSenderReport(ntp, now);
  clock_->OnSenderReport(ntp, rtp_timestamp, now);
  Trace(TraceType::kSr, true, now, 0, 0);
}

void RtpReceiver::MoveTo(const std::shared_ptr<SyncGroup>& group) {
  group_ = group;
  if (clock_) clock_->MoveTo(group);
}

void RtpReceiver::OnDlrr(CompactNtp ntp_now, CompactNtp last_rr, CompactDelay delay) {
  if (!stream_) return;
  stream_->OnDlrr(ntp_now, last_rr, delay);
  if (const auto rtt = stream_->round_trip()) nack_.SetRtt(*rtt);
}

Timestamp RtpReceiver::NextFeedback() const {
  Timestamp next = Timestamp::Never();
  if (!stream_) return next;
  if (options_.codec.feedback.nack) next = nack_.NextDeadline();
  if (key_frame_wanted_) {
    next =
        std::min(next, last_key_frame_request_ ? *last_key_frame_request_ + kKeyFrameRequestInterval
                                               : Timestamp());
  }
  return next;
}

void RtpReceiver::WriteFeedback(Ssrc reporter, Timestamp now, rtcp::RtcpBuilder* out) {
  if (!stream_) return;
  if (options_.codec.feedback.nack && nack_.NextDeadline() <= now) WriteNack(reporter, now, out);
  if (nack_.TakeKeyFrameWanted()) key_frame_wanted_ = options_.codec.kind == MediaKind::kVideo;
  if (key_frame_wanted_ &&
      (!last_key_frame_request_ || now - *last_key_frame_request_ >= kKeyFrameRequestInterval)) {
    WriteKeyFrameRequest(reporter, now, out);
  }
}

void RtpReceiver::WriteNack(Ssrc reporter, Timestamp now, rtcp::RtcpBuilder* out) {
  const std::span<const SeqNum> lost = nack_.Poll(now);
  if (lost.empty()) return;
  if (!out->Add(rtcp::NackRequest{reporter, ssrc_, lost})) return;
  Trace(TraceType::kNack, false, now, lost.front().value(), static_cast<uint32_t>(lost.size()));
}

void RtpReceiver::WriteKeyFrameRequest(Ssrc reporter, Timestamp now, rtcp::RtcpBuilder* out) {
  key_frame_wanted_ = false;
  last_key_frame_request_ = now;
  const RtcpFeedback& feedback = options_.codec.feedback;
  if (feedback.nack_pli) {
    if (!out->Add(rtcp::Pli{reporter, ssrc_})) return;
    ++plis_sent_;
    Trace(TraceType::kPli, false, now, 0, 0);
  } else if (feedback.ccm_fir) {
    rtcp::Fir fir;
    fir.sender_ssrc = reporter;
    fir.entries.Add({ssrc_, fir_sequence_});
    if (!out->Add(fir)) return;
    ++fir_sequence_;
    ++firs_sent_;
    Trace(TraceType::kFir, false, now, 0, 0);
  }
}

std::optional<rtcp::ReportBlock> RtpReceiver::MakeReport(Timestamp now) {
  if (!stream_) return std::nullopt;
  return stream_->MakeReport(now);
}

RtpReceiverStats RtpReceiver::Stats(Timestamp now) const {
  RtpReceiverStats stats;
  if (stream_) stats.stream = stream_->Stats(now);
  stats.nacks_sent = nack_.nack_messages();
  stats.packets_requested = nack_.requested_packets();
  stats.plis_sent = plis_sent_;
  stats.firs_sent = firs_sent_;
  stats.rtx_packets = rtx_packets_;
  stats.drops = drops_;
  return stats;
}

void RtpReceiver::Trace(TraceType type, bool incoming, Timestamp now, uint16_t sequence,
                        uint32_t size) {
  if (!tracer_.enabled(type)) return;
  tracer_.Emit({type, incoming, now, ssrc_, sequence, 0, size});
}

}  // namespace sfu
