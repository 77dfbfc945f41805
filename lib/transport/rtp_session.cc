// Streams of one peer: which there are, and which packet is whose.
#include "transport/rtp_session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "stream/rtx.h"

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
  if (codec.rtx_payload_type == codec.payload_type) {
    return Error{"rtxPayload", "must differ from payload"};
  }
  if (codec.clock_rate == 0) return Error{"clockRate", "must not be 0"};
  return OkStatus();
}

// Of a sender, as it stands in header extensions.
Status CheckName(const char* field, const std::string& name) {
  if (name.size() <= ExtensionLayout::kMaxText) return OkStatus();
  return Error{field, "must be at most " + std::to_string(ExtensionLayout::kMaxText) + " long"};
}

// What of the header is plain whatever the protection. The padding count is encrypted, so that its
// check has to wait.
std::optional<RtpHeader> OuterHeader(ByteView datagram, bool is_protected) {
  if (!is_protected) return ParseRtpHeader(datagram);
  if (datagram.size() < kRtpFixedHeaderSize) return std::nullopt;
  RtpHeader header;
  header.payload_type = datagram[1] & 0x7f;
  header.ssrc = LoadBe32(&datagram[8]);
  return header;
}

}  // namespace

RtpSession::RtpSession(const RtpSessionEnvironment& environment, PacketEgress* egress)
    : environment_(environment),
      egress_(egress),
      random_(environment.seed),
      reporter_(random_.U32() | 1),
      cname_(MakeCname(random_)),
      sender_begins_([this](RtpSender& sender, const RtpBatchEntry& first, Timestamp now) {
        OnSenderBegins(sender, first, now);
      }),
      groups_(1),
      demux_(&receivers_, random_.U64()) {}

RtpSession::~RtpSession() = default;

Result<RtpReceiver*> RtpSession::AddReceiver(const RtpReceiverOptions& options) {
  if (Status status = CheckCodec(options.codec); !status) return status.error();
  if (receivers_.size() >= kMaxReceivers) return Error{"", "too many streams from this peer"};
  if (Status status = demux_.Check(options); !status) return status.error();
  std::erase(retired_, options.ssrc);
  std::erase(retired_, options.rtx_ssrc);
  receivers_.push_back(std::make_unique<RtpReceiver>(options, groups_.front().group,
                                                     environment_.pool, environment_.wakeup));
  demux_.Add(receivers_.back().get());
  return receivers_.back().get();
}

Result<RtpSender*> RtpSession::AddSender(const RtpSenderOptions& options) {
  if (Status status = CheckCodec(options.codec); !status) return status.error();
  if (senders_.size() >= kMaxSenders) return Error{"", "too many streams to this peer"};
  if (options.ssrc != 0 && egress_->IsClaimed(options.ssrc)) {
    return Error{"ssrc", "another stream of this transport has it"};
  }
  if (options.rtx_ssrc != 0 &&
      (options.rtx_ssrc == options.ssrc || egress_->IsClaimed(options.rtx_ssrc))) {
    return Error{"rtxSsrc", "another stream of this transport has it"};
  }
  if (Status status = CheckName("mid", options.mid); !status) return status.error();
  if (Status status = CheckName("rid", options.rid); !status) return status.error();
  senders_.push_back(std::make_unique<RtpSender>(options, egress_, random_.U64(), environment_.ntp,
                                                 sender_begins_));
  return senders_.back().get();
}

void RtpSession::RemoveReceiver(RtpReceiver* receiver) {
  const auto it = std::find_if(receivers_.begin(), receivers_.end(),
                               [&](const auto& own) { return own.get() == receiver; });
  if (receiver == nullptr || it == receivers_.end()) return;
  Retire(receiver->ssrc());
  if (receiver->has_rtx_ssrc()) Retire(receiver->rtx_ssrc());
  receiver->SetSink(nullptr);
  const auto place = static_cast<size_t>(it - receivers_.begin());
  std::unique_ptr<RtpReceiver> gone = std::move(*it);
  receivers_.erase(it);
  demux_.Remove(receiver);
  if (feedback_receiver_ == receiver) feedback_receiver_ = nullptr;
  if (!flushing_) return;
  if (place <= flushed_) --flushed_;  // may wrap; Flush() steps on from there
  removed_.push_back(std::move(gone));
}

