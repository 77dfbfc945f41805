// RTP header extensions (RFC 8285): walking the block behind an RTP header, and building one.
//
// The block is what follows the 16-bit profile and the 16-bit length. Nothing here allocates, and
// no block, however broken, is an error: what cannot be read is as if it were not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace sfu {

// The two ways to code elements; a packet uses one of them for all of its elements.
enum class ExtensionForm : uint8_t {
  kOneByte,  // ids 1..14, 1..16 bytes each (RFC 8285, section 4.2)
  kTwoByte,  // ids 1..255, 0..255 bytes each (section 4.3)
};

inline constexpr uint16_t kOneByteExtensionProfile = 0xBEDE;
inline constexpr uint16_t kTwoByteExtensionProfile = 0x1000;  // the low 4 bits are free ("appbits")

constexpr uint16_t ExtensionProfile(ExtensionForm form) {
  return form == ExtensionForm::kOneByte ? kOneByteExtensionProfile : kTwoByteExtensionProfile;
}

// The smallest form that can carry an element of this id and size.
constexpr ExtensionForm FormFor(uint8_t id, size_t size) {
  return id <= 14 && size >= 1 && size <= 16 ? ExtensionForm::kOneByte : ExtensionForm::kTwoByte;
}

// One element. `data` points into the packet.
struct HeaderExtension {
  uint8_t id = 0;
  ByteView data;
};

// Reads a block. The bytes belong to the caller and must outlive the view and what comes out of it.
// A profile that is neither 0xBEDE nor 0x100x reads as an empty block.
class HeaderExtensionView {
 public:
  class Iterator {
   public:
    const HeaderExtension& operator*() const { return current_; }
    const HeaderExtension* operator->() const { return &current_; }
    Iterator& operator++() {
      Advance();
      return *this;
    }
    // Id 0 never names an element, so it marks the end.
    bool operator==(const Iterator& o) const {
      return current_.id == o.current_.id && current_.data.data() == o.current_.data.data();
    }

   private:
    friend class HeaderExtensionView;
    Iterator() = default;
    Iterator(ByteView rest, ExtensionForm form) : rest_(rest), form_(form) { Advance(); }
    void Advance();
    bool ReadOneByte();
    bool ReadTwoByte();

    ByteView rest_;
    ExtensionForm form_ = ExtensionForm::kOneByte;
    HeaderExtension current_;
  };

  HeaderExtensionView() = default;
  HeaderExtensionView(uint16_t profile, ByteView block);

  Iterator begin() const { return Iterator(block_, form_); }
  Iterator end() const { return Iterator(); }
  ExtensionForm form() const { return form_; }

  // The bytes of the first element with this id (1..255; 1..14 in the one-byte form). They may be
  // empty in the two-byte form.
  std::optional<ByteView> Find(uint8_t id) const;

 private:
  ByteView block_;
  ExtensionForm form_ = ExtensionForm::kOneByte;
};

// Builds a block into memory of the caller, without the profile and length in front.
class HeaderExtensionWriter {
 public:
  HeaderExtensionWriter(MutableBytes out, ExtensionForm form) : out_(out), form_(form) {}

  // Opens an element and returns its `size` bytes, to be filled by the caller. Nothing when the
  // form cannot carry this id or size, or when it would not fit once padded; the block is then
  // unchanged.
  std::optional<MutableBytes> Reserve(uint8_t id, size_t size);
  // The same, with the bytes at hand.
  bool Add(uint8_t id, ByteView data);
  // Pads with zeros to a whole number of 32-bit words and returns the size of the block in bytes.
  size_t Finish();

  uint16_t profile() const { return ExtensionProfile(form_); }

 private:
  MutableBytes out_;
  ExtensionForm form_;
  size_t size_ = 0;
};

}  // namespace sfu
