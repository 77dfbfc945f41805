// Datagrams on a stream, each behind its length in two bytes (RFC 4571, section 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace sfu {

inline constexpr size_t kFrameHeaderSize = 2;

// Takes the datagrams out of a stream as it comes in, in pieces of any size. Frames that lie within
// one piece are not copied.
class StreamDeframer {
 public:
  // Longer frames are passed over: nothing so long may be forwarded.
  static constexpr size_t kMaxFrame = 1500;

  // Appends to `frames` the frames that end within `chunk`, in order. They point into `chunk` or
  // into this object, are valid until the next call, and may be modified.
  void Push(MutableBytes chunk, std::vector<MutableBytes>* frames);

  uint64_t too_big() const { return too_big_; }  // frames longer than kMaxFrame
  uint64_t empty() const { return empty_; }      // frames of no bytes

 private:
  // True when a frame of `size` bytes is to be read; else it is counted.
  bool Accept(size_t size);
  MutableBytes Continue(MutableBytes chunk, std::vector<MutableBytes>* frames);

  std::vector<uint8_t> begun_;     // the beginning of a frame, its length too; at most
                                   // kFrameHeaderSize + kMaxFrame
  std::vector<uint8_t> finished_;  // the frame that was begun_, while the caller looks at it
  size_t skip_ = 0;                // bytes of a frame that is too big
  uint64_t too_big_ = 0;
  uint64_t empty_ = 0;
};

// Datagrams that wait to be written to a stream. Whole datagrams are refused when it is full, so
// that a slow reader loses packets and costs no more memory.
class FrameQueue {
 public:
  // Bytes that wait. The memory is at most twice that.
  static constexpr size_t kMaxBytes = 256 * 1024;

  // False when it does not fit, or is longer than a frame can be.
  bool Push(ByteView datagram);

  // What is to be written next.
  ByteView bytes() const { return ByteView(bytes_).subspan(head_); }
  // The first `size` bytes of it have been written.
  void Consume(size_t size);
  bool empty() const { return head_ == bytes_.size(); }

 private:
  std::vector<uint8_t> bytes_;
  size_t head_ = 0;  // bytes written already
};

}  // namespace sfu
