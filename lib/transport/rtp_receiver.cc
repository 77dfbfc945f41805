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
namespace {

// Of one RTCP datagram, in bytes: with SRTCP it still fits everywhere.
constexpr size_t kMaxFeedbackSize = 1200;
constexpr size_t kMaxKeyFrameRequestSize = 20;  // a FIR with one entry

}  // namespace

RtpReceiver::RtpReceiver(const RtpReceiverOptions& options, std::shared_ptr<SyncGroup> group,
                         RtpPacketPool* pool, std::function<void(Timestamp)> wakeup)
    : options_(options),
      group_(std::move(group)),
      pool_(pool),
      wakeup_(std::move(wakeup)),
      ssrc_(options.ssrc),
      rtx_ssrc_(options.rtx_ssrc),
      assembler_(options.codec.kind == MediaKind::kVideo ? PacketRing::kVideoRetention
                                                         : PacketRing::kAudioRetention,
                 options.encoding) {}

RtpReceiver::Role RtpReceiver::RoleOfKnown(Ssrc ssrc, uint8_t payload_type) const {
  const RtpCodec& codec = options_.codec;
  if (ssrc == ssrc_ && payload_type == codec.payload_type) return Role::kPrimary;
  if (ssrc == rtx_ssrc_ && payload_type == codec.rtx_payload_type) return Role::kRtx;
  return Role::kNone;
}

RtpReceiver::Role RtpReceiver::RoleOfNew(uint8_t payload_type, Timestamp now,
                                         bool* conflict) const {
  const RtpCodec& codec = options_.codec;
  if (payload_type == codec.payload_type && options_.ssrc == 0) {
    if (Silent(now)) return Role::kPrimary;
    *conflict = true;
  } else if (payload_type == codec.rtx_payload_type && options_.rtx_ssrc == 0 && stream_) {
    return Role::kRtx;
  }
  return Role::kNone;
}

bool RtpReceiver::IsMissing(uint16_t sequence_number) const {
  return stream_ && nack_.WasRequested(stream_->Peek(sequence_number));
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
    OnRtx(packet);
    return;
  }
  if (IsNew(packet->header.ssrc)) Latch(packet->header.ssrc, packet->arrival);
  // Feedback does not go to where the stream came from before.
  if (source_.is_set() && !source_.SameIp(from)) feedback_to_ = SocketAddress();
  source_ = from;
  silenced_ = false;
  Accept(std::move(packet), false);
}

void RtpReceiver::OnRtx(const RtpPacketRef& packet) {
  rtx_ssrc_ = packet->header.ssrc;
  ++rtx_packets_;
  if (packet->header.payload_size == 0) return;  // a bandwidth probe
  RtpPacketRef original =
      DecodeRtx(packet->bytes(), packet->header, ssrc_, options_.codec.payload_type, *pool_);
  if (!original || !stream_) {
    const bool whole = packet->header.payload_size >= kRtxOverhead && stream_;
    drops_.Add(whole ? DropReason::kPoolExhausted : DropReason::kBadRtx);
    return;
  }
  original->arrival = packet->arrival;
  Accept(std::move(original), true);
}

void RtpReceiver::ForgetSource() {
  source_ = feedback_to_ = SocketAddress();
  silenced_ = true;
}

void RtpReceiver::Latch(Ssrc ssrc, Timestamp now) {
  // A batch is of one SSRC.
  assembler_.Flush(now);
  ssrc_ = ssrc;
  if (options_.rtx_ssrc == 0) rtx_ssrc_ = 0;
  stream_.emplace(ssrc, options_.codec.clock_rate);
  clock_.emplace(options_.codec.clock_rate, group_);
  feedback_to_ = SocketAddress();
  reported_ = false;
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
    if (duplicate) nack_.OnDuplicate(stream_->Peek(header.sequence_number), arrival);
    drops_.Add(duplicate ? DropReason::kDuplicate : DropReason::kTooOld);
    return;
  }
  if (options_.codec.feedback.nack) {
    if (result.restarted) nack_.Restart(result.first_index);
    nack_.OnReceived(result.index, arrival);
  }
  packet->index = result.index;
  packet->recovered = answer;
  packet->FindExtensions(options_.codec.extensions);
  if (!reported_) NoteCaptureTime(*packet);
  packet->capture = clock_->CaptureTime(header.timestamp, arrival, answer);
  packet->ntp = clock_->SenderNtp(header.timestamp);
  packet->info = ParsePayload(options_.codec.id, packet->payload());
  orientation_.OnPacket(*packet);
  TraceReceived(*packet);
  assembler_.Add(std::move(packet));
}

// Until the first sender report comes, the capture time in the packet says what that would: the
// sender's wall clock at an RTP timestamp. Where the capturer has another clock than the sender,
// the report is waited for.
void RtpReceiver::NoteCaptureTime(const RtpPacket& packet) {
  const auto bytes = packet.extension(ExtensionType::kAbsCaptureTime);
  const auto time = bytes ? AbsCaptureTime::Parse(*bytes) : std::nullopt;
  if (!time || time->clock_offset.value_or(0) != 0) return;
  clock_->OnSenderReport(time->capture, packet.header.timestamp, packet.arrival);
}

void RtpReceiver::RequestKeyFrame(Timestamp now) {
  if (options_.codec.kind != MediaKind::kVideo || key_frame_wanted_) return;
  key_frame_wanted_ = true;
  if (wakeup_ && stream_) wakeup_(now);
}

