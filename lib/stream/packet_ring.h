// The packets of one received stream, kept for a while in sequence order: the one store from which
// every Consumer's retransmission history is derived.
//
// Slots are addressed by the unwrapped sequence number (RtpPacket::index). Bounded by time and by
// count. Touched by one Worker only; shared by reference count among those that read it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "rtp/rtp_packet.h"

namespace sfu {

class PacketRing {
 public:
  // A ring never holds more packets than this, whatever their age: 2 s of a 16 Mb/s stream. A power
  // of two.
  static constexpr size_t kMaxPackets = 4096;
  // How long a packet stays if there is room: what live repair needs (RTT and a few tries).
  static constexpr TimeDelta kVideoRetention = TimeDelta::Seconds(2);
  static constexpr TimeDelta kAudioRetention = TimeDelta::Seconds(1);

  explicit PacketRing(TimeDelta retention) : retention_(retention) {}
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;

  // Stores a packet under its index and lets go of those that are too old. A packet that is
  // kMaxPackets or more behind the newest is not stored.
  void Insert(RtpPacketRef packet);
  // The packet of that index, or null.
  const RtpPacket* Find(int64_t index) const;
  // Lets go of what arrived longer than the retention before `now`.
  void Expire(Timestamp now);
  void Clear();

  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }
  // Bounds of what Find() can find; meaningful unless empty().
  int64_t newest_index() const { return newest_; }
  int64_t oldest_index() const { return oldest_; }

 private:
  void Grow(size_t slots);
  void DropOldest();
  size_t Slot(int64_t index) const { return static_cast<size_t>(index) & (slots_.size() - 1); }

  const TimeDelta retention_;
  std::vector<RtpPacketRef> slots_;  // size is 0 or a power of two
  int64_t oldest_ = 0;               // no packet has a lower index
  int64_t newest_ = 0;
  size_t count_ = 0;
};

}  // namespace sfu
