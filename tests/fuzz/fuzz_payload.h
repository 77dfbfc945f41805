// What holds for the result of every payload parser, however wild the payload.
#pragma once

#include "fuzz_check.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

inline PayloadInfo CheckPayload(CodecId codec, ByteView payload) {
  const PayloadInfo info = ParsePayload(codec, payload);
  if (!info.valid) {
    FUZZ_CHECK(!info.key_frame && !info.frame_start);
    FUZZ_CHECK(info.picture_id_offset == 0 && info.tl0_pic_idx_offset == 0);
    return info;
  }
  FUZZ_CHECK(!payload.empty());
  FUZZ_CHECK(info.spatial_layer <= 7 && info.temporal_layer <= 7);
  FUZZ_CHECK(info.has_spatial || info.spatial_layer == 0);
  FUZZ_CHECK(info.has_temporal || info.temporal_layer == 0);
  FUZZ_CHECK(info.picture_id <= (info.picture_id_is_15_bit ? 0x7fff : 0x7f));
  return info;
}

}  // namespace sfu
