// A Producer with one Consumer.
#include "encoding_choice.h"

#include "net/worker.h"

namespace sfu::gst {
namespace {

ProducerOptions OptionsOf(const RtpCodec& codec) {
  ProducerOptions options;
  options.codec = codec;
  return options;
}

ConsumerOptions OptionsOf(Ssrc ssrc) {
  ConsumerOptions options;
  options.ssrc = ssrc;
  return options;
}

}  // namespace

EncodingChoice::EncodingChoice(TimerQueue& timers, const RtpCodec& codec, Ssrc ssrc,
                               RtpSource* upstream, RtpBatchSink* sink)
    : timer_(timers, [this](Timestamp now) { OnTimer(now); }),
      producer_(OptionsOf(codec),
                [this](Timestamp at) {
                  if (at < timer_.deadline()) timer_.Arm(at);
                }),
      consumer_(producer_.AddConsumer(OptionsOf(ssrc))) {
  producer_.SetUpstream(upstream);
  consumer_->SetSink(sink, Worker::Now());
}

void EncodingChoice::OnTimer(Timestamp now) {
  producer_.HandleTimeout(now);
  timer_.Arm(producer_.NextDeadline());
}

}  // namespace sfu::gst
