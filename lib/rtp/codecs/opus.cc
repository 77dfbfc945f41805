#include "rtp/codecs/opus.h"

#include <algorithm>

namespace sfu {
namespace {

constexpr size_t kMaxFrameSize = 1275;    // octets (RFC 6716, R2)
constexpr int kMaxPacketDuration = 5760;  // 120 ms in samples of 48 kHz (R5)

// Samples of 48 kHz in one frame of this TOC (RFC 6716, table 2).
int FrameDuration(uint8_t toc) {
  const int config = toc >> 3;
  if (config < 12) {  // SILK: 10, 20, 40, 60 ms
    const int step = config & 3;
    return step == 3 ? 2880 : 480 << step;
  }
  if (config < 16) return 480 << (config & 1);  // hybrid: 10, 20 ms
  return 120 << (config & 3);                   // CELT: 2.5, 5, 10, 20 ms
}

// A frame length in one or two octets (section 3.2.1).
size_t ReadFrameSize(ByteReader& reader) {
  const uint8_t first = reader.U8();
  return first < 252 ? first : first + 4U * reader.U8();
}

// Takes `total` octets as equal frames. The size of each, or -1 when they do not divide.
int EqualFrames(size_t total, size_t count) {
  return total % count == 0 ? static_cast<int>(total / count) : -1;
}

// Reads `count` frames: all but the last have their size before them. The largest size, or -1.
int SizedFrames(ByteReader reader, int count, size_t padding) {
  size_t largest = 0, sum = 0;
  for (int i = 1; i < count; ++i) {
    const size_t size = ReadFrameSize(reader);
    largest = std::max(largest, size);
    sum += size;
  }
  if (!reader.ok() || reader.remaining() < sum + padding) return -1;
  return static_cast<int>(std::max(largest, reader.remaining() - sum - padding));
}

// Code 3 (section 3.2.5): a count octet, optional padding, frames of equal or given sizes.
int ManyFrames(ByteReader reader, int frame_duration) {
  const uint8_t head = reader.U8();
  const int count = head & 0x3f;
  if (!reader.ok() || count == 0 || count * frame_duration > kMaxPacketDuration) return -1;
  size_t padding = 0;
  if (head & 0x40) {
    uint8_t octet = 255;
    while (octet == 255 && reader.ok()) {
      octet = reader.U8();
      padding += octet == 255 ? 254 : octet;
    }
  }
  if (!reader.ok() || padding > reader.remaining()) return -1;
  if (head & 0x80) return SizedFrames(reader, count, padding);
  return EqualFrames(reader.remaining() - padding, static_cast<size_t>(count));
}

// The octets of the largest frame in a packet, or -1 when the framing is broken.
int LargestFrame(ByteView payload) {
  ByteReader reader(payload);
  const uint8_t toc = reader.U8();
  if (!reader.ok()) return -1;
  switch (toc & 0x03) {
    case 0:
      return static_cast<int>(reader.remaining());
    case 1:
      return EqualFrames(reader.remaining(), 2);
    case 2:
      return SizedFrames(reader, 2, 0);
    default:
      return ManyFrames(reader, FrameDuration(toc));
  }
}

}  // namespace

PayloadInfo ParseOpus(ByteView payload) {
  const int largest = LargestFrame(payload);
  if (largest < 0 || largest > static_cast<int>(kMaxFrameSize)) return {};
  PayloadInfo info;
  info.valid = true;
  info.frame_start = true;
  info.dtx = largest <= 1;
  return info;
}

}  // namespace sfu
