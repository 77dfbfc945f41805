// A list with a fixed capacity and its items inside, for what RTCP bounds by its own field widths.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace sfu::rtcp {

template <typename T, size_t kCapacity>
class InlineList {
 public:
  // False when full; the list is then unchanged.
  bool Add(const T& item) {
    if (size_ == kCapacity) return false;
    items_[size_++] = item;
    return true;
  }
  static constexpr size_t capacity() { return kCapacity; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // `i` below size().
  const T& operator[](size_t i) const { return items_[i]; }
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + size_; }

 private:
  std::array<T, kCapacity> items_{};
  size_t size_ = 0;
};

}  // namespace sfu::rtcp
