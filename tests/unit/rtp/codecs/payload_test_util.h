// What the tests of all payload parsers need: bytes from hexadecimal text, and hostile variants of
// good payloads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "rtp/codecs/payload_info.h"

namespace sfu {

// Blanks are free; anything else must be pairs of lower-case hexadecimal digits.
inline std::vector<uint8_t> FromHex(std::string_view text) {
  std::vector<uint8_t> bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

inline PayloadInfo ParseHex(CodecId codec, std::string_view text) {
  const std::vector<uint8_t> bytes = FromHex(text);
  return ParsePayload(codec, bytes);
}

// Calls `use` with each shorter version of `bytes`, in a block of just that size, so that a
// sanitizer sees a read past its end.
inline void ForEachTruncation(const std::vector<uint8_t>& bytes,
                              const std::function<void(const std::vector<uint8_t>&)>& use) {
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<uint8_t> shorter(bytes.begin(),
                                       bytes.begin() + static_cast<std::ptrdiff_t>(size));
    use(shorter);
  }
}

// Calls `use` with `count` versions of `bytes` in which 1 to 4 bytes are replaced by random ones
// and the length is cut at random. The same ones in every run.
inline void ForEachMutation(const std::vector<uint8_t>& bytes, int count,
                            const std::function<void(const std::vector<uint8_t>&)>& use) {
  Random random(20260101);
  for (int i = 0; i < count; ++i) {
    std::vector<uint8_t> mutant = bytes;
    const uint32_t changes = 1 + random.U32() % 4;
    for (uint32_t c = 0; c < changes; ++c) {
      mutant[random.U32() % mutant.size()] = static_cast<uint8_t>(random.U32());
    }
    if (random.U32() % 2 == 0) mutant.resize(random.U32() % (mutant.size() + 1));
    const std::vector<uint8_t> exact(mutant);
    use(exact);
  }
}

// What holds for every result, however wild the payload.
inline bool IsConsistent(const PayloadInfo& info, size_t payload_size) {
  if (!info.valid) {
    return !info.key_frame && !info.frame_start && info.picture_id_offset == 0 &&
           info.tl0_pic_idx_offset == 0;
  }
  const size_t id_end = info.picture_id_offset + (info.picture_id_is_15_bit ? 2U : 1U);
  return payload_size > 0 && info.spatial_layer <= 7 && info.temporal_layer <= 7 &&
         info.picture_id <= (info.picture_id_is_15_bit ? 0x7fff : 0x7f) &&
         (info.picture_id_offset == 0 || id_end < payload_size) &&
         info.tl0_pic_idx_offset < payload_size;
}

}  // namespace sfu
