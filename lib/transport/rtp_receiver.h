// Station "Receive" for one stream of one remote peer: order, loss repair, statistics and capture
// times. Its output is batches of complete packets; what its receivers ask for goes to the peer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/drop_counters.h"
#include "base/socket_address.h"
#include "router/trace.h"
#include "rtp/codec.h"
#include "rtp/rtcp/rtcp_builder.h"
#include "stream/batch_assembler.h"
#include "stream/capture_clock.h"
#include "stream/nack_generator.h"
#include "stream/orientation_watch.h"
#include "stream/received_stream.h"
#include "transport/neighbour_rtcp.h"

namespace sfu {

struct RtpReceiverOptions {
  RtpCodec codec;
  Ssrc ssrc = 0;      // 0: the first SSRC that sends codec.payload_type is taken
  Ssrc rtx_ssrc = 0;  // 0: the first SSRC that sends codec.rtx_payload_type is taken
  // What the peer calls the media section (RFC 9143) and the encoding (RFC 8852) in header
  // extensions, where no SSRC was signalled; may be empty.
  std::string mid;
  std::string rid;
  // Which encoding of its Producer the stream is (RtpBatch::encoding).
  uint8_t encoding = 0;
  // Others may have the same payload type and no SSRC either: whoever is free takes the next one.
  bool one_of_several = false;
};

struct RtpReceiverStats {
  Ssrc ssrc = 0;      // 0: not known
  Ssrc rtx_ssrc = 0;  // 0: not known
  std::string rid;
  uint8_t encoding = 0;
  ReceivedStreamStats stream;
  uint64_t nacks_sent = 0;         // NACK messages (W3C nackCount)
  uint64_t packets_requested = 0;  // sequence numbers in them, repeats included
  uint64_t plis_sent = 0;
  uint64_t firs_sent = 0;
  uint64_t rtx_packets = 0;
  std::optional<VideoOrientation> orientation;  // nothing until a packet said it
  DropCounters drops;
};

class RtpReceiver : public RtpSource {
 public:
  // A latched source that is silent for so long may be replaced by another one: the sender began
  // anew, or moved.
  static constexpr TimeDelta kRelatchSilence = TimeDelta::Seconds(1);
  // No more than one request goes out in this time, whoever asks.
  static constexpr TimeDelta kKeyFrameRequestInterval = TimeDelta::Millis(200);
  // A stream that is silent for so long is no longer reported on (RFC 3550, section 6.3.5: five
  // intervals), so that nobody is sent reports for ever by one packet with a forged address.
  static constexpr TimeDelta kReportTimeout = TimeDelta::Seconds(5);

  // Made by RtpSession::AddReceiver(). `pool` must outlive it.
  RtpReceiver(const RtpReceiverOptions& options, std::shared_ptr<SyncGroup> group,
              RtpPacketPool* pool, std::function<void(Timestamp)> wakeup);
  RtpReceiver(const RtpReceiver&) = delete;
  RtpReceiver& operator=(const RtpReceiver&) = delete;
  ~RtpReceiver() override = default;

  // Where batches go; not owned, may be null.
  void SetSink(RtpBatchSink* sink) { assembler_.SetSink(sink); }
  const RtpReceiverOptions& options() const { return options_; }
  const RtpCodec& codec() const { return options_.codec; }
  // Hears how the picture is to be turned, first and whenever it changes, while a packet is taken
  // in: it must not add or remove receivers. Empty: nobody.
  void SetOrientationListener(OrientationWatch::Listener listener) {
    orientation_.SetListener(std::move(listener));
  }
  // The SSRC in use; 0 until one is known.
  Ssrc ssrc() const { return ssrc_; }
  const std::shared_ptr<PacketRing>& ring() const { return assembler_.ring(); }

  // From the receivers of the batches.
  void RequestKeyFrame(Timestamp now) override;
  void SetPatience(TimeDelta patience) override;

  // Hears in RTCP what the peer says of the stream; empty: nobody.
  void SetRtcpListener(RtcpListener listener) { rtcp_listener_ = std::move(listener); }

  RtpReceiverStats Stats(Timestamp now) const;
  Tracer& tracer() { return tracer_; }

