// What a forwarder needs to know of a payload without decoding it: key frame, frame bounds, layers,
// and where the numbers stand that a forwarder must rewrite.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/bytes.h"
#include "rtp/codec.h"

namespace sfu {

// Filled once per packet at ingress by ParsePayload. 24 bytes; kept in every packet.
struct PayloadInfo {
  bool valid = false;          // the descriptor parsed; all below is meaningless otherwise
  bool key_frame = false;      // part of a key frame, as far as this packet alone tells:
                               // VP8: its first packet. VP9: any packet of its lowest spatial
                               // layer. H264/H265: starts or carries parameter sets or IDR/IRAP
                               // slices. AV1: its first packet. Opus: never
  bool frame_start = false;    // first packet of a frame (of a layer frame, for SVC). H264/H265:
                               // begins the access unit or its first slice, so the parameter sets
                               // and the first slice may both have it
  bool has_spatial = false;    // spatial_layer below is present in the payload
  bool has_temporal = false;   // temporal_layer below is present in the payload
  bool layer_sync = false;     // a receiver may switch up to this temporal layer here
  bool inter_layer = false;    // VP9 D: predicted from a lower spatial layer of the same picture
  bool inter_picture = false;  // VP9 P: predicted from earlier pictures; when false, a receiver
                               // may switch up to this spatial layer here
  bool not_ref_upper = false;  // VP9 Z: not used as reference by a higher spatial layer
  bool discardable = false;    // VP8 N / H264 NRI 0: no other frame refers to it
  bool end_of_frame = false;   // VP9 E / DD end of frame; other codecs use the RTP marker
  bool dtx = false;            // Opus: a discontinuous-transmission (comfort noise) packet
  uint8_t spatial_layer = 0;   // 0..7
  uint8_t temporal_layer = 0;  // 0..7
  // VP8: offsets into the payload of what a forwarder rewrites; 0 = absent (they never stand at 0).
  uint8_t picture_id_offset = 0;
  uint8_t tl0_pic_idx_offset = 0;
  bool picture_id_is_15_bit = false;
  uint8_t tl0_pic_idx = 0;  // VP8 and VP9; 0 when absent
  uint16_t picture_id = 0;  // VP8 and VP9; 0 when absent
};
static_assert(sizeof(PayloadInfo) <= 24 && std::is_trivially_copyable_v<PayloadInfo>);

// Parses the payload of one packet. Never fails: what does not parse gives valid = false, and such
// packets are forwarded but never begin a stream. CodecId::kOther never parses. Reads only inside
// `payload`.
PayloadInfo ParsePayload(CodecId codec, ByteView payload);

}  // namespace sfu
