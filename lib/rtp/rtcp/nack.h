// Generic NACK (RFC 4585, section 6.2.1): sequence numbers that are missing, as pairs of a number
// (PID) and a bit mask of the 16 that follow it (BLP).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "rtp/rtcp/common_header.h"
#include "rtp/sequence.h"

namespace sfu::rtcp {

// A NACK as received. It keeps pointing into the datagram.
class Nack {
 public:
  static constexpr size_t kItemSize = 4;

  // Nothing if the body is too short or does not end with an item.
  static std::optional<Nack> Parse(const CommonHeader& header, ByteView body);

  Ssrc sender_ssrc() const { return sender_ssrc_; }
  Ssrc media_ssrc() const { return media_ssrc_; }

  // Calls `f(SeqNum)` for each number asked for, in the order of the packet; some may come twice.
  // At most 17 per 4 bytes of datagram.
  template <typename F>
  void ForEach(F&& f) const {
    for (size_t i = 0; i + kItemSize <= items_.size(); i += kItemSize) {
      const SeqNum pid(LoadBe16(&items_[i]));
      f(pid);
      const uint16_t blp = LoadBe16(&items_[i + 2]);
      for (int bit = 0; bit < 16; ++bit) {
        if ((blp >> bit & 1) != 0) f(pid + (bit + 1));
      }
    }
  }

 private:
  Ssrc sender_ssrc_ = 0;
  Ssrc media_ssrc_ = 0;
  ByteView items_;
};

// A NACK to be sent.
struct NackRequest {
  Ssrc sender_ssrc = 0;
  Ssrc media_ssrc = 0;
  // In ascending order (of SeqNum) they take the least room. Not copied.
  std::span<const SeqNum> lost;

  // How many of `lost`, from the front, a NACK of at most `max_size` bytes holds; the others need
  // another one.
  static size_t CountFitting(std::span<const SeqNum> lost, size_t max_size);
  // False if it does not fit or nothing is lost.
  bool Write(ByteWriter& writer) const;
};

}  // namespace sfu::rtcp
