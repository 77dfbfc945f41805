// The receivers of one Producer's encodings (simulcast), as one source of batches: wishes of those
// who get the batches find the receiver that they are about.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "transport/rtp_receiver.h"

namespace sfu {

class EncodingGroup : public RtpSource {
 public:
  // `receivers` are in the order of their RtpReceiverOptions::encoding and must outlive this.
  explicit EncodingGroup(std::vector<RtpReceiver*> receivers) : receivers_(std::move(receivers)) {}

  // Where the batches of all of them go; not owned, may be null.
  void SetSink(RtpBatchSink* sink) {
    for (RtpReceiver* receiver : receivers_) receiver->SetSink(sink);
  }

  void RequestKeyFrame(Timestamp now) override {
    for (RtpReceiver* receiver : receivers_) receiver->RequestKeyFrame(now);
  }
  void RequestKeyFrameOf(uint8_t encoding, Timestamp now) override {
    if (encoding < receivers_.size()) receivers_[encoding]->RequestKeyFrame(now);
  }
  void SetPatience(TimeDelta patience) override {
    for (RtpReceiver* receiver : receivers_) receiver->SetPatience(patience);
  }

 private:
  const std::vector<RtpReceiver*> receivers_;
};

}  // namespace sfu
