#include "rtp/codecs/h265.h"

namespace sfu {
namespace {

// NAL unit types (RFC 7798, section 1.1.4; ITU-T H.265, table 7-1).
enum NalType : uint8_t {
  kTsaN = 2,
  kStsaR = 5,
  kFirstIrap = 16,
  kLastIrap = 23,
  kLastSlice = 31,
  kVps = 32,
  kSps = 33,
  kAud = 35,
  kPrefixSei = 39,
  kLastSingle = 47,
  kAggregation = 48,
  kFragmentation = 49,
};

constexpr size_t kNalHeaderSize = 2;

struct NalHeader {
  uint8_t type = 0;
  uint8_t temporal_id_plus1 = 0;  // 1..7; 0 is forbidden
};

NalHeader ReadNalHeader(ByteReader& reader) {
  const uint16_t header = reader.U16();
  return {static_cast<uint8_t>((header >> 9) & 0x3f), static_cast<uint8_t>(header & 0x07)};
}

// True when a NAL unit of this type may be the first of an access unit. `body` stands behind the
// NAL header: the first bit of a slice is first_slice_segment_in_pic_flag.
bool MayBeginFrame(uint8_t type, ByteView body) {
  if (type <= kLastSlice) return (body[0] & 0x80) != 0;
  return (type >= kVps && type <= kAud) || type == kPrefixSei;
}

// Adds a NAL unit, whole or one fragment of it (`begins`: it is the first or only one). False when
// it cannot be one.
bool AddNal(uint8_t type, ByteView body, bool begins, PayloadInfo& info) {
  if (type > kLastSingle || (type <= kLastSlice && body.empty())) return false;
  const bool irap = type >= kFirstIrap && type <= kLastIrap;
  info.key_frame |= irap || type == kVps || type == kSps;
  info.layer_sync |= irap || (type >= kTsaN && type <= kStsaR);
  info.frame_start |= begins && MayBeginFrame(type, body);
  return true;
}

// NAL units with a 16-bit length before each (section 4.4.2).
bool AddAggregate(ByteReader reader, PayloadInfo& info) {
  if (reader.remaining() == 0) return false;
  while (reader.remaining() > 0) {
    ByteReader nal(reader.Bytes(reader.U16()));
    const NalHeader header = ReadNalHeader(nal);
    if (!reader.ok() || !nal.ok() || header.temporal_id_plus1 == 0) return false;
    if (!AddNal(header.type, nal.rest(), true, info)) return false;
  }
  return reader.ok();
}

// One fragment (section 4.4.3): start, end and type in one octet, then the fragment.
bool AddFragment(ByteReader reader, PayloadInfo& info) {
  const uint8_t header = reader.U8();
  if (!reader.ok() || reader.remaining() == 0) return false;
  return AddNal(header & 0x3f, reader.rest(), (header & 0x80) != 0, info);
}

bool AddPacket(uint8_t type, const ByteReader& reader, PayloadInfo& info) {
  switch (type) {
    case kAggregation:
      return AddAggregate(reader, info);
    case kFragmentation:
      return AddFragment(reader, info);
    default:
      return AddNal(type, reader.rest(), true, info);
  }
}

}  // namespace

PayloadInfo ParseH265(ByteView payload) {
  if (payload.size() < kNalHeaderSize) return {};
  ByteReader reader(payload);
  const NalHeader header = ReadNalHeader(reader);
  PayloadInfo info;
  if (header.temporal_id_plus1 == 0 || !AddPacket(header.type, reader, info)) return {};
  // The header of an aggregation packet has the lowest temporal id inside (section 4.4.2).
  info.has_temporal = true;
  info.temporal_layer = header.temporal_id_plus1 - 1;
  info.valid = true;
  return info;
}

}  // namespace sfu
