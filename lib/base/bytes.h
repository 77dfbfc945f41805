// Bounds-checked reading and writing of network-order integers.
//
// Both classes are "sticky": the first access past the end makes ok() false, reads return 0 and
// writes do nothing from then on. So a parser reads a whole structure and checks once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace sfu {

using ByteView = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

inline uint16_t LoadBe16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }
inline uint32_t LoadBe24(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 16 | static_cast<uint32_t>(p[1]) << 8 | p[2];
}
inline uint32_t LoadBe32(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 24 | LoadBe24(p + 1);
}
inline uint64_t LoadBe64(const uint8_t* p) {
  return static_cast<uint64_t>(LoadBe32(p)) << 32 | LoadBe32(p + 4);
}
inline void StoreBe16(uint8_t* p, uint16_t v) {
  p[0] = static_cast<uint8_t>(v >> 8);
  p[1] = static_cast<uint8_t>(v);
}
inline void StoreBe24(uint8_t* p, uint32_t v) {
  p[0] = static_cast<uint8_t>(v >> 16);
  StoreBe16(p + 1, static_cast<uint16_t>(v));
}
inline void StoreBe32(uint8_t* p, uint32_t v) {
  StoreBe16(p, static_cast<uint16_t>(v >> 16));
  StoreBe16(p + 2, static_cast<uint16_t>(v));
}
inline void StoreBe64(uint8_t* p, uint64_t v) {
  StoreBe32(p, static_cast<uint32_t>(v >> 32));
  StoreBe32(p + 4, static_cast<uint32_t>(v));
}

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  size_t position() const { return position_; }
  size_t remaining() const { return ok_ ? bytes_.size() - position_ : 0; }
  // What has not been read yet; empty after an error.
  ByteView rest() const { return bytes_.subspan(ok_ ? position_ : bytes_.size()); }

  uint8_t U8() { return Need(1) ? bytes_[position_++] : uint8_t{0}; }
  uint16_t U16() { return Need(2) ? LoadBe16(Take(2)) : uint16_t{0}; }
  uint32_t U24() { return Need(3) ? LoadBe24(Take(3)) : 0; }
  uint32_t U32() { return Need(4) ? LoadBe32(Take(4)) : 0; }
  uint64_t U64() { return Need(8) ? LoadBe64(Take(8)) : 0; }
  // The next `size` bytes; empty after an error.
  ByteView Bytes(size_t size) { return Need(size) ? ByteView(Take(size), size) : ByteView(); }
  void Skip(size_t size) {
    if (Need(size)) position_ += size;
  }

 private:
  bool Need(size_t size) {
    ok_ = ok_ && size <= bytes_.size() - position_;
    return ok_;
  }
  const uint8_t* Take(size_t size) {
    const uint8_t* p = bytes_.data() + position_;
    position_ += size;
    return p;
  }

  ByteView bytes_;
  size_t position_ = 0;
  bool ok_ = true;
};

class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes out) : out_(out) {}

  bool ok() const { return ok_; }
  size_t size() const { return position_; }
  size_t remaining() const { return ok_ ? out_.size() - position_ : 0; }

  void U8(uint8_t v) {
    if (Need(1)) out_[position_++] = v;
  }
  void U16(uint16_t v) {
    if (Need(2)) StoreBe16(Take(2), v);
  }
  void U24(uint32_t v) {
    if (Need(3)) StoreBe24(Take(3), v);
  }
  void U32(uint32_t v) {
    if (Need(4)) StoreBe32(Take(4), v);
  }
  void U64(uint64_t v) {
    if (Need(8)) StoreBe64(Take(8), v);
  }
  void Bytes(ByteView bytes) {
    if (Need(bytes.size()) && !bytes.empty()) {
      std::memcpy(Take(bytes.size()), bytes.data(), bytes.size());
    }
  }
  void Zeros(size_t size) {
    if (Need(size) && size > 0) std::memset(Take(size), 0, size);
  }

 private:
  bool Need(size_t size) {
    ok_ = ok_ && size <= out_.size() - position_;
    return ok_;
  }
  uint8_t* Take(size_t size) {
    uint8_t* p = out_.data() + position_;
    position_ += size;
    return p;
  }

  MutableBytes out_;
  size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace sfu
