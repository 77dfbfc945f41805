#include "rtp/header_extension.h"

#include <algorithm>

namespace sfu {
namespace {

constexpr uint8_t kPaddingByte = 0;
constexpr uint8_t kOneByteStopId = 15;  // reserved; ends the walk (RFC 8285, section 4.2)

bool FormCarries(ExtensionForm form, uint8_t id, size_t size) {
  if (id == 0) return false;
  if (form == ExtensionForm::kTwoByte) return size <= 255;
  return id < kOneByteStopId && size >= 1 && size <= 16;
}

}  // namespace

HeaderExtensionView::HeaderExtensionView(uint16_t profile, ByteView block) {
  if (profile == kOneByteExtensionProfile) {
    block_ = block;
  } else if ((profile & 0xFFF0) == kTwoByteExtensionProfile) {
    block_ = block;
    form_ = ExtensionForm::kTwoByte;
  }
}

void HeaderExtensionView::Iterator::Advance() {
  while (!rest_.empty() && rest_[0] == kPaddingByte) rest_ = rest_.subspan(1);
  const bool found = form_ == ExtensionForm::kOneByte ? ReadOneByte() : ReadTwoByte();
  if (!found) *this = Iterator();
}

bool HeaderExtensionView::Iterator::ReadOneByte() {
  if (rest_.empty()) return false;
  const uint8_t id = rest_[0] >> 4;
  const size_t size = (rest_[0] & 0x0F) + size_t{1};
  // Id 0 with a length, and id 15, end the walk whatever follows (section 4.2).
  if (id == 0 || id == kOneByteStopId || size > rest_.size() - 1) return false;
  current_ = {id, rest_.subspan(1, size)};
  rest_ = rest_.subspan(1 + size);
  return true;
}

bool HeaderExtensionView::Iterator::ReadTwoByte() {
  if (rest_.size() < 2) return false;
  const size_t size = rest_[1];
  if (size > rest_.size() - 2) return false;
  current_ = {rest_[0], rest_.subspan(2, size)};
  rest_ = rest_.subspan(2 + size);
  return true;
}

std::optional<ByteView> HeaderExtensionView::Find(uint8_t id) const {
  for (const HeaderExtension& element : *this) {
    if (element.id == id) return element.data;
  }
  return std::nullopt;
}

std::optional<MutableBytes> HeaderExtensionWriter::Reserve(uint8_t id, size_t size) {
  if (!FormCarries(form_, id, size)) return std::nullopt;
  const size_t head = form_ == ExtensionForm::kOneByte ? 1 : 2;
  const size_t end = size_ + head + size;
  if ((end + 3) / 4 * 4 > out_.size()) return std::nullopt;
  if (form_ == ExtensionForm::kOneByte) {
    out_[size_] = static_cast<uint8_t>(id << 4 | (size - 1));
  } else {
    out_[size_] = id;
    out_[size_ + 1] = static_cast<uint8_t>(size);
  }
  const MutableBytes data = out_.subspan(size_ + head, size);
  size_ = end;
  return data;
}

bool HeaderExtensionWriter::Add(uint8_t id, ByteView data) {
  const std::optional<MutableBytes> room = Reserve(id, data.size());
  if (room) std::copy(data.begin(), data.end(), room->begin());
  return room.has_value();
}

size_t HeaderExtensionWriter::Finish() {
  while (size_ % 4 != 0) out_[size_++] = kPaddingByte;
  return size_;
}

}  // namespace sfu
