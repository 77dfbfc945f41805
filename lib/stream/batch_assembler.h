// Gathers the packets that one wake-up brought for one stream and hands them on as one batch, after
// putting them into the stream's ring. The last step of the Receive station.
#pragma once

#include <memory>

#include "stream/rtp_batch.h"

namespace sfu {

class BatchAssembler {
 public:
  explicit BatchAssembler(TimeDelta retention, uint8_t encoding = 0)
      : ring_(std::make_shared<PacketRing>(retention)) {
    batch_.ring = ring_;
    batch_.encoding = encoding;
  }

  // Where batches go; may be null, then they are only kept in the ring. Not owned.
  void SetSink(RtpBatchSink* sink) { sink_ = sink; }
  RtpBatchSink* sink() const { return sink_; }

  // Adds a complete packet: parsed, index, arrival and capture set.
  void Add(RtpPacketRef packet);
  // Hands on what Add() gathered since the last call. The packets are borrowed until it returns.
  void Flush(Timestamp now);

  const std::shared_ptr<PacketRing>& ring() const { return ring_; }

 private:
  std::shared_ptr<PacketRing> ring_;
  RtpBatchSink* sink_ = nullptr;
  RtpBatch batch_;
  // The ring may let go of a packet while the batch is on its way (a flood larger than the ring).
  std::vector<RtpPacketRef> held_;
};

}  // namespace sfu