  // --- for RtpSession ---
  enum class Role : uint8_t { kNone, kPrimary, kRtx };
  // What a packet of a known SSRC is; kNone if it has not the payload type that belongs to it.
  Role RoleOfKnown(Ssrc ssrc, uint8_t payload_type) const;
  // What a packet of an SSRC that no stream knows may begin here. kNone also when it would have to
  // replace a source that is alive; `conflict` then says so.
  Role RoleOfNew(uint8_t payload_type, Timestamp now, bool* conflict) const;
  // Whether this packet was asked for and has not come: RFC 4588, section 5.3, finds the stream
  // that an unknown RTX stream belongs to by that.
  bool IsMissing(uint16_t sequence_number) const;
  bool has_rtx_ssrc() const { return rtx_ssrc_ != 0; }
  Ssrc rtx_ssrc() const { return rtx_ssrc_; }
  // Whether `from` may speak for this stream: the address that was latched, or any if none was.
  bool MayComeFrom(const SocketAddress& from, Timestamp now) const;
  // Takes an authentic packet of the given role: bytes, size, header and arrival are set.
  void OnPacket(Role role, RtpPacketRef packet, const SocketAddress& from);
  // Whether OnPacket() with this would be the stream's first packet: then early reports come first.
  bool IsNew(Ssrc ssrc) const { return !stream_ || ssrc != ssrc_; }
  // Makes `ssrc` the stream's, after handing on what is left of the stream before.
  void Latch(Ssrc ssrc, Timestamp now);
  // The peer has moved: the next source may be any.
  void ForgetSource();
  void OnSenderReport(const rtcp::SenderReport& report, Timestamp now);
  void OnBye();
  // The sender's CNAME, and the streams that share its clock by that; null: no more than are known.
  void OnCname(std::string_view cname, const std::shared_ptr<SyncGroup>& group);
  void OnDlrr(CompactNtp ntp_now, CompactNtp last_rr, CompactDelay delay);
  // Hands on what the wake-up brought.
  void Flush(Timestamp now) { assembler_.Flush(now); }

  // Hands RTCP datagrams that are due to `send`: NACK and key-frame requests. `reporter` is our
  // SSRC.
  using SendFunction = std::function<void(ByteView)>;
  void SendFeedback(Ssrc reporter, Timestamp now, const SendFunction& send);
  Timestamp NextFeedback() const;
  // Nothing when the stream is silent.
  std::optional<rtcp::ReportBlock> MakeReport(Timestamp now);
  bool active() const { return stream_.has_value(); }
  // Whether its sender is there and understands REMB. Who has negotiated transport-wide feedback
  // does, as a limit to its own estimate.
  bool TakesRemb(Timestamp now) const;
  const SocketAddress& source() const { return source_; }
  // Where feedback goes; unset: the transport's own destination.
  const SocketAddress& feedback_destination() const { return feedback_to_; }
  void set_feedback_destination(const SocketAddress& to) { feedback_to_ = to; }
  void CountDrop(DropReason reason) { drops_.Add(reason); }

 private:
  bool Silent(Timestamp now) const;
  bool IsReportedOn(Timestamp now) const;
  void Accept(RtpPacketRef packet, bool repaired);
  void NoteCaptureTime(const RtpPacket& packet);
  void OnRtx(const RtpPacketRef& packet);
  void SendNacks(Ssrc reporter, Timestamp now, rtcp::RtcpBuilder* out, const SendFunction& send);
  void WriteKeyFrameRequest(Ssrc reporter, Timestamp now, rtcp::RtcpBuilder* out);
  void TraceReceived(const RtpPacket& packet);

  const RtpReceiverOptions options_;
  std::shared_ptr<SyncGroup> group_;
  RtpPacketPool* const pool_;
  const std::function<void(Timestamp)> wakeup_;
  Ssrc ssrc_;
  Ssrc rtx_ssrc_;
  SocketAddress source_;
  SocketAddress feedback_to_;
  bool silenced_ = false;  // it said BYE
  bool reported_ = false;  // a sender report of the SSRC came

  std::optional<ReceivedStream> stream_;  // from the first packet on
  std::optional<StreamClock> clock_;
  NackGenerator nack_;
  BatchAssembler assembler_;
  OrientationWatch orientation_;

  bool key_frame_wanted_ = false;
  std::optional<Timestamp> last_key_frame_request_;
  uint8_t fir_sequence_ = 0;
  uint64_t plis_sent_ = 0;
  uint64_t firs_sent_ = 0;
  uint64_t rtx_packets_ = 0;
  DropCounters drops_;
  Tracer tracer_;
  RtcpListener rtcp_listener_;
};

}  // namespace sfu
