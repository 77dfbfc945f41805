// The PictureID field, which VP8 and VP9 descriptors have in common.
#pragma once

#include "base/bytes.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// Reads 7 bits in one octet, or 15 bits in two when the first bit (M) is set (RFC 7741,
// section 4.2; RFC 9628, section 4.2). A truncated field leaves `reader` not ok().
inline void ReadPictureId(ByteReader& reader, PayloadInfo& info) {
  const uint8_t first = reader.U8();
  info.picture_id_is_15_bit = (first & 0x80) != 0;
  info.picture_id = first & 0x7f;
  if (info.picture_id_is_15_bit) {
    info.picture_id = static_cast<uint16_t>(info.picture_id << 8 | reader.U8());
  }
}

}  // namespace sfu
