// The RTCP that comes in: each message to the stream that it is about. A message about a stream
// that is not the peer's own, or from an address that may not speak for it, changes nothing.
#include "rtp/rtcp/bye.h"
#include "rtp/rtcp/fir.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/remb.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtcp/transport_feedback.h"
#include "rtp/rtcp/xr.h"
#include "transport/rtp_session.h"

namespace sfu {

using rtcp::PacketType;

bool RtpSession::OnRtcp(MutableBytes datagram, const SocketAddress& from, Timestamp now) {
  ++stats_.rtcp_packets_received;
  stats_.bytes_received += datagram.size();
  size_t size = datagram.size();
  if (srtp_) {
    const UnprotectResult result = srtp_->UnprotectRtcp(datagram, datagram);
    if (!result.ok()) {
      CountDrop(result.reason(), now);
      return false;
    }
    size = result.size();
  }
  rtcp::CompoundReader reader(datagram.first(size));
  while (const auto packet = reader.Next()) {
    if (!OnRtcpPacket(*packet, from, now)) {
      reader.Fail();
      break;
    }
  }
  if (const auto error = reader.error()) {
    CountDrop(*error, now);
    return false;
  }
  return true;
}

bool RtpSession::OnRtcpPacket(const rtcp::Packet& packet, const SocketAddress& from,
                              Timestamp now) {
  switch (packet.header.type) {
    case PacketType::kSenderReport:
      return OnSenderReport(packet, from, now);
    case PacketType::kReceiverReport:
      return OnReceiverReport(packet, now);
    case PacketType::kSdes:
      return OnSdes(packet, from);
    case PacketType::kBye:
      return OnBye(packet, from);
    case PacketType::kExtendedReport:
      return OnExtendedReport(packet, now);
    case PacketType::kRtpFeedback:
      return OnTransportFeedback(packet, now);
    case PacketType::kPayloadFeedback:
      return OnPayloadFeedback(packet, now);
    default:
      return true;  // a type that we do not know is no error
  }
}

RtpReceiver* RtpSession::ReceiverOf(Ssrc ssrc, const SocketAddress& from) const {
  RtpReceiver* receiver = demux_.ReceiverOf(ssrc);
  // A stream that has not begun has no address to compare with.
  if (receiver == nullptr || !receiver->active() || receiver->ssrc() != ssrc) return nullptr;
  return receiver->source().SameIp(from) ? receiver : nullptr;
}

bool RtpSession::OnSenderReport(const rtcp::Packet& packet, const SocketAddress& from,
                                Timestamp now) {
  const auto report = rtcp::SenderReport::Parse(packet.header, packet.body);
  if (!report) return false;
  if (RtpReceiver* receiver = ReceiverOf(report->sender_ssrc, from)) {
    receiver->OnSenderReport(*report, now);
    receiver->set_feedback_destination(from);
  } else {
    early_reports_.Add(*report, from, now);
  }
  OnReportBlocks(report->sender_ssrc, report->blocks, now);
  return true;
}

bool RtpSession::OnReceiverReport(const rtcp::Packet& packet, Timestamp now) {
  const auto report = rtcp::ReceiverReport::Parse(packet.header, packet.body);
  if (report) OnReportBlocks(report->sender_ssrc, report->blocks, now);
  return report.has_value();
}

void RtpSession::OnReportBlocks(Ssrc reporter, const rtcp::ReportBlocks& blocks, Timestamp now) {
  for (const rtcp::ReportBlock& block : blocks) {
    if (RtpSender* sender = egress_->SenderOf(block.ssrc)) {
      sender->OnReportBlock(reporter, block, environment_.ntp.ToNtp(now));
    }
  }
}

bool RtpSession::OnSdes(const rtcp::Packet& packet, const SocketAddress& from) {
  const auto sdes = rtcp::Sdes::Parse(packet.header, packet.body);
  if (!sdes) return false;
  for (const auto& chunk : sdes->chunks) {
    RtpReceiver* receiver = ReceiverOf(chunk.ssrc, from);
    if (receiver == nullptr || chunk.cname.empty()) continue;
    receiver->OnCname(chunk.cname, GroupOf(chunk.cname));
  }
  return true;
}

std::shared_ptr<SyncGroup> RtpSession::GroupOf(std::string_view cname) {
  if (groups_.front().cname.empty()) groups_.front().cname = cname;
  for (const NamedGroup& named : groups_) {
    if (named.cname == cname) return named.group;
  }
  // The first one is for streams to come; others that lost their last stream go.
  std::erase_if(groups_, [&](const NamedGroup& named) {
    return named.group != groups_.front().group && named.group.use_count() == 1;
  });
  if (groups_.size() >= kMaxReceivers) return nullptr;
  groups_.push_back({std::string(cname)});
  return groups_.back().group;
}

bool RtpSession::OnBye(const rtcp::Packet& packet, const SocketAddress& from) {
  const auto bye = rtcp::Bye::Parse(packet.header, packet.body);
  if (!bye) return false;
  for (const Ssrc ssrc : bye->ssrcs) {
    if (RtpReceiver* receiver = ReceiverOf(ssrc, from)) receiver->OnBye();
  }
  return true;
}

bool RtpSession::OnExtendedReport(const rtcp::Packet& packet, Timestamp now) {
  const auto report = rtcp::ExtendedReport::Parse(packet.header, packet.body);
  if (!report) return false;
  if (report->reference_time) {
    reference_ssrc_ = report->sender_ssrc;
    reference_time_ = CompactNtp(*report->reference_time);
    reference_arrival_ = now;
  }
  const CompactNtp ntp_now(environment_.ntp.ToNtp(now));
  for (const auto& item : report->dlrr) {
    if (item.ssrc != reporter_) continue;
    for (const auto& receiver : receivers_) {
      receiver->OnDlrr(ntp_now, item.last_rr, item.delay_since_last_rr);
    }
  }
  return true;
}

bool RtpSession::OnTransportFeedback(const rtcp::Packet& packet, Timestamp now) {
  if (packet.header.count == rtcp::kFormatTransportFeedback) return OnArrivals(packet, now);
  if (packet.header.count != rtcp::kFormatNack) return true;
  const auto nack = rtcp::Nack::Parse(packet.header, packet.body);
  if (!nack) return false;
  if (RtpSender* sender = egress_->SenderOf(nack->media_ssrc())) sender->OnNack(*nack, now);
  return true;
}

bool RtpSession::OnArrivals(const rtcp::Packet& packet, Timestamp now) {
  const auto feedback = rtcp::TransportFeedback::Parse(packet.header, packet.body, arrivals_);
  if (feedback) egress_->log().OnFeedback(*feedback, arrivals_, now, {});
  return feedback.has_value();
}

bool RtpSession::OnPayloadFeedback(const rtcp::Packet& packet, Timestamp now) {
  if (packet.header.count == rtcp::kFormatPli) {
    const auto pli = rtcp::Pli::Parse(packet.header, packet.body);
    if (!pli) return false;
    if (RtpSender* sender = egress_->SenderOf(pli->media_ssrc)) sender->OnPli(now);
  } else if (packet.header.count == rtcp::kFormatFir) {
    const auto fir = rtcp::Fir::Parse(packet.header, packet.body);
    if (!fir) return false;
    for (const auto& entry : fir->entries) {
      if (RtpSender* sender = egress_->SenderOf(entry.ssrc)) sender->OnFir(entry.sequence, now);
    }
  } else if (packet.header.count == rtcp::kFormatApplication) {
    // Of other application messages nothing is known.
    const auto remb = rtcp::Remb::Parse(packet.header, packet.body);
    if (remb) outgoing_bitrate_.OnRemb(remb->bitrate);
  }
  return true;
}

}  // namespace sfu