void RtpSession::RemoveSender(RtpSender* sender, Timestamp now) {
  if (sender == nullptr) return;
  if (sender->active()) SendBye(sender, now);
  std::erase_if(senders_, [&](const auto& own) { return own.get() == sender; });
}

void RtpSession::ForgetSources() {
  for (const auto& receiver : receivers_) receiver->ForgetSource();
}

void RtpSession::RequestKeyFrames(Timestamp now) {
  for (const auto& sender : senders_) {
    if (sender->codec().kind == MediaKind::kVideo) sender->RequestKeyFrame(now);
  }
}

void RtpSession::SetSrtpSender(std::unique_ptr<SrtpSender> srtp) {
  for (const auto& sender : senders_) sender->ForgetSrtp();
  egress_->SetSrtp(std::move(srtp));
}

bool RtpSession::OnRtp(ByteView datagram, const SocketAddress& from, Timestamp now) {
  ++stats_.rtp_packets_received;
  stats_.bytes_received += datagram.size();
  const auto outer = OuterHeader(datagram, srtp_ != nullptr);
  if (!outer) {
    CountDrop(DropReason::kBadHeader, now);
    return false;
  }
  const StreamDemux::Match match = demux_.Find(datagram, *outer, now);
  if (match.receiver == nullptr) {
    CountDrop(match.reason, now);
    if (on_unknown_stream_ && !match.known) NoteUnknown(datagram, *outer, match, now);
    return false;
  }
  if (!match.known && !demux_.CanLearn(*match.receiver, match.role)) {
    CountDrop(DropReason::kTooManyStreams, now);
    return false;
  }
  RtpReceiver* receiver = match.receiver;
  const bool new_rtx = match.role == RtpReceiver::Role::kRtx && !match.known;
  // Whose an unknown RTX stream is, only its content says.
  if (!new_rtx && !receiver->MayComeFrom(from, now)) {
    receiver->CountDrop(DropReason::kUnknownSource);
    return false;
  }
  RtpPacketRef packet = OpenPacket(datagram, srtp_ ? nullptr : &*outer, receiver);
  if (!packet) return false;
  packet->arrival = now;
  RecordArrival(*packet, receiver);
  const Ssrc ssrc = packet->header.ssrc;
  if (new_rtx) {
    receiver = LatchRtx(*packet, from);
    if (receiver == nullptr) {
      match.receiver->CountDrop(DropReason::kBadRtx);
      if (srtp_) srtp_->RemoveStream(ssrc);
      return false;
    }
  } else if (match.role == RtpReceiver::Role::kPrimary && receiver->IsNew(ssrc)) {
    LatchPrimary(receiver, ssrc, from, now);
  }
  receiver->OnPacket(match.role, std::move(packet), from);
  if (next_report_.is_never()) next_report_ = now + kReportInterval / 2;
  return true;
}

void RtpSession::NoteUnknown(ByteView datagram, const RtpHeader& header,
                             const StreamDemux::Match& match, Timestamp now) {
  if (srtp_) {
    // What is not authentic is no stream. Its replay window stays, for the receiver to come.
    std::array<uint8_t, kMaxDatagramSize> plain;
    if (datagram.size() > plain.size() || !srtp_->Unprotect(datagram, plain).ok()) return;
    Retire(header.ssrc);
  }
  const bool rival = match.reason == DropReason::kUnknownSsrc && !receivers_.empty();
  if (unknown_streams_.OnPacket(header.ssrc, header.payload_type, rival, now)) {
    on_unknown_stream_(header.ssrc, header.payload_type);
  }
}

