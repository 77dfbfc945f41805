// The Receive station for packets that come from the same process, not from the network: an encoder
// and payloader, a file. They are in order and complete; all that is left is to look into them.
#pragma once

#include <optional>

#include "base/drop_counters.h"
#include "rtp/codec.h"
#include "rtp/rtp_packet.h"
#include "rtp/sequence.h"
#include "stream/batch_assembler.h"

namespace sfu {

class LocalIngress {
 public:
  // `pool` must outlive this.
  LocalIngress(RtpPacketPool* pool, const RtpCodec& codec);

  void SetSink(RtpBatchSink* sink) { assembler_.SetSink(sink); }
  // For the packets to come.
  void SetCodec(const RtpCodec& codec);

  // Takes one RTP packet that was captured at `capture` (SFU clock). It is copied. Packets gather
  // until Flush(). False if it was dropped (and counted): no RTP, too big, or the pool is
  // exhausted.
  bool Push(ByteView packet, Timestamp capture, Timestamp now);
  // Hands the gathered packets on as one batch.
  void Flush(Timestamp now) { assembler_.Flush(now); }
  // The next packet's numbers have nothing to do with those before, though its SSRC be the same.
  void BeginAnew(Timestamp now);

  const DropCounters& drops() const { return drops_; }

 private:
  RtpPacketPool* const pool_;
  CodecId codec_;
  ExtensionIds extensions_;
  BatchAssembler assembler_;
  SeqUnwrapper unwrapper_;
  std::optional<Ssrc> ssrc_;
  uint32_t timestamp_ = 0;  // of the newest packet, as is the next
  Timestamp capture_;
  DropCounters drops_;
};

}  // namespace sfu
