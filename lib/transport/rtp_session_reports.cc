// The RTCP that goes out: feedback when it is due, reports now and then.
#include <algorithm>
#include <array>
#include <cmath>

#include "rtp/extension_values.h"
#include "rtp/rtcp/bye.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/remb.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtcp/xr.h"
#include "transport/rtp_session.h"

namespace sfu {
namespace {

constexpr size_t kMaxReportSize = 1200;  // of one datagram, without SRTCP

}  // namespace

void RtpSession::ScheduleReport(Timestamp now) {
  const double factor = 0.5 + random_.Unit();
  next_report_ =
      now +
      TimeDelta::Nanos(static_cast<int64_t>(static_cast<double>(kReportInterval.ns()) * factor));
}

SocketAddress RtpSession::FeedbackDestination(const RtpReceiver& receiver) const {
  const SocketAddress& learnt = receiver.feedback_destination();
  if (learnt.is_set() || !answer_to_source_ || egress_->has_destination()) return learnt;
  return receiver.source();
}

// The sender of a stream wants feedback on all packets that have a number, of other streams too.
void RtpSession::RecordArrival(const RtpPacket& packet, RtpReceiver* receiver) {
  if (packet.header.extension_size == 0 || !demux_.has_transport_feedback()) return;
  const uint8_t id = demux_.ExtensionId(*receiver, ExtensionType::kTransportSequence);
  if (id == 0) return;
  const auto bytes = packet.extensions().Find(id);
  const auto number = bytes ? TransportSequence::Parse(*bytes) : std::nullopt;
  if (!number) return;
  if (!transport_feedback_) transport_feedback_ = std::make_unique<TransportFeedbackGenerator>();
  feedback_receiver_ = receiver;
  if (transport_feedback_->OnPacket(number->value, packet.arrival)) SendTransportFeedback();
}

void RtpSession::SendTransportFeedback() {
  SocketAddress to;
  Ssrc media = 0;
  if (feedback_receiver_ != nullptr) {
    to = FeedbackDestination(*feedback_receiver_);
    media = feedback_receiver_->ssrc();
  }
  transport_feedback_->Send(reporter_, media,
                            [&](ByteView datagram) { egress_->SendRtcp(datagram, to); });
}

Status RtpSession::SetMaxIncomingBitrate(DataRate limit, Timestamp now) {
  if (limit < DataRate()) return Error{"bitrate", "must not be below 0"};
  incoming_limit_.Set(limit, now);
  if (environment_.wakeup && !incoming_limit_.NextDeadline().is_never()) environment_.wakeup(now);
  return OkStatus();
}

// Streams that come from one address share the limit; where a transport takes several senders, each
// is told.
void RtpSession::SendIncomingLimit(Timestamp now) {
  const auto limit = incoming_limit_.Poll(now);
  if (!limit) return;
  for (auto it = receivers_.begin(); it != receivers_.end(); ++it) {
    if (!(*it)->TakesRemb(now)) continue;
    const bool told = std::any_of(receivers_.begin(), it, [&](const auto& other) {
      return other->TakesRemb(now) && FeedbackDestination(*other) == FeedbackDestination(**it);
    });
    if (!told) SendRemb(**it, *limit, now);
  }
}

void RtpSession::SendRemb(const RtpReceiver& first, DataRate limit, Timestamp now) {
  const SocketAddress to = FeedbackDestination(first);
  rtcp::Remb remb;
  remb.sender_ssrc = reporter_;
  remb.bitrate = limit;
  for (const auto& receiver : receivers_) {
    if (receiver->TakesRemb(now) && FeedbackDestination(*receiver) == to) {
      remb.ssrcs.Add(receiver->ssrc());
    }
  }
  std::array<uint8_t, kMaxReportSize> buffer;
  rtcp::RtcpBuilder builder{MutableBytes(buffer)};
  if (!builder.Add(remb)) return;
  egress_->SendRtcp(builder.bytes(), to);
  ++stats_.rembs_sent;
}

void RtpSession::SendFeedback(Timestamp now) {
  if (transport_feedback_ && transport_feedback_->NextDeadline() <= now) SendTransportFeedback();
  SendIncomingLimit(now);
  for (const auto& receiver : receivers_) {
    if (receiver->NextFeedback() > now) continue;
    const SocketAddress to = FeedbackDestination(*receiver);
    receiver->SendFeedback(reporter_, now,
                           [&](ByteView datagram) { egress_->SendRtcp(datagram, to); });
  }
}

// A receiver that has the report before the first packet aligns sound and picture from the start.
// One that gets it later has to shift the stream, which FFmpeg does with a jump.
void RtpSession::OnSenderBegins(RtpSender& sender, const RtpBatchEntry& first, Timestamp now) {
  const double since_capture = (now - first.packet->capture).seconds();
  const int64_t ticks = std::llround(since_capture * sender.codec().clock_rate);
  rtcp::SenderReport report;
  report.sender_ssrc = sender.ssrc();
  report.ntp = environment_.ntp.ToNtp(now);
  report.rtp_timestamp = first.timestamp + static_cast<uint32_t>(ticks);
  std::array<uint8_t, 256> buffer;
  rtcp::RtcpBuilder builder{MutableBytes(buffer)};
  builder.Add(report);
  rtcp::Sdes sdes;
  sdes.chunks.Add({sender.ssrc(), cname_});
  builder.Add(sdes);
  egress_->SendRtcp(builder.bytes());
  sender.tracer().Emit({TraceType::kSr, false, now, sender.ssrc(), 0, report.rtp_timestamp});
  if (next_report_.is_never()) ScheduleReport(now);
  if (environment_.wakeup) environment_.wakeup(next_report_);
}

void RtpSession::SendReports(Timestamp now) {
  if (now < next_report_) return;
  SendSenderReports(now);
  SendReceiverReports(now);
  ScheduleReport(now);
}

void RtpSession::SendSenderReports(Timestamp now) {
  std::array<uint8_t, kMaxReportSize> buffer;
  rtcp::RtcpBuilder builder{MutableBytes(buffer)};
  rtcp::Sdes sdes;
  const auto send = [&] {
    if (sdes.chunks.empty()) return;
    builder.Add(sdes);
    if (!reference_time_.is_zero()) {
      rtcp::ExtendedReport answer;
      answer.sender_ssrc = sdes.chunks[0].ssrc;
      answer.dlrr.Add({reference_ssrc_, reference_time_, CompactDelay(now - reference_arrival_)});
      builder.Add(answer);
    }
    egress_->SendRtcp(builder.bytes());
    builder.Clear();
    sdes = rtcp::Sdes();
  };
  for (const auto& sender : senders_) {
    if (!sender->active()) continue;
    // A report, its name and the answer below: 28 + 28 bytes each, with room to spare.
    if (builder.remaining() < 160 + 32 * sdes.chunks.size()) send();
    builder.Add(sender->MakeSenderReport(environment_.ntp, now));
    sdes.chunks.Add({sender->ssrc(), cname_});
  }
  send();
}

void RtpSession::SendReceiverReports(Timestamp now) {
  for (const auto& receiver : receivers_) {
    if (receiver->active()) SendReceiverReport(receiver.get(), now);
  }
}

void RtpSession::SendReceiverReport(RtpReceiver* receiver, Timestamp now) {
  const auto report = receiver->MakeReport(now);
  if (!report) return;
  std::array<uint8_t, 256> buffer;
  rtcp::RtcpBuilder builder{MutableBytes(buffer)};
  rtcp::ReceiverReport message;
  message.sender_ssrc = reporter_;
  message.blocks.Add(*report);
  builder.Add(message);
  rtcp::Sdes sdes;
  sdes.chunks.Add({reporter_, cname_});
  builder.Add(sdes);
  rtcp::ExtendedReport reference;
  reference.sender_ssrc = reporter_;
  reference.reference_time = environment_.ntp.ToNtp(now);
  builder.Add(reference);
  egress_->SendRtcp(builder.bytes(), FeedbackDestination(*receiver));
}

void RtpSession::SendBye(RtpSender* sender, Timestamp now) {
  std::array<uint8_t, 256> buffer;
  rtcp::RtcpBuilder builder{MutableBytes(buffer)};
  builder.Add(sender->MakeSenderReport(environment_.ntp, now));
  rtcp::Sdes sdes;
  sdes.chunks.Add({sender->ssrc(), cname_});
  builder.Add(sdes);
  rtcp::Bye bye;
  bye.ssrcs.Add(sender->ssrc());
  builder.Add(bye);
  egress_->SendRtcp(builder.bytes());
}

}  // namespace sfu
