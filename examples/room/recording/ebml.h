// EBML (RFC 8794), the form that Matroska files have: elements of an id, a size, and content. Knows
// no files.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace room::ebml {

using Bytes = std::vector<uint8_t>;

inline void PutBigEndian(Bytes& out, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<uint8_t>(value >> shift));
  }
}

// Ids are written as they stand, with their marker bit.
inline void PutId(Bytes& out, uint32_t id) { PutBigEndian(out, id, (std::bit_width(id) + 7) / 8); }

// A size in 8 bytes, so that it can be written anew later.
constexpr int kSizeBytes = 8;
constexpr uint64_t kUnknownSize = 0x00FF'FFFF'FFFF'FFFF;
inline void PutSize(Bytes& out, uint64_t size) {
  PutBigEndian(out, size | uint64_t{1} << 56, kSizeBytes);
}

// A size, or a track's number, in as few bytes as hold it. All bits set would mean unknown.
inline void PutShortSize(Bytes& out, uint64_t size) {
  int bytes = 1;
  while (size >= (uint64_t{1} << 7 * bytes) - 1) ++bytes;
  PutBigEndian(out, size | uint64_t{1} << 7 * bytes, bytes);
}

inline void PutBinary(Bytes& out, uint32_t id, std::span<const uint8_t> content) {
  PutId(out, id);
  PutShortSize(out, content.size());
  out.insert(out.end(), content.begin(), content.end());
}

inline void PutText(Bytes& out, uint32_t id, std::string_view text) {
  PutBinary(out, id, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

inline void PutUint(Bytes& out, uint32_t id, uint64_t value) {
  Bytes content;
  PutBigEndian(content, value, value == 0 ? 1 : (std::bit_width(value) + 7) / 8);
  PutBinary(out, id, content);
}

inline void PutFloat(Bytes& out, uint32_t id, double value) {
  Bytes content;
  PutBigEndian(content, std::bit_cast<uint64_t>(value), 8);
  PutBinary(out, id, content);
}

// Void: `bytes` (at least 1 + kSizeBytes) that mean nothing.
inline void PutVoid(Bytes& out, size_t bytes) {
  constexpr uint32_t kVoid = 0xEC;
  const size_t content = bytes - 1 - kSizeBytes;
  PutId(out, kVoid);
  PutSize(out, content);
  out.resize(out.size() + content);
}

}  // namespace room::ebml
