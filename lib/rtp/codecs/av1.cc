#include "rtp/codecs/av1.h"

#include <cstddef>

namespace sfu {
namespace {

// The aggregation header (section 4.4).
constexpr uint8_t kContinues = 0x80, kNewSequence = 0x08;

// OBU types and header flags (AV1 bitstream, sections 6.2.2 and 5.3.2).
enum ObuType : uint8_t {
  kSequenceHeader = 1,
  kTemporalDelimiter = 2,
  kFrameHeader = 3,
  kMetadata = 5,
  kFrame = 6,
};
constexpr uint8_t kObuForbidden = 0x80, kObuHasExtension = 0x04;

// leb128 (AV1 bitstream, section 4.10.5): at most 8 octets, at most 2^32 - 1. Anything else gives a
// size that fits no payload.
size_t ReadLeb128(ByteReader& reader) {
  constexpr size_t kNoSize = SIZE_MAX;
  constexpr int kMaxOctets = 8;
  uint64_t value = 0;
  for (int i = 0; i < kMaxOctets; ++i) {
    const uint8_t octet = reader.U8();
    value |= static_cast<uint64_t>(octet & 0x7f) << (7 * i);
    if ((octet & 0x80) == 0) return value <= UINT32_MAX ? value : kNoSize;
  }
  return kNoSize;
}

struct Summary {
  PayloadInfo info;
  bool has_sequence_header = false;
  bool first = true;  // no OBU has started in this packet yet
};

bool MayBeginFrame(uint8_t type) {
  return type == kSequenceHeader || type == kTemporalDelimiter || type == kFrameHeader ||
         type == kMetadata || type == kFrame;
}

// Adds an OBU that starts in this packet. False when its header does not parse.
bool AddObu(ByteView obu, Summary& sum) {
  if (obu.empty()) return true;
  if (obu[0] & kObuForbidden) return false;
  const uint8_t type = (obu[0] >> 3) & 0x0f;
  if (obu[0] & kObuHasExtension) {
    if (obu.size() < 2) return false;
    if (!sum.info.has_spatial) {
      sum.info.has_spatial = sum.info.has_temporal = true;
      sum.info.temporal_layer = obu[1] >> 5;
      sum.info.spatial_layer = (obu[1] >> 3) & 0x03;
    }
  }
  sum.has_sequence_header |= type == kSequenceHeader;
  if (sum.first) sum.info.frame_start = MayBeginFrame(type);
  sum.first = false;
  return true;
}

// Walks the OBU elements: each has its length before it, but the last one when `count` (W) says how
// many there are; 0 means that all have.
bool AddElements(ByteReader reader, int count, bool continues, Summary& sum) {
  if (reader.remaining() == 0) return false;
  for (int i = 0; count == 0 ? reader.remaining() > 0 : i < count; ++i) {
    const bool sized = count == 0 || i + 1 < count;
    const size_t size = sized ? ReadLeb128(reader) : reader.remaining();
    const ByteView element = reader.Bytes(size);
    if (!reader.ok() || (!sized && element.empty())) return false;
    const bool starts_here = i > 0 || !continues;
    if (starts_here && !AddObu(element, sum)) return false;
  }
  return true;
}

}  // namespace

PayloadInfo ParseAv1(ByteView payload) {
  ByteReader reader(payload);
  const uint8_t header = reader.U8();
  const bool continues = (header & kContinues) != 0;
  Summary sum;
  if (!AddElements(reader, (header >> 4) & 0x03, continues, sum)) return {};
  // A packet that continues an OBU is in the middle of a frame, whatever starts behind it.
  sum.info.frame_start &= !continues;
  sum.info.key_frame = (header & kNewSequence) != 0 && !continues && sum.has_sequence_header;
  sum.info.valid = true;
  return sum.info;
}

}  // namespace sfu