void RtpReceiver::SetPatience(TimeDelta patience) { nack_.SetPatience(patience); }

void RtpReceiver::OnSenderReport(const rtcp::SenderReport& report, Timestamp now) {
  if (!stream_) return;
  reported_ = true;
  stream_->OnSenderReport(report.ntp, now);
  clock_->OnSenderReport(report.ntp, report.rtp_timestamp, now);
  tracer_.Emit({TraceType::kSr, true, now, ssrc_, 0, report.rtp_timestamp});
  TellSenderReport(report, rtcp_listener_);
}

void RtpReceiver::OnBye() {
  silenced_ = true;
  TellBye(ssrc_, rtcp_listener_);
}

void RtpReceiver::OnCname(std::string_view cname, const std::shared_ptr<SyncGroup>& group) {
  TellCname(ssrc_, cname, rtcp_listener_);
  if (group == nullptr) return;
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

void RtpReceiver::SendFeedback(Ssrc reporter, Timestamp now, const SendFunction& send) {
  if (!stream_) return;
  std::array<uint8_t, kMaxFeedbackSize> buffer;
  rtcp::RtcpBuilder builder{MutableBytes(buffer)};
  if (options_.codec.feedback.nack && nack_.NextDeadline() <= now) {
    SendNacks(reporter, now, &builder, send);
  }
  if (nack_.TakeKeyFrameWanted()) key_frame_wanted_ = options_.codec.kind == MediaKind::kVideo;
  if (key_frame_wanted_ &&
      (!last_key_frame_request_ || now - *last_key_frame_request_ >= kKeyFrameRequestInterval)) {
    if (builder.remaining() < kMaxKeyFrameRequestSize) {
      send(builder.bytes());
      builder.Clear();
    }
    WriteKeyFrameRequest(reporter, now, &builder);
  }
  if (!builder.empty()) send(builder.bytes());
}

// Losses far apart take more than one datagram. The last one stays in the builder.
void RtpReceiver::SendNacks(Ssrc reporter, Timestamp now, rtcp::RtcpBuilder* out,
                            const SendFunction& send) {
  std::span<const SeqNum> lost = nack_.Poll(now);
  while (!lost.empty()) {
    const size_t count = rtcp::NackRequest::CountFitting(lost, out->remaining());
    if (!out->Add(rtcp::NackRequest{reporter, ssrc_, lost.first(count)})) return;
    tracer_.Emit({TraceType::kNack, false, now, ssrc_, lost.front().value(), 0,
                  static_cast<uint32_t>(count)});
    lost = lost.subspan(count);
    if (lost.empty()) return;
    send(out->bytes());
    out->Clear();
  }
}

void RtpReceiver::WriteKeyFrameRequest(Ssrc reporter, Timestamp now, rtcp::RtcpBuilder* out) {
  key_frame_wanted_ = false;
  last_key_frame_request_ = now;
  const RtcpFeedback& feedback = options_.codec.feedback;
  if (feedback.nack_pli) {
    if (!out->Add(rtcp::Pli{reporter, ssrc_})) return;
    ++plis_sent_;
    tracer_.Emit({TraceType::kPli, false, now, ssrc_});
  } else if (feedback.ccm_fir) {
    rtcp::Fir fir;
    fir.sender_ssrc = reporter;
    fir.entries.Add({ssrc_, fir_sequence_});
    if (!out->Add(fir)) return;
    ++fir_sequence_;
    ++firs_sent_;
    tracer_.Emit({TraceType::kFir, false, now, ssrc_});
  }
}

bool RtpReceiver::IsReportedOn(Timestamp now) const {
  const auto last = stream_ ? stream_->last_arrival() : std::nullopt;
  return last && now - *last <= kReportTimeout;
}

bool RtpReceiver::TakesRemb(Timestamp now) const {
  const RtcpFeedback& feedback = options_.codec.feedback;
  return (feedback.goog_remb || feedback.transport_cc) && IsReportedOn(now);
}

std::optional<rtcp::ReportBlock> RtpReceiver::MakeReport(Timestamp now) {
  if (!stream_) return std::nullopt;
  if (!IsReportedOn(now)) {
    stream_->SetInactive();
    return std::nullopt;
  }
  return stream_->MakeReport(now);
}

RtpReceiverStats RtpReceiver::Stats(Timestamp now) const {
  RtpReceiverStats stats;
  stats.ssrc = ssrc_;
  stats.rtx_ssrc = rtx_ssrc_;
  stats.rid = options_.rid;
  stats.encoding = options_.encoding;
  if (stream_) stats.stream = stream_->Stats(now);
  stats.nacks_sent = nack_.nack_messages();
  stats.packets_requested = nack_.requested_packets();
  stats.plis_sent = plis_sent_;
  stats.firs_sent = firs_sent_;
  stats.rtx_packets = rtx_packets_;
  stats.orientation = orientation_.value();
  stats.drops = drops_;
  return stats;
}

void RtpReceiver::TraceReceived(const RtpPacket& packet) {
  TraceEvent event{TraceType::kRtp,
                   true,
                   packet.arrival,
                   ssrc_,
                   packet.header.sequence_number,
                   packet.header.timestamp,
                   static_cast<uint32_t>(packet.size())};
  tracer_.Emit(event);
  if (!packet.info.valid || !packet.info.key_frame || !packet.info.frame_start) return;
  event.type = TraceType::kKeyFrame;
  tracer_.Emit(event);
}

}  // namespace sfu
