// Streams of one peer: demultiplexing of RTP, and what goes out when.
#include "transport/rtp_session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "rtp/rtcp/bye.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtcp/xr.h"

namespace sfu {
namespace {

constexpr int kHighestPayloadType = 127;

// A random name of 16 letters: RFC 7022's short-term persistent CNAME.
std::string MakeCname(Random& random) {
  std::string name;
  for (int i = 0; i < 16; ++i) name += static_cast<char>('a' + random.U32() % 26);
  return name;
}

Status CheckCodec(const RtpCodec& codec) {
  if (codec.payload_type > kHighestPayloadType) return Error{"payload", "must be 0 to 127"};
  if (codec.rtx_payload_type > kHighestPayloadType) return Error{"rtxPayload", "must be 0 to 127"};
  if (codec.clock_rate == 0) return Error{"clockRate", "must not be 0"};
  return OkStatus();
}

}  // namespace

RtpSession::RtpSession(const RtpSessionEnvironment& environment, PacketEgress* egress)
    : environment_(environment),
      egress_(egress),
      random_(environment.seed),
      reporter_(random_.U32() | 1),
      cname_(MakeCname(random_)),
      groups_(1) {}

RtpSession::~RtpSession() = default;

Result<RtpReceiver*> RtpSession::AddReceiver(const RtpReceiverOptions& options) {
  if (Status status = CheckCodec(options.codec); !status) return status.error();
  if (receivers_.size() >= kMaxReceivers) return Error{"", "too many streams from this peer"};
  for (const auto& other : receivers_) {
    if (options.ssrc != 0 && other->ssrc() == options.ssrc) {
      return Error{"ssrc", "another stream of this transport has it"};
    }
    if (options.ssrc == 0 && other->codec().payload_type == options.codec.payload_type) {
      return Error{"payload",
                   "another stream of this transport has it, and no SSRC tells them apart"};
    }
  }
  receivers_.push_back(std::make_unique<RtpReceiver>(options, groups_.front().group,
                                                     environment_.pool, environment_.wakeup));
  return receivers_.back().get();
}

Result<RtpSender*> RtpSession::AddSender(const RtpSenderOptions& options) {
  if (Status status = CheckCodec(options.codec); !status) return status.error();
  if (senders_.size() >= kMaxSenders) return Error{"", "too many streams to this peer"};
  if (options.ssrc != 0 && SenderOf(options.ssrc) != nullptr) {
    return Error{"ssrc", "another stream of this transport has it"};
  }
  senders_.push_back(
      std::make_unique<RtpSender>(options, egress_, random_.U64(), environment_.wakeup));
  return senders_.back().get();
}

void RtpSession::RemoveReceiver(RtpReceiver* receiver) {
  if (receiver != nullptr && srtp_) srtp_->RemoveStream(receiver->ssrc());
  std::erase_if(receivers_, [&](const auto& own) { return own.get() == receiver; });
}

void RtpSession::RemoveSender(RtpSender* sender, Timestamp now) {
  if (sender == nullptr) return;
  if (sender->active()) {
    std::array<uint8_t, 256> buffer;
    rtcp::RtcpBuilder builder{MutableBytes(buffer)};
    builder.Add(sender->MakeSenderReport(environment_.ntp, now));
    rtcp::Bye bye;
    bye.ssrcs.Add(sender->ssrc());
    builder.Add(bye);
    egress_->SendRtcp(builder.bytes());
  }
  std::erase_if(senders_, [&](const auto& own) { return own.get() == sender; });
}

void RtpSession::SetSrtpSender(std::unique_ptr<SrtpSender> srtp) {
  for (const auto& sender : senders_) sender->ForgetSrtp();
  egress_->SetSrtp(std::move(srtp));
}

RtpSession::Match RtpSession::FindReceiver(const RtpHeader& header, Timestamp now) const {
  Match match;
  for (const auto& receiver : receivers_) {
    bool conflict = false;
    const RtpReceiver::Role role =
        receiver->RoleOf(header.ssrc, header.payload_type, now, &conflict);
    if (conflict) match.reason = DropReason::kUnknownSsrc;
    if (role == RtpReceiver::Role::kNone) continue;
    match.receiver = receiver.get();
    match.role = role;
    // A stream that knows the SSRC is better than one that would take a new one.
    if (receiver->ssrc() == header.ssrc) break;
  }
  return match;
}

bool RtpSession::OnRtp(ByteView datagram, const SocketAddress& from, Timestamp now) {
  ++stats_.rtp_packets_received;
  stats_.bytes_received += datagram.size();
  const auto header = ParseRtpHeader(datagram);
  // The padding count is encrypted, so its check has to wait until the packet is plain.
  if (!header && !srtp_) {
    CountDrop(DropReason::kBadHeader, now);
    return false;
  }
  RtpHeader outer;
  if (header) {
    outer = *header;
  } else if (datagram.size() < kRtpFixedHeaderSize) {
    CountDrop(DropReason::kTooShort, now);
    return false;
  } else {
    outer.payload_type = datagram[1] & 0x7f;
    outer.ssrc = LoadBe32(&datagram[8]);
  }
  const Match match = FindReceiver(outer, now);
  if (match.receiver == nullptr) {
    CountDrop(match.reason, now);
    return false;
  }
  RtpReceiver& receiver = *match.receiver;
  if (!receiver.MayComeFrom(from, now)) {
    receiver.CountDrop(DropReason::kUnknownSource);
    return false;
  }
  RtpPacketRef packet = environment_.pool->Allocate(datagram.size());
  if (!packet) {
    receiver.CountDrop(DropReason::kTooBig);
    return false;
  }
  size_t size = datagram.size();
  if (srtp_) {
    const UnprotectResult result = srtp_->Unprotect(datagram, packet->mutable_bytes());
    if (!result.ok()) {
      receiver.CountDrop(result.reason());
      return false;
    }
    size = result.size();
  } else {
    std::memcpy(packet->mutable_bytes().data(), datagram.data(), size);
  }
  packet->set_size(size);
  const auto inner = srtp_ ? ParseRtpHeader(packet->bytes()) : header;
  if (!inner) {
    receiver.CountDrop(DropReason::kBadHeader);
    return false;
  }
  packet->header = *inner;
  packet->arrival = now;
  if (match.role == RtpReceiver::Role::kPrimary && receiver.IsNew(inner->ssrc)) {
    receiver.Latch(inner->ssrc);
    if (const auto early = early_reports_.Take(inner->ssrc, from, now)) {
      receiver.OnSenderReport(early->ntp, early->rtp_timestamp, early->arrival);
      receiver.set_feedback_destination(early->from);
    }
  }
  receiver.OnPacket(match.role, std::move(packet), from);
  if (next_report_.is_never()) next_report_ = now + kReportInterval / 2;
  return true;
}

void RtpSession::Flush(Timestamp now) {
  for (const auto& receiver : receivers_) receiver->Flush(now);
  SendFeedback(now);
}

Timestamp RtpSession::NextDeadline() const {
  Timestamp next = next_report_;
  for (const auto& receiver : receivers_) next = std::min(next, receiver->NextFeedback());
  if (next_report_.is_never() && HasTraffic()) next = Timestamp();
  return next;
}

void RtpSession::HandleTimeout(Timestamp now) {
  SendFeedback(now);
  if (next_report_.is_never() && HasTraffic()) next_report_ = now + kFirstReportDelay;
  if (now >= next_report_) {
    SendReports(now);
    ScheduleReport(now);
  }
}

bool RtpSession::HasTraffic() const {
  const auto active = [](const auto& stream) { return stream->active(); };
  return std::any_of(senders_.begin(), senders_.end(), active) ||
         std::any_of(receivers_.begin(), receivers_.end(), active);
}

void RtpSession::ScheduleReport(Timestamp now) {
  const double factor = 0.5 + random_.Unit();
  next_report_ =
      now +
      TimeDelta::Nanos(static_cast<int64_t>(static_cast<double>(kReportInterval.ns()) * factor));
}

void RtpSession::SendFeedback(Timestamp now) {
  std::array<uint8_t, 1200> buffer;
  for (const auto& receiver : receivers_) {
    if (receiver->NextFeedback() > now) continue;
    rtcp::RtcpBuilder builder{MutableBytes(buffer)};
    receiver->WriteFeedback(reporter_, now, &builder);
    egress_->SendRtcp(builder.bytes(), receiver->feedback_destination());
  }
}

void RtpSession::SendReports(Timestamp now) {
  SendSenderReports(now);
  SendReceiverReports(now);
}

void RtpSession::SendSenderReports(Timestamp now) {
  std::array<uint8_t, 1200> buffer;
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
  egress_->SendRtcp(builder.bytes(), receiver->feedback_destination());
}

RtpSessionStats RtpSession::Stats() const {
  RtpSessionStats stats = stats_;
  stats.packets_sent = egress_->packets_sent();
  stats.bytes_sent = egress_->bytes_sent();
  return stats;
}

void RtpSession::CountDrop(DropReason reason, Timestamp now) {
  stats_.drops.Add(reason);
  uint64_t suppressed = 0;
  if (!LogEnabled() || !drop_log_.Allow(now, &suppressed)) return;
  Log(LogLevel::kWarning, "transport",
      "dropped a packet: " + std::string(DropReasonName(reason)) + " (" +
          std::to_string(suppressed) + " lines like this held back)");
}

}  // namespace sfu
