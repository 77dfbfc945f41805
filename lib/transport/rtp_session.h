// The RTP session with one remote peer: which packet belongs to which stream, and the RTCP of both
// directions. Knows no sockets; shared by all transports.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/drop_counters.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "congestion/incoming_limit.h"
#include "congestion/outgoing_bitrate.h"
#include "congestion/sent_packet_log.h"
#include "congestion/transport_feedback_generator.h"
#include "rtp/ntp_time.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/rtcp_builder.h"
#include "rtp/rtp_packet.h"
#include "srtp/srtp.h"
#include "stream/capture_clock.h"
#include "transport/early_reports.h"
#include "transport/packet_egress.h"
#include "transport/rtp_receiver.h"
#include "transport/rtp_sender.h"
#include "transport/stream_demux.h"
#include "transport/unknown_streams.h"

namespace sfu {

// What a session needs of the world. All of it must outlive the session.
struct RtpSessionEnvironment {
  RtpPacketPool* pool = nullptr;
  uint64_t seed = 0;  // of SSRCs, CNAME and report times
  NtpClock ntp{Timestamp(), NtpTime()};
  // Called when NextDeadline() has become earlier other than by OnRtp(), OnRtcp(), Flush() and
  // HandleTimeout(): a stream began to send, a key frame was asked for. May be empty.
  std::function<void(Timestamp)> wakeup;
};

struct RtpSessionStats {
  uint64_t rtp_packets_received = 0;
  uint64_t rtcp_packets_received = 0;
  uint64_t bytes_received = 0;
  uint64_t packets_sent = 0;
  uint64_t bytes_sent = 0;
  // Of packets with transport-wide sequence numbers.
  SentPacketLogStats numbered;
  DataRate available_outgoing_bitrate;
  DataRate max_outgoing_bitrate;  // of the application; zero: none, as is the next
  DataRate min_outgoing_bitrate;
  std::optional<DataRate> remb;         // what the peer said last that it can receive
  DataRate max_incoming_bitrate;        // 0: none was set
  uint64_t transport_wide_packets = 0;  // received with a transport-wide number
  uint64_t transport_feedbacks_sent = 0;
  uint64_t rembs_sent = 0;
  DropCounters drops;  // those that no stream could be blamed for
};

class RtpSession {
 public:
  // How often reports go out, on average; each time between half and one and a half of it (RFC
  // 3550, section 6.2, with the fixed interval that SFUs use).
  static constexpr TimeDelta kReportInterval = TimeDelta::Seconds(1);
  // Streams that one peer may have in each direction.
  static constexpr size_t kMaxReceivers = 256;
  static constexpr size_t kMaxSenders = 4096;
  // Former SSRCs of the peer whose SRTP replay windows are kept, so that what was recorded of them
  // cannot be played again when the stream is silent.
  static constexpr size_t kMaxRetiredSsrcs = 64;
  // What an SrtpReceiver for a session must have room for: each stream and its RTX.
  static constexpr size_t kMaxSrtpStreams = 2 * kMaxReceivers + kMaxRetiredSsrcs;

  RtpSession(const RtpSessionEnvironment& environment, PacketEgress* egress);
  ~RtpSession();
  RtpSession(const RtpSession&) = delete;
  RtpSession& operator=(const RtpSession&) = delete;

  // Errors name the field: a payload type above 127 or in use by another stream in a way that no
  // name or SSRC tells them apart, a clock rate of 0, an SSRC, MID or RID in use, a payload type or
  // extension id ("headerExtensions") that means something else in another stream, too many.
  Result<RtpReceiver*> AddReceiver(const RtpReceiverOptions& options);
  Result<RtpSender*> AddSender(const RtpSenderOptions& options);
  // A sender that goes says BYE. Null is ignored. A receiver may be removed from inside its sink.
  void RemoveReceiver(RtpReceiver* receiver);
  void RemoveSender(RtpSender* sender, Timestamp now);

  // Hears of streams that the peer sends and no receiver takes, as UnknownStreams decides; it may
  // then add a receiver, but not within the call. Packets of such a stream are dropped.
  using UnknownStreamFunction = std::function<void(Ssrc ssrc, uint8_t payload_type)>;
  void SetUnknownStreamListener(UnknownStreamFunction listener) {
    on_unknown_stream_ = std::move(listener);
  }

  // Until a sender report of a stream has come, its feedback goes to the address it comes from
  // (rtcp-mux), if there is no other.
  void AnswerToSource() { answer_to_source_ = true; }
  // How much may be sent to the peer, and the limits of that.
  OutgoingBitrate& outgoing_bitrate() { return outgoing_bitrate_; }
  const OutgoingBitrate& outgoing_bitrate() const { return outgoing_bitrate_; }

  // The peer is another one from now on.
  void ForgetSources();

  // Asks the source of each video sender for a key frame: the peer can decode only now.
  void RequestKeyFrames(Timestamp now);

  // The most that the peer may send us, in all; 0 lifts it. The peer is told by REMB, at once and
  // once a second, for its streams whose codec has goog-remb or transport-cc among its feedback
  // (mediasoup's setMaxIncomingBitrate). Below zero is an error.
  Status SetMaxIncomingBitrate(DataRate limit, Timestamp now);

  // Unprotects all that comes in from now on.
  void SetSrtpReceiver(std::unique_ptr<SrtpReceiver> srtp) { srtp_ = std::move(srtp); }
  // Protects all that goes out from now on.
  void SetSrtpSender(std::unique_ptr<SrtpSender> srtp);

