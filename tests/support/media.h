// What tests of media share: a codec, and an end that counts.
#pragma once

#include <cstddef>

#include "rtp/codec.h"
#include "stream/rtp_batch.h"

namespace sfu::test {

// VP8 as payload type 96, repaired by NACK; with RTX (97) or by sending the packets again.
inline RtpCodec Vp8Codec(bool rtx = false) {
  RtpCodec codec;
  codec.id = CodecId::kVp8;
  codec.encoding_name = "VP8";
  codec.payload_type = 96;
  if (rtx) codec.rtx_payload_type = 97;
  codec.feedback.nack = codec.feedback.nack_pli = true;
  return codec;
}

class CountingSink : public RtpBatchSink {
 public:
  void OnRtpBatch(const RtpBatch& batch, Timestamp) override { packets += batch.entries.size(); }
  size_t packets = 0;
};

}  // namespace sfu::test