// The packet, plain and parsed; null if it was dropped. `plain` is its header if it is not
// protected.
RtpPacketRef RtpSession::OpenPacket(ByteView datagram, const RtpHeader* plain,
                                    RtpReceiver* receiver) {
  RtpPacketRef packet = environment_.pool->Allocate(datagram.size());
  if (!packet) {
    receiver->CountDrop(DropReason::kPoolExhausted);
    return {};
  }
  if (plain != nullptr) {
    std::memcpy(packet->mutable_bytes().data(), datagram.data(), datagram.size());
    packet->set_size(datagram.size());
    packet->header = *plain;
    return packet;
  }
  const UnprotectResult result = srtp_->Unprotect(datagram, packet->mutable_bytes());
  if (!result.ok()) {
    receiver->CountDrop(result.reason());
    return {};
  }
  packet->set_size(result.size());
  const auto header = ParseRtpHeader(packet->bytes());
  if (!header) {
    receiver->CountDrop(DropReason::kBadHeader);
    return {};
  }
  packet->header = *header;
  return packet;
}

// The stream that an RTX packet of an unknown SSRC repairs, which takes the SSRC; or null.
RtpReceiver* RtpSession::LatchRtx(const RtpPacket& packet, const SocketAddress& from) {
  const auto kRtx = RtpReceiver::Role::kRtx;
  RtpReceiver* receiver = demux_.FindRtxOwner(packet, from);
  if (receiver == nullptr || !demux_.CanLearn(*receiver, kRtx)) return nullptr;
  if (receiver->has_rtx_ssrc()) Retire(receiver->rtx_ssrc());
  std::erase(retired_, packet.header.ssrc);
  demux_.Learn(packet.header.ssrc, receiver, kRtx);
  return receiver;
}

void RtpSession::LatchPrimary(RtpReceiver* receiver, Ssrc ssrc, const SocketAddress& from,
                              Timestamp now) {
  const RtpReceiverOptions& options = receiver->options();
  if (receiver->active()) {
    if (receiver->ssrc() != ssrc) Retire(receiver->ssrc());
    if (receiver->has_rtx_ssrc() && options.rtx_ssrc == 0) {
      Retire(receiver->rtx_ssrc());
      demux_.Forget(receiver->rtx_ssrc());
    }
  }
  std::erase(retired_, ssrc);
  if (options.ssrc == 0) demux_.Learn(ssrc, receiver, RtpReceiver::Role::kPrimary);
  receiver->Latch(ssrc, now);
  incoming_limit_.Repeat(now);
  if (const auto early = early_reports_.Take(ssrc, from, now)) {
    receiver->OnSenderReport(early->ToReport(), early->arrival);
    receiver->set_feedback_destination(early->from);
  }
}

// The SSRC is no longer in use; it may come back.
void RtpSession::Retire(Ssrc ssrc) {
  if (!srtp_) return;
  std::erase(retired_, ssrc);
  if (retired_.size() >= kMaxRetiredSsrcs) {
    srtp_->RemoveStream(retired_.front());
    retired_.erase(retired_.begin());
  }
  retired_.push_back(ssrc);
}

void RtpSession::Flush(Timestamp now) {
  flushing_ = true;
  for (flushed_ = 0; flushed_ < receivers_.size(); ++flushed_) receivers_[flushed_]->Flush(now);
  flushing_ = false;
  removed_.clear();
  SendFeedback(now);
}

Timestamp RtpSession::NextDeadline() const {
  Timestamp next = std::min(next_report_, incoming_limit_.NextDeadline());
  if (transport_feedback_) next = std::min(next, transport_feedback_->NextDeadline());
  for (const auto& receiver : receivers_) next = std::min(next, receiver->NextFeedback());
  return next;
}

void RtpSession::HandleTimeout(Timestamp now) {
  SendFeedback(now);
  SendReports(now);
}

RtpSessionStats RtpSession::Stats() const {
  RtpSessionStats stats = stats_;
  stats.packets_sent = egress_->packets_sent();
  stats.bytes_sent = egress_->bytes_sent();
  stats.numbered = egress_->log().stats();
  stats.available_outgoing_bitrate = outgoing_bitrate_.available();
  stats.max_outgoing_bitrate = outgoing_bitrate_.max();
  stats.min_outgoing_bitrate = outgoing_bitrate_.min();
  stats.remb = outgoing_bitrate_.remb();
  stats.max_incoming_bitrate = incoming_limit_.limit();
  if (transport_feedback_) {
    stats.transport_wide_packets = transport_feedback_->packets();
    stats.transport_feedbacks_sent = transport_feedback_->feedbacks();
  }
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
