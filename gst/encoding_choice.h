// One stream of the several encodings of a simulcast Producer, for those who take only one: foreign
// elements behind a transport's source pad, and the peer behind its sink pad. Without a Router, it
// does what a Router's Consumer does: the best encoding that is alive, changed over at key frames.
#pragma once

#include "net/timer_queue.h"
#include "router/consumer.h"
#include "router/producer.h"
#include "rtp/codec.h"
#include "stream/rtp_batch.h"

namespace sfu::gst {

// Belongs to the Worker, as all that it is given, which must outlive it.
class EncodingChoice final : public RtpBatchSink {
 public:
  // All encodings come from `upstream`; what was chosen goes to `sink`, as stream `ssrc`. Asks for
  // a key frame of video.
  EncodingChoice(TimerQueue& timers, const RtpCodec& codec, Ssrc ssrc, RtpSource* upstream,
                 RtpBatchSink* sink);

  // Whom the receiver of the chosen stream asks.
  RtpSource& source() { return *consumer_; }

  void OnRtpBatch(const RtpBatch& batch, Timestamp now) override {
    producer_.OnRtpBatch(batch, now);
  }

 private:
  void OnTimer(Timestamp now);

  Timer timer_;
  Producer producer_;
  Consumer* const consumer_;  // producer_'s
};

}  // namespace sfu::gst
