// Puts RTCP packets one behind the other into memory of the caller.
#pragma once

#include "base/bytes.h"

namespace sfu::rtcp {

// Writes what it is given, in that order: a compound when a report comes first, and a reduced-size
// datagram (RFC 5506) otherwise. Which of the two the peer takes is for the caller to know.
class RtcpBuilder {
 public:
  explicit RtcpBuilder(MutableBytes out) : out_(out) {}

  // Appends any message of this folder that has `bool Write(ByteWriter&) const`. False, and nothing
  // appended, if it does not fit or cannot be written.
  template <typename Message>
  bool Add(const Message& message) {
    ByteWriter writer(out_.subspan(size_));
    if (!message.Write(writer)) return false;
    size_ += writer.size();
    return true;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t remaining() const { return out_.size() - size_; }
  // The datagram so far.
  MutableBytes bytes() const { return out_.first(size_); }
  // Starts again from the front.
  void Clear() { size_ = 0; }

 private:
  MutableBytes out_;
  size_t size_ = 0;
};

}  // namespace sfu::rtcp
