// Streams of video through a WebRtcLink.
#pragma once

#include <set>
#include <vector>

#include "stream/local_ingress.h"
#include "transport_fixture.h"
#include "webrtc_link.h"

namespace sfu::test {

inline NetworkOptions Path(uint64_t seed, double loss, int delay_ms = 20) {
  NetworkOptions options;
  options.seed = seed;
  options.loss = loss;
  options.delay = TimeDelta::Millis(delay_ms);
  return options;
}

inline RtpCodec VideoWithRtx() {
  RtpCodec codec = VideoCodec();
  codec.rtx_payload_type = 97;
  return codec;
}

// A stream of video from one end to the other.
class VideoStream {
 public:
  VideoStream(WebRtcEnd& from, WebRtcEnd& to, Ssrc ssrc, const RtpCodec& codec = VideoWithRtx())
      : source_({.ssrc = ssrc}), ingress_(&from.pool, codec) {
    RtpSenderOptions options{.codec = codec, .ssrc = ssrc};
    sender_ = from.transport->AddSender(options).value();
    ingress_.SetSink(sender_);
    to.transport->AddReceiver({.codec = codec, .ssrc = ssrc}).value()->SetSink(&recorder_);
  }
  void SendFrame(Timestamp now) {
    for (const BuiltPacket& packet : source_.NextFrame(now)) {
      ingress_.Push(packet.bytes, now, now);
      ++sent_;
    }
    ingress_.Flush(now);
  }
  // Different packets that have arrived.
  size_t arrived() const {
    std::set<int64_t> indices;
    for (const auto& packet : recorder_.packets) indices.insert(packet.index);
    return indices.size();
  }
  size_t sent() const { return sent_; }
  RtpSender& sender() { return *sender_; }

 private:
  Vp8Source source_;
  LocalIngress ingress_;
  BatchRecorder recorder_;
  RtpSender* sender_;
  size_t sent_ = 0;
};

// A frame of each stream every 33 ms.
inline void SendVideo(WebRtcLink& link, const std::vector<VideoStream*>& streams, int frames) {
  for (int i = 0; i < frames; ++i) {
    for (VideoStream* stream : streams) stream->SendFrame(link.now);
    link.Run(TimeDelta::Millis(33));
  }
}

}  // namespace sfu::test
