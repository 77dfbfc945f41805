#include "rtp/codecs/vp8.h"

#include <algorithm>
#include <array>

#include "rtp/codecs/picture_id.h"

namespace sfu {
namespace {

// RFC 7741, section 4.2: the first octet, and the extension flags in the second.
constexpr uint8_t kExtended = 0x80, kNonReference = 0x20, kStart = 0x10, kPartitionMask = 0x07;
constexpr uint8_t kHasPictureId = 0x80, kHasTl0 = 0x40, kHasTid = 0x20, kHasKeyIdx = 0x10;

// True when `frame` begins with the uncompressed header of a key frame (RFC 6386, section 9.1).
bool IsKeyFrameHeader(ByteView frame) {
  constexpr std::array<uint8_t, 3> kStartCode = {0x9d, 0x01, 0x2a};
  constexpr size_t kKeyFrameHeaderSize = 10;
  return frame.size() >= kKeyFrameHeaderSize && (frame[0] & 1) == 0 &&
         std::equal(kStartCode.begin(), kStartCode.end(), frame.begin() + 3);
}

void ReadExtension(ByteReader& reader, PayloadInfo& info) {
  const uint8_t flags = reader.U8();
  if (flags & kHasPictureId) {
    info.picture_id_offset = static_cast<uint8_t>(reader.position());
    ReadPictureId(reader, info);
  }
  if (flags & kHasTl0) {
    info.tl0_pic_idx_offset = static_cast<uint8_t>(reader.position());
    info.tl0_pic_idx = reader.U8();
  }
  if (flags & (kHasTid | kHasKeyIdx)) {
    const uint8_t layers = reader.U8();
    info.has_temporal = (flags & kHasTid) != 0;
    if (info.has_temporal) {
      info.temporal_layer = layers >> 6;
      info.layer_sync = (layers & 0x20) != 0;
    }
  }
}

}  // namespace

PayloadInfo ParseVp8(ByteView payload) {
  ByteReader reader(payload);
  PayloadInfo info;
  const uint8_t first = reader.U8();
  info.discardable = (first & kNonReference) != 0;
  info.frame_start = (first & kStart) != 0 && (first & kPartitionMask) == 0;
  if (first & kExtended) ReadExtension(reader, info);
  if (!reader.ok() || reader.remaining() == 0) return {};
  info.key_frame = info.frame_start && IsKeyFrameHeader(reader.rest());
  info.valid = true;
  return info;
}

}  // namespace sfu
