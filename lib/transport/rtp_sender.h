// Station "Send" for one stream to one remote peer: writes batches into the socket's arena, answers
// NACKs, and makes the sender reports. What the peer asks for beyond that goes to the source.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/drop_counters.h"
#include "router/trace.h"
#include "rtp/codec.h"
#include "rtp/ntp_time.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/sender_report.h"
#include "stream/sent_stream.h"
#include "transport/neighbour_rtcp.h"
#include "transport/packet_egress.h"

namespace sfu {

// What header extensions packets are sent with.
enum class ExtensionBlock : uint8_t {
  kForward,     // the block that they came with, as it is: the peer has the same ids
  kNegotiated,  // those of codec.extensions, which are the peer's ids; see ExtensionLayout
};

struct RtpSenderOptions {
  RtpCodec codec;     // payload_type as the peer expects it, feedback as it understands it
  Ssrc ssrc = 0;      // 0: that of the batches
  Ssrc rtx_ssrc = 0;  // 0: drawn, if codec.rtx_payload_type is set
  ExtensionBlock extensions = ExtensionBlock::kForward;
  // What the peer calls the media section (RFC 9143) and the encoding (RFC 8852); may be empty, at
  // most ExtensionLayout::kMaxText long. Every packet says so, if the extension is negotiated: any
  // number of them may get lost, they keep one size, and it costs few bytes.
  std::string mid;
  std::string rid;
  double repair_share = 0.25;  // see SentStreamOptions
};

struct RtpSenderStats {
  SentStreamStats stream;
  DropCounters drops;
};

class RtpSender : public RtpBatchSink {
 public:
  // A stream's first packet is about to be sent: time for its first sender report.
  using BeginFunction =
      std::function<void(RtpSender& sender, const RtpBatchEntry& first, Timestamp now)>;

  // Made by RtpSession::AddSender(), which has checked the options. `egress` must outlive it, and
  // so must `begin`; `seed` feeds what must be random; `ntp` is the clock of sender reports.
  RtpSender(const RtpSenderOptions& options, PacketEgress* egress, uint64_t seed,
            const NtpClock& ntp, const BeginFunction& begin);
  RtpSender(const RtpSender&) = delete;
  RtpSender& operator=(const RtpSender&) = delete;
  ~RtpSender() override;

  // Whom to ask for key frames; not owned, may be null.
  void SetSource(RtpSource* source) { source_ = source; }

  // Asks the source for one, if there is a source.
  void RequestKeyFrame(Timestamp now);

  // Hears in RTCP what the peer says of the stream; empty: nobody.
  void SetRtcpListener(RtcpListener listener) { rtcp_listener_ = std::move(listener); }

  // Station input.
  void OnRtpBatch(const RtpBatch& batch, Timestamp now) override;
  void Prefetch() const override;

  const RtpCodec& codec() const { return options_.codec; }
  // The SSRC on the wire; 0 until one is known.
  Ssrc ssrc() const { return stream_ ? stream_->ssrc() : options_.ssrc; }
  // Whether anything was sent.
  bool active() const { return stream_.has_value() && sent_any_; }
  RtpSenderStats Stats(Timestamp now) const;
  Tracer& tracer() { return tracer_; }

  // --- for RtpSession: what the peer says ---
  void OnNack(const rtcp::Nack& nack, Timestamp now);
  void OnPli(Timestamp now);
  // The key changes: streams of the old one are gone.
  void ForgetSrtp() { srtp_ = rtx_srtp_ = nullptr; }
  // A command with the sequence number of the last one is the same command again (RFC 5104, 4.3.1).
  void OnFir(uint8_t sequence, Timestamp now);
  void OnReportBlock(Ssrc reporter, const rtcp::ReportBlock& block, NtpTime ntp_now);
  rtcp::SenderReport MakeSenderReport(const NtpClock& clock, Timestamp now);

 private:
  // Whether a NACK is answered with the very packet again.
  bool RepeatsPackets() const { return options_.codec.feedback.nack && !HasRtx(); }
  bool HasRtx() const { return options_.codec.rtx_payload_type >= 0; }
  PacketWriteOptions WriteOptions(Timestamp now) const;
  void Stamp(const RtpPacket& packet, PacketWriteOptions* write) const;
  bool Begin(Ssrc ssrc);
  void SendChunk(const RtpBatch& batch, size_t first, size_t count, Timestamp now);
  bool MayPad() const;
  // `entry` was written to `out` and is `size` bytes long there. The size on the wire, or 0.
  size_t Protect(SrtpSendStream* stream, const RtpBatchEntry& entry,
                 const PacketWriteOptions& write, MutableBytes out, size_t size) const;
  void TraceSent(const RtpBatchEntry& entry, size_t size, Timestamp now);
  // As SentStream::RepairFunction.
  size_t SendRepair(const Repair& repair, Timestamp now);

  const RtpSenderOptions options_;
  // Nothing: packets keep their blocks.
  std::optional<const ExtensionLayout> layout_;
  std::unique_ptr<const ExtensionLayout> rtx_layout_;  // where RTX packets have another
  PacketEgress* const egress_;
  const BeginFunction& begin_;
  RtpSource* source_ = nullptr;
  const Ssrc rtx_ssrc_;
  const uint16_t rtx_first_sequence_;
  std::optional<SentStream> stream_;
  SrtpSendStream* srtp_ = nullptr;
  SrtpSendStream* rtx_srtp_ = nullptr;
  bool sent_any_ = false;
  bool begun_ = false;  // begin_ was called
  std::optional<uint8_t> last_fir_;
  RtpBatch chunk_;  // what is told to the history of a batch that was not sent whole; reused
  DropCounters drops_;
  Tracer tracer_;
  RtcpListener rtcp_listener_;
};

}  // namespace sfu
