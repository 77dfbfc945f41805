// Keeps PictureID and TL0PICIDX of a VP8 stream continuous when a Consumer pauses, resumes, or
// moves to another source (RFC 7741, section 4.2: both count up by one per frame and per base-layer
// frame).
//
// What goes out is what came in plus an offset that changes only at sync points (the key frame with
// which a source begins or begins again). So whoever remembers from which sequence number on an
// offset held can compute a retransmission again without storing it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// What is added to the numbers of one source between two sync points.
struct Vp8Offsets {
  uint16_t picture_id_delta = 0;  // modulo 2^15
  uint8_t tl0_delta = 0;          // modulo 2^8

  bool operator==(const Vp8Offsets&) const = default;
  // The outgoing number of a packet, in the width (7 or 15 bits) of its descriptor.
  uint16_t PictureId(const PayloadInfo& info) const {
    const uint16_t mask = info.picture_id_is_15_bit ? 0x7fff : 0x7f;
    return static_cast<uint16_t>((info.picture_id + picture_id_delta) & mask);
  }
  uint8_t Tl0PicIdx(const PayloadInfo& info) const {
    return static_cast<uint8_t>(info.tl0_pic_idx + tl0_delta);
  }
};

// One per Consumer of a VP8 stream. Not thread-safe; allocates nothing.
class Vp8Rewriter {
 public:
  // The offsets of a packet that goes out, in the order of sending. `sync_point`: it is the first
  // packet of the key frame with which its source begins, or begins again; its numbers then follow
  // the newest that went out, whatever the source counted meanwhile or claims. A field that appears
  // only later in the source is joined on where it first appears. A packet that is older than the
  // last sync point must not come here: its offsets are those of its own time.
  Vp8Offsets OnPacket(const PayloadInfo& info, bool sync_point);

  // The offsets now in force.
  const Vp8Offsets& offsets() const { return offsets_; }

 private:
  void OnPictureId(const PayloadInfo& info);
  void OnTl0PicIdx(const PayloadInfo& info);

  Vp8Offsets offsets_;
  // The newest numbers that went out. A source with 7-bit ids moves the 15-bit number on by the
  // shortest way, so that a source with 15-bit ids can follow it.
  uint16_t newest_picture_id_ = 0;
  uint8_t newest_tl0_ = 0;
  bool sent_picture_id_ = false;
  bool sent_tl0_ = false;
  // The source has shown no such field since the sync point: the next one is joined on.
  bool join_picture_id_ = false;
  bool join_tl0_ = false;
};

// Writes the numbers into the descriptor of `payload`, of which `info` was parsed, in the widths
// that it has; a field that is absent stays so. Does nothing where `info` does not fit `payload`.
void PatchVp8Descriptor(MutableBytes payload, const PayloadInfo& info, uint16_t picture_id,
                        uint8_t tl0);

}  // namespace sfu
