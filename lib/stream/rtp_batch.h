// What travels between the stations: the packets of one stream that one wake-up brought, each with
// the few values in which this receiver's copy differs from what was received (the overlay).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/time.h"
#include "rtp/rtp_packet.h"
#include "stream/packet_ring.h"

namespace sfu {

// Encodings that one Producer may have (simulcast). ORTC allows as many.
inline constexpr size_t kMaxBatchEncodings = 8;

// One packet as one receiver is to see it. 24 bytes.
struct RtpBatchEntry {
  const RtpPacket* packet = nullptr;
  uint32_t timestamp = 0;
  uint16_t sequence_number = 0;
  uint16_t picture_id = 0;  // VP8; meaningful if rewrite_vp8
  uint8_t tl0_pic_idx = 0;
  bool rewrite_vp8 = false;  // picture_id and tl0_pic_idx replace those of the payload
  bool marker = false;
};

// One batch: entries in the order in which they are to be sent. The packets are borrowed from the
// stream's ring, or from whoever called, for the length of the call that hands the batch over; a
// receiver that keeps them takes a reference of its own to each.
struct RtpBatch {
  Ssrc ssrc = 0;
  uint8_t payload_type = 0;
  // Which of a Producer's encodings this is, from the lowest, 0, up; below kMaxBatchEncodings.
  uint8_t encoding = 0;
  // The ring in which these packets stand, for retransmissions. Null if there is none.
  std::shared_ptr<const PacketRing> ring;
  std::vector<RtpBatchEntry> entries;
};

// Takes batches. Called on the Worker.
class RtpBatchSink {
 public:
  virtual ~RtpBatchSink() = default;
  virtual void OnRtpBatch(const RtpBatch& batch, Timestamp now) = 0;
  // Has the memory fetched that the next OnRtpBatch() needs (see base/prefetch.h).
  virtual void Prefetch() const {}
};

// What a receiver of batches may ask of the one who sends them: the upstream half of a connection.
class RtpSource {
 public:
  virtual ~RtpSource() = default;
  // Asks for a key frame. Cheap and idempotent: every station on the way deduplicates.
  virtual void RequestKeyFrame(Timestamp now) = 0;
  // The same for one of several encodings (RtpBatch::encoding).
  virtual void RequestKeyFrameOf(uint8_t /*encoding*/, Timestamp now) { RequestKeyFrame(now); }
  // Asks that repair of lost packets goes on until they are `patience` late. The largest wish of
  // all receivers counts.
  virtual void SetPatience(TimeDelta patience) = 0;
};

}  // namespace sfu
