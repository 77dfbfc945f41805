#include "rtp/codecs/vp8_rewriter.h"

namespace sfu {
namespace {

constexpr uint16_t kPictureIdMask = 0x7fff;

// How far `to` is ahead of `from` by the shorter way round, in a counter of `bits` bits.
int Distance(int from, int to, int bits) {
  const int modulus = 1 << bits;
  const int forward = (to - from) & (modulus - 1);
  return forward < modulus / 2 ? forward : forward - modulus;
}

}  // namespace

Vp8Offsets Vp8Rewriter::OnPacket(const PayloadInfo& info, bool sync_point) {
  if (sync_point) {
    join_picture_id_ = sent_picture_id_;
    join_tl0_ = sent_tl0_;
  }
  if (info.picture_id_offset != 0) OnPictureId(info);
  if (info.tl0_pic_idx_offset != 0) OnTl0PicIdx(info);
  return offsets_;
}

void Vp8Rewriter::OnPictureId(const PayloadInfo& info) {
  if (join_picture_id_) {
    join_picture_id_ = false;
    offsets_.picture_id_delta =
        static_cast<uint16_t>((newest_picture_id_ + 1 - info.picture_id) & kPictureIdMask);
  }
  const uint16_t out = offsets_.PictureId(info);
  const int step =
      sent_picture_id_ ? Distance(newest_picture_id_, out, info.picture_id_is_15_bit ? 15 : 7) : 0;
  if (!sent_picture_id_) newest_picture_id_ = out;
  if (step > 0)
    newest_picture_id_ = static_cast<uint16_t>((newest_picture_id_ + step) & kPictureIdMask);
  sent_picture_id_ = true;
}

void Vp8Rewriter::OnTl0PicIdx(const PayloadInfo& info) {
  if (join_tl0_) {
    join_tl0_ = false;
    offsets_.tl0_delta = static_cast<uint8_t>(newest_tl0_ + 1 - info.tl0_pic_idx);
  }
  const uint8_t out = offsets_.Tl0PicIdx(info);
  if (!sent_tl0_ || Distance(newest_tl0_, out, 8) > 0) newest_tl0_ = out;
  sent_tl0_ = true;
}

void PatchVp8Descriptor(MutableBytes payload, const PayloadInfo& info, uint16_t picture_id,
                        uint8_t tl0) {
  const size_t id_at = info.picture_id_offset;
  const size_t id_size = info.picture_id_is_15_bit ? 2 : 1;
  if (id_at != 0 && id_at + id_size <= payload.size()) {
    if (info.picture_id_is_15_bit) {
      StoreBe16(&payload[id_at], static_cast<uint16_t>(0x8000 | picture_id));
    } else {
      payload[id_at] = picture_id & 0x7f;
    }
  }
  const size_t tl0_at = info.tl0_pic_idx_offset;
  if (tl0_at != 0 && tl0_at < payload.size()) payload[tl0_at] = tl0;
}

}  // namespace sfu
