#include "rtp/codecs/h264.h"

namespace sfu {
namespace {

// NAL unit types (RFC 6184, table 1; ITU-T H.264, table 7-1).
enum NalType : uint8_t {
  kSlice = 1,
  kPartitionA = 2,
  kPartitionC = 4,
  kIdr = 5,
  kSei = 6,
  kSps = 7,
  kPps = 8,
  kAud = 9,
  kPrefix = 14,
  kLastAuOpener = 18,  // 14..18 open an access unit (H.264, 7.4.1.2.3)
  kLastSingle = 23,
  kStapA = 24,
  kStapB = 25,
  kMtap16 = 26,
  kMtap24 = 27,
  kFuA = 28,
  kFuB = 29,
};

constexpr uint8_t kTypeMask = 0x1f, kNriMask = 0x60;

// What the NAL units of a packet add up to.
struct Summary {
  PayloadInfo info;
  bool has_slice = false;
  bool has_referenced_slice = false;
};

// True when a NAL unit of this type may be the first of an access unit. `body` stands behind the
// NAL header: a slice begins a picture when first_mb_in_slice, an Exp-Golomb code, is 0 (one bit).
bool MayBeginFrame(uint8_t type, ByteView body) {
  if (type == kSlice || type == kPartitionA || type == kIdr) {
    return !body.empty() && (body[0] & 0x80) != 0;
  }
  return (type >= kSei && type <= kAud) || (type >= kPrefix && type <= kLastAuOpener);
}

// Adds a NAL unit, whole or one fragment of it (`begins`: it is the first or only one). False when
// it cannot be one.
bool AddNal(uint8_t nri, uint8_t type, ByteView body, bool begins, Summary& sum) {
  if (type == 0 || type > kLastSingle) return false;
  const bool slice = type >= kSlice && type <= kIdr;
  if (slice && body.empty()) return false;
  sum.has_slice |= slice;
  sum.has_referenced_slice |= slice && nri != 0;
  sum.info.key_frame |= type == kIdr || type == kSps;
  sum.info.frame_start |= begins && MayBeginFrame(type, body);
  return true;
}

// NAL units with a 16-bit length before each (sections 5.7.1 and 5.7.2). `head_skip`: the octets of
// a decoding order number before the first. `unit_skip`: in MTAPs, the octets between a length and
// its NAL unit, which the length does not count.
bool AddAggregate(ByteReader reader, size_t head_skip, size_t unit_skip, Summary& sum) {
  reader.Skip(head_skip);
  if (reader.remaining() == 0) return false;
  while (reader.remaining() > 0) {
    const uint16_t size = reader.U16();
    reader.Skip(unit_skip);
    const ByteView nal = reader.Bytes(size);
    if (!reader.ok() || nal.empty()) return false;
    if (!AddNal(nal[0] & kNriMask, nal[0] & kTypeMask, nal.subspan(1), true, sum)) return false;
  }
  return reader.ok();
}

// One fragment (section 5.8): the header octet, in FU-B an order number, then the fragment.
bool AddFragment(ByteReader reader, uint8_t nri, size_t head_skip, Summary& sum) {
  const uint8_t header = reader.U8();
  reader.Skip(head_skip);
  if (!reader.ok() || reader.remaining() == 0) return false;
  return AddNal(nri, header & kTypeMask, reader.rest(), (header & 0x80) != 0, sum);
}

bool AddPacket(ByteReader reader, Summary& sum) {
  const uint8_t header = reader.U8();
  if (!reader.ok()) return false;
  const uint8_t nri = header & kNriMask;
  switch (header & kTypeMask) {
    case kStapA:
      return AddAggregate(reader, 0, 0, sum);
    case kStapB:
      return AddAggregate(reader, 2, 0, sum);
    case kMtap16:
      return AddAggregate(reader, 2, 3, sum);
    case kMtap24:
      return AddAggregate(reader, 2, 4, sum);
    case kFuA:
      return AddFragment(reader, nri, 0, sum);
    case kFuB:
      return AddFragment(reader, nri, 2, sum);
    default:
      return AddNal(nri, header & kTypeMask, reader.rest(), true, sum);
  }
}

}  // namespace

PayloadInfo ParseH264(ByteView payload) {
  Summary sum;
  if (!AddPacket(ByteReader(payload), sum)) return {};
  sum.info.discardable = sum.has_slice && !sum.has_referenced_slice;
  sum.info.valid = true;
  return sum.info;
}

}  // namespace sfu
