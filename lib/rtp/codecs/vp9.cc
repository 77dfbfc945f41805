#include "rtp/codecs/vp9.h"

#include "rtp/codecs/picture_id.h"

namespace sfu {
namespace {

// RFC 9628, section 4.2: the first octet.
constexpr uint8_t kHasPictureId = 0x80, kInterPicture = 0x40, kHasLayers = 0x20, kFlexible = 0x10;
constexpr uint8_t kBegin = 0x08, kEnd = 0x04, kHasStructure = 0x02, kNotRefUpper = 0x01;

void ReadLayers(ByteReader& reader, bool flexible, PayloadInfo& info) {
  const uint8_t layers = reader.U8();
  info.has_temporal = info.has_spatial = true;
  info.temporal_layer = layers >> 5;
  info.layer_sync = (layers & 0x10) != 0;
  info.spatial_layer = (layers >> 1) & 0x07;
  info.inter_layer = (layers & 0x01) != 0;
  if (!flexible) info.tl0_pic_idx = reader.U8();
}

// Reference indices (flexible mode): each octet says by its last bit whether another follows. More
// than three are against section 4.2. Returns false then.
bool SkipReferences(ByteReader& reader) {
  constexpr int kMaxReferences = 3;
  for (int i = 0; i < kMaxReferences; ++i) {
    if ((reader.U8() & 0x01) == 0) return true;
  }
  return false;
}

// The scalability structure (section 4.2.1). Its counts come from the network, and every step is
// bounded by the payload: after the end, the reader gives zeros and ok() is false.
void SkipScalabilityStructure(ByteReader& reader) {
  const uint8_t head = reader.U8();
  const size_t spatial_layers = (head >> 5) + 1U;
  const bool has_sizes = (head & 0x10) != 0;
  const bool has_pictures = (head & 0x08) != 0;
  if (has_sizes) reader.Skip(4 * spatial_layers);
  const int pictures = has_pictures ? reader.U8() : 0;
  for (int i = 0; i < pictures && reader.ok(); ++i) {
    const uint8_t references = (reader.U8() >> 2) & 0x03;
    reader.Skip(references);
  }
}

}  // namespace

PayloadInfo ParseVp9(ByteView payload) {
  ByteReader reader(payload);
  PayloadInfo info;
  const uint8_t first = reader.U8();
  const bool flexible = (first & kFlexible) != 0;
  info.inter_picture = (first & kInterPicture) != 0;
  info.frame_start = (first & kBegin) != 0;
  info.end_of_frame = (first & kEnd) != 0;
  info.not_ref_upper = (first & kNotRefUpper) != 0;
  if (first & kHasPictureId) ReadPictureId(reader, info);
  if (first & kHasLayers) ReadLayers(reader, flexible, info);
  if (flexible && info.inter_picture && !SkipReferences(reader)) return {};
  if (first & kHasStructure) SkipScalabilityStructure(reader);
  if (!reader.ok() || reader.remaining() == 0) return {};
  info.key_frame = !info.inter_picture && info.spatial_layer == 0 && !info.inter_layer;
  info.valid = true;
  return info;
}

}  // namespace sfu
