// A frame that is cut by the end of a piece is the only one that is copied, so there is at most one
// at a time; the next piece finishes it, or adds to it.
#include "ice/tcp_framing.h"

#include <algorithm>
#include <utility>

namespace sfu {
namespace {

// An empty queue keeps so much memory, and gives the rest back.
constexpr size_t kKeptBytes = 8 * 1024;

}  // namespace

bool StreamDeframer::Accept(size_t size) {
  if (size > kMaxFrame) {
    ++too_big_;
    skip_ = size;
    return false;
  }
  if (size == 0) ++empty_;
  return size > 0;
}

// Adds to the frame that was begun. Returns what is left of `chunk`.
MutableBytes StreamDeframer::Continue(MutableBytes chunk, std::vector<MutableBytes>* frames) {
  const auto take = [&](size_t wanted) {
    const MutableBytes part = chunk.first(std::min(wanted, chunk.size()));
    begun_.insert(begun_.end(), part.begin(), part.end());
    chunk = chunk.subspan(part.size());
  };
  if (begun_.size() < kFrameHeaderSize) {
    take(kFrameHeaderSize - begun_.size());
    if (begun_.size() < kFrameHeaderSize) return chunk;
    if (!Accept(LoadBe16(begun_.data()))) {
      begun_.clear();
      return chunk;
    }
  }
  const size_t whole = kFrameHeaderSize + LoadBe16(begun_.data());
  take(whole - begun_.size());
  if (begun_.size() == whole) {
    std::swap(begun_, finished_);
    begun_.clear();
    frames->push_back(MutableBytes(finished_).subspan(kFrameHeaderSize));
  }
  return chunk;
}

void StreamDeframer::Push(MutableBytes chunk, std::vector<MutableBytes>* frames) {
  while (!chunk.empty()) {
    if (skip_ > 0) {
      const size_t skipped = std::min(skip_, chunk.size());
      skip_ -= skipped;
      chunk = chunk.subspan(skipped);
    } else if (!begun_.empty() || chunk.size() < kFrameHeaderSize ||
               chunk.size() - kFrameHeaderSize < LoadBe16(chunk.data())) {
      chunk = Continue(chunk, frames);
    } else {
      const size_t size = LoadBe16(chunk.data());
      chunk = chunk.subspan(kFrameHeaderSize);
      if (!Accept(size)) continue;
      frames->push_back(chunk.first(size));
      chunk = chunk.subspan(size);
    }
  }
}

bool FrameQueue::Push(ByteView datagram) {
  const size_t framed = kFrameHeaderSize + datagram.size();
  if (datagram.size() > UINT16_MAX || framed > kMaxBytes - (bytes_.size() - head_)) return false;
  // Not for every packet: moving the rest to the front must pay.
  if (head_ >= kMaxBytes) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
  const size_t at = bytes_.size();
  bytes_.resize(at + kFrameHeaderSize);
  StoreBe16(bytes_.data() + at, static_cast<uint16_t>(datagram.size()));
  bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
  return true;
}

void FrameQueue::Consume(size_t size) {
  head_ += std::min(size, bytes_.size() - head_);
  if (!empty()) return;
  head_ = 0;
  bytes_.clear();
  if (bytes_.capacity() > kKeptBytes) bytes_.shrink_to_fit();
}

}  // namespace sfu