  // One RTP or RTCP datagram. Output of RTP is collected until Flush(). False if it was dropped.
  bool OnRtp(ByteView datagram, const SocketAddress& from, Timestamp now);
  bool OnRtcp(MutableBytes datagram, const SocketAddress& from, Timestamp now);
  // The end of a wake-up: batches go on, and the feedback that is due goes out.
  void Flush(Timestamp now);

  Timestamp NextDeadline() const;
  void HandleTimeout(Timestamp now);

  const std::vector<std::unique_ptr<RtpReceiver>>& receivers() const { return receivers_; }
  const std::vector<std::unique_ptr<RtpSender>>& senders() const { return senders_; }
  RtpSessionStats Stats() const;
  // Clocks that the peer's streams are on: one per CNAME.
  size_t sync_group_count() const { return groups_.size(); }
  const NtpClock& ntp() const { return environment_.ntp; }
  void CountDrop(DropReason reason, Timestamp now);

 private:
  void NoteUnknown(ByteView datagram, const RtpHeader& header, const StreamDemux::Match& match,
                   Timestamp now);
  RtpPacketRef OpenPacket(ByteView datagram, const RtpHeader* plain, RtpReceiver* receiver);
  RtpReceiver* LatchRtx(const RtpPacket& packet, const SocketAddress& from);
  void LatchPrimary(RtpReceiver* receiver, Ssrc ssrc, const SocketAddress& from, Timestamp now);
  void Retire(Ssrc ssrc);
  RtpReceiver* ReceiverOf(Ssrc ssrc, const SocketAddress& from) const;
  bool OnRtcpPacket(const rtcp::Packet& packet, const SocketAddress& from, Timestamp now);
  bool OnSenderReport(const rtcp::Packet& packet, const SocketAddress& from, Timestamp now);
  bool OnReceiverReport(const rtcp::Packet& packet, Timestamp now);
  bool OnSdes(const rtcp::Packet& packet, const SocketAddress& from);
  bool OnBye(const rtcp::Packet& packet, const SocketAddress& from);
  bool OnExtendedReport(const rtcp::Packet& packet, Timestamp now);
  bool OnTransportFeedback(const rtcp::Packet& packet, Timestamp now);
  bool OnArrivals(const rtcp::Packet& packet, Timestamp now);
  bool OnPayloadFeedback(const rtcp::Packet& packet, Timestamp now);
  void OnReportBlocks(Ssrc reporter, const rtcp::ReportBlocks& blocks, Timestamp now);
  std::shared_ptr<SyncGroup> GroupOf(std::string_view cname);

  void RecordArrival(const RtpPacket& packet, RtpReceiver* receiver);
  void SendFeedback(Timestamp now);
  void SendTransportFeedback();
  void SendIncomingLimit(Timestamp now);
  void SendRemb(const RtpReceiver& first, DataRate limit, Timestamp now);
  void SendReports(Timestamp now);
  void OnSenderBegins(RtpSender& sender, const RtpBatchEntry& first, Timestamp now);
  void SendSenderReports(Timestamp now);
  void SendReceiverReports(Timestamp now);
  void SendReceiverReport(RtpReceiver* receiver, Timestamp now);
  void SendBye(RtpSender* sender, Timestamp now);
  void ScheduleReport(Timestamp now);
  SocketAddress FeedbackDestination(const RtpReceiver& receiver) const;

  const RtpSessionEnvironment environment_;
  PacketEgress* const egress_;
  Random random_;
  const Ssrc reporter_;  // our SSRC where we only receive
  const std::string cname_;
  const RtpSender::BeginFunction sender_begins_;
  UnknownStreamFunction on_unknown_stream_;
  UnknownStreams unknown_streams_;
  bool answer_to_source_ = false;
  std::unique_ptr<SrtpReceiver> srtp_;
  std::vector<Ssrc> retired_;  // oldest first

  // Streams are in the first group until a CNAME says otherwise; the first CNAME names it.
  struct NamedGroup {
    std::string cname;
    std::shared_ptr<SyncGroup> group = std::make_shared<SyncGroup>();
  };
  std::vector<NamedGroup> groups_;  // no more than there are receivers
  EarlyReports early_reports_;
  std::vector<std::unique_ptr<RtpReceiver>> receivers_;
  StreamDemux demux_;
  std::vector<std::unique_ptr<RtpSender>> senders_;

  OutgoingBitrate outgoing_bitrate_;
  // What a feedback says has arrived; kept for its memory, at most an entry per byte of datagram.
  std::vector<rtcp::TransportFeedback::Received> arrivals_;

  // Flush() calls out, and a receiver may be removed meanwhile: where it is, and who went.
  bool flushing_ = false;
  size_t flushed_ = 0;
  std::vector<std::unique_ptr<RtpReceiver>> removed_;

  std::unique_ptr<TransportFeedbackGenerator> transport_feedback_;  // from the first number on
  const RtpReceiver* feedback_receiver_ = nullptr;  // the last packet with a number was of it
  IncomingLimit incoming_limit_;

  Timestamp next_report_ = Timestamp::Never();
  // The peer's last reference time, to be answered by DLRR.
  Ssrc reference_ssrc_ = 0;
  CompactNtp reference_time_;
  Timestamp reference_arrival_;

  RtpSessionStats stats_;
  RateLimitedLog drop_log_;
};

}  // namespace sfu
