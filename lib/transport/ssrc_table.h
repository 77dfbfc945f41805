// Which receiver an SSRC belongs to: one look-up per packet, however many streams there are.
//
// Strangers choose SSRCs, so the hash has a secret factor, and the number of those that were learnt
// from packets is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rtp/sequence.h"
#include "transport/rtp_receiver.h"

namespace sfu {

class SsrcTable {
 public:
  // So many SSRCs may be known from packets alone; those that were signalled come on top.
  static constexpr size_t kMaxLearnt = 64;

  struct Entry {
    Ssrc ssrc = 0;
    RtpReceiver::Role role = RtpReceiver::Role::kNone;
    bool learnt = false;              // from a packet, not from signalling
    RtpReceiver* receiver = nullptr;  // null: a free place
  };

  explicit SsrcTable(uint64_t seed) : factor_(seed | 1) {}

  // Null if the SSRC is nobody's. Valid until the next change.
  const Entry* Find(Ssrc ssrc) const;
  // False, and nothing changed, if the SSRC is in the table or kMaxLearnt are learnt.
  bool Insert(const Entry& entry);
  // An SSRC that is not there is ignored.
  void Erase(Ssrc ssrc);
  void EraseAllOf(const RtpReceiver* receiver);

  size_t size() const { return size_; }
  size_t learnt() const { return learnt_; }

 private:
  size_t Home(Ssrc ssrc) const { return static_cast<size_t>(ssrc * factor_ >> 32) & mask(); }
  size_t mask() const { return slots_.size() - 1; }
  void Place(const Entry& entry);
  void Grow();

  const uint64_t factor_;
  std::vector<Entry> slots_;  // size is 0 or a power of two, at most half full
  size_t size_ = 0;
  size_t learnt_ = 0;
};

}  // namespace sfu
