// VP8 payloads: what was parsed can be patched in place, and nothing else changes by it.
#include <vector>

#include "fuzz_payload.h"
#include "rtp/codecs/vp8_rewriter.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const sfu::PayloadInfo info = sfu::CheckPayload(sfu::CodecId::kVp8, sfu::ByteView(data, size));
  if (!info.valid) return 0;
  const sfu::Vp8Offsets offsets{0x5a5a, 0xa5};
  std::vector<uint8_t> patched(data, data + size);
  sfu::PatchVp8Descriptor(patched, info, offsets.PictureId(info), offsets.Tl0PicIdx(info));
  const sfu::PayloadInfo again = sfu::ParsePayload(sfu::CodecId::kVp8, patched);
  FUZZ_CHECK(again.valid && again.key_frame == info.key_frame);
  FUZZ_CHECK(again.temporal_layer == info.temporal_layer);
  FUZZ_CHECK(info.picture_id_offset == 0 || again.picture_id == offsets.PictureId(info));
  FUZZ_CHECK(info.tl0_pic_idx_offset == 0 || again.tl0_pic_idx == offsets.Tl0PicIdx(info));
  sfu::PatchVp8Descriptor(patched, info, info.picture_id, info.tl0_pic_idx);
  FUZZ_CHECK(patched == std::vector<uint8_t>(data, data + size));
  return 0;
}
